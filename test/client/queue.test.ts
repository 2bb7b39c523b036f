import assert from "node:assert/strict";
import fc from "fast-check";
import { Queue, Queueable, type QueueLimits } from "../../src/client/queue";

class Entry extends Queueable {
  constructor(
    readonly label: number,
    readonly bytes: number,
    since = 0,
  ) {
    super();
    this.since = since;
  }
}

const LIMITS: QueueLimits = { count: 3, bytes: 100, age: 1000, whenFull: "reject" };
const labels = (entries: Entry[]) => entries.map(({ label }) => label);

describe("Queue", () => {
  it("takes no more than its count, and no more than its bytes", () => {
    const queue = new Queue<Entry>(LIMITS);
    for (let i = 0; i < 3; i++) queue.add(new Entry(i, 10));
    assert.throws(() => queue.add(new Entry(3, 10)), { name: "QueueFull", message: /3 requests, 100 bytes/ });
    const wide = new Queue<Entry>(LIMITS);
    wide.add(new Entry(0, 60));
    assert.throws(() => wide.add(new Entry(1, 41)), { name: "QueueFull" });
    assert.equal(wide.bytes, 60);
  });

  it("drops as many of the oldest as a new one needs, and none for one that never fits", () => {
    const queue = new Queue<Entry>({ ...LIMITS, whenFull: "dropOldest" });
    for (let i = 0; i < 3; i++) queue.add(new Entry(i, 30));
    assert.deepEqual(labels(queue.add(new Entry(3, 60))), [0, 1]);
    assert.throws(() => queue.add(new Entry(4, 101)), { name: "QueueFull" });
    assert.deepEqual(labels(queue.clear()), [2, 3]);
  });

  it("lets go of what is too old, oldest first", () => {
    const queue = new Queue<Entry>(LIMITS);
    queue.add(new Entry(0, 1, 0));
    queue.add(new Entry(1, 1, 500));
    assert.equal(queue.nextExpiry(), 1000);
    assert.deepEqual(labels(queue.expire(999)), []);
    assert.deepEqual(labels(queue.expire(1000)), [0]);
    assert.equal(queue.nextExpiry(), 1500);
  });

  it("takes back at the front, even when it is full", () => {
    const queue = new Queue<Entry>(LIMITS);
    const first = new Entry(0, 40);
    queue.add(first);
    queue.remove(first);
    for (let i = 1; i < 4; i++) queue.add(new Entry(i, 30));
    queue.requeue(first);
    assert.equal(queue.count, 4);
    assert.deepEqual(labels(queue.clear()), [0, 1, 2, 3]);
  });

  it("is a list with bounds, whatever is done with it (fault 43)", () => {
    const command = fc.oneof(
      fc.record({ do: fc.constant("add" as const), bytes: fc.nat(60) }),
      fc.record({ do: fc.constant("remove" as const), at: fc.nat(5) }),
      fc.record({ do: fc.constant("requeue" as const), at: fc.nat(5) }),
      fc.record({ do: fc.constant("expire" as const), after: fc.nat(400) }),
    );
    const whenFull = fc.constantFrom("reject" as const, "dropOldest" as const);
    fc.assert(
      fc.property(whenFull, fc.array(command, { maxLength: 60, size: "max" }), (policy, commands) => {
        const queue = new Queue<Entry>({ ...LIMITS, whenFull: policy });
        const model: Entry[] = [];
        const removed: Entry[] = [];
        let now = 0;
        let count = 0;
        const fits = (entry: Entry) =>
          model.length < LIMITS.count &&
          entry.bytes + model.reduce((sum, { bytes }) => sum + bytes, 0) <= LIMITS.bytes;
        for (const step of commands) {
          if (step.do === "add") {
            const entry = new Entry(count++, step.bytes, now);
            const victims: Entry[] = [];
            while (policy === "dropOldest" && !fits(entry)) victims.push(model.shift() as Entry);
            if (fits(entry)) {
              model.push(entry);
              assert.deepEqual(labels(queue.add(entry)), labels(victims));
            } else assert.throws(() => queue.add(entry), { name: "QueueFull" });
          } else if (step.do === "remove") {
            const [entry] = model.splice(step.at, 1);
            if (entry) {
              queue.remove(entry);
              queue.remove(entry);
              removed.push(entry);
            }
          } else if (step.do === "requeue") {
            const [entry] = removed.splice(step.at, 1);
            if (entry) {
              queue.requeue(entry);
              model.unshift(entry);
            }
          } else if (step.do === "expire") {
            now += step.after;
            // Only what is at the front can be too old: the list is in order of age, but for what was taken back.
            const expired: Entry[] = [];
            while (model[0] && now - model[0].since >= LIMITS.age) expired.push(model.shift() as Entry);
            assert.deepEqual(labels(queue.expire(now)), labels(expired));
          }
          assert.equal(queue.count, model.length);
          assert.equal(
            queue.bytes,
            model.reduce((sum, { bytes }) => sum + bytes, 0),
          );
        }
        assert.deepEqual(labels(queue.clear()), labels(model));
      }),
      { numRuns: 300 },
    );
  });
});
