import assert from "node:assert/strict";
import fc from "fast-check";
import { RequestQueue, type QueueLimits } from "../../../src/client/requests/queue";
import type { Lane, PendingRequest } from "../../../src/client/requests/lane";
import { Lanes } from "../../../src/client/requests/lanes";
import { Observations } from "../../../src/client/requests/observations";
import { RequestIn } from "../../../src/client/requests/request";
import { ROUTES } from "../../../src/client/requests/routes";

const LIMITS: QueueLimits = { count: 3, bytes: 100, age: 1000, whenFull: "reject" };
/** Anew for each test. */
let lanes: Lanes;
const noop = (): void => undefined;

/** A request that is known by its number: each second one has the same lane. */
function entry(label: number, bytes: number, since = 0): PendingRequest {
  const lane = lanes.of(ROUTES.pushValues, `s${label % 2}`, 0);
  const request = new RequestIn(
    ROUTES.pushValues,
    lane,
    { label },
    "x".repeat(bytes),
    1000,
    noop,
    noop,
    noop,
  );
  request.since = since;
  return request;
}

const labels = (requests: readonly PendingRequest[]) =>
  requests.map(({ parameters }) => (parameters as { label: number }).label);

function waitingIn({ waiting }: Lane): PendingRequest[] {
  return [...waiting].map((place) => place.entry);
}

describe("The queue of requests", () => {
  beforeEach(() => {
    lanes = new Lanes(new Observations(1000));
  });

  it("takes no more than its count, and no more than its bytes", () => {
    const queue = new RequestQueue(LIMITS);
    for (let i = 0; i < 3; i++) queue.add(entry(i, 10));
    assert.throws(() => queue.add(entry(3, 10)), { name: "QueueFull", message: /3 requests, 100 bytes/ });
    const wide = new RequestQueue(LIMITS);
    wide.add(entry(0, 60));
    assert.throws(() => wide.add(entry(1, 41)), { name: "QueueFull" });
    assert.equal(wide.bytes, 60);
  });

  it("drops as many of the oldest as a new one needs, and none for one that never fits", () => {
    const queue = new RequestQueue({ ...LIMITS, whenFull: "dropOldest" });
    for (let i = 0; i < 3; i++) queue.add(entry(i, 30));
    assert.deepEqual(labels(queue.add(entry(3, 60))), [0, 1]);
    assert.throws(() => queue.add(entry(4, 101)), { name: "QueueFull" });
    assert.deepEqual(labels(queue.clear()), [2, 3]);
  });

  it("lets go of what is too old, oldest first", () => {
    const queue = new RequestQueue(LIMITS);
    queue.add(entry(0, 1, 0));
    queue.add(entry(1, 1, 500));
    assert.equal(queue.nextExpiry(), 1000);
    assert.deepEqual(labels(queue.expire(999)), []);
    assert.deepEqual(labels(queue.expire(1000)), [0]);
    assert.equal(queue.nextExpiry(), 1500);
  });

  it("takes back at the front, even when it is full", () => {
    const queue = new RequestQueue(LIMITS);
    const first = entry(0, 40);
    queue.add(first);
    queue.remove(first);
    for (let i = 1; i < 4; i++) queue.add(entry(i, 30));
    queue.requeue(first);
    assert.equal(queue.count, 4);
    assert.deepEqual(labels(queue.clear()), [0, 1, 2, 3]);
  });

  it("is a list with bounds, and of each lane too, whatever is done with it (fault 43)", () => {
    const command = fc.oneof(
      fc.record({ do: fc.constant("add" as const), bytes: fc.nat(60) }),
      fc.record({ do: fc.constant("remove" as const), at: fc.nat(5) }),
      fc.record({ do: fc.constant("requeue" as const), at: fc.nat(5) }),
      fc.record({ do: fc.constant("expire" as const), after: fc.nat(400) }),
    );
    const whenFull = fc.constantFrom("reject" as const, "dropOldest" as const);
    fc.assert(
      fc.property(whenFull, fc.array(command, { maxLength: 60, size: "max" }), (policy, commands) => {
        lanes = new Lanes(new Observations(1000));
        const queue = new RequestQueue({ ...LIMITS, whenFull: policy });
        const model: PendingRequest[] = [];
        const removed: PendingRequest[] = [];
        let now = 0;
        let count = 0;
        const fits = (request: PendingRequest) =>
          model.length < LIMITS.count &&
          request.bytes + model.reduce((sum, { bytes }) => sum + bytes, 0) <= LIMITS.bytes;
        for (const step of commands) {
          if (step.do === "add") {
            const request = entry(count++, step.bytes, now);
            const victims: PendingRequest[] = [];
            while (policy === "dropOldest" && !fits(request)) victims.push(model.shift() as PendingRequest);
            if (fits(request)) {
              model.push(request);
              assert.deepEqual(labels(queue.add(request)), labels(victims));
            } else assert.throws(() => queue.add(request), { name: "QueueFull" });
          } else if (step.do === "remove") {
            const [request] = model.splice(step.at, 1);
            if (request) {
              queue.remove(request);
              removed.push(request);
            }
          } else if (step.do === "requeue") {
            const [request] = removed.splice(step.at, 1);
            if (request) {
              queue.requeue(request);
              model.unshift(request);
            }
          } else if (step.do === "expire") {
            now += step.after;
            // Only what is at the front can be too old: the list is in order of age, but for what was taken back.
            const expired: PendingRequest[] = [];
            while (model[0] && now - model[0].since >= LIMITS.age)
              expired.push(model.shift() as PendingRequest);
            assert.deepEqual(labels(queue.expire(now)), labels(expired));
          }
          assert.equal(queue.count, model.length);
          assert.equal(
            queue.bytes,
            model.reduce((sum, { bytes }) => sum + bytes, 0),
          );
          for (const lane of lanes.all()) {
            assert.deepEqual(
              labels(waitingIn(lane)),
              labels(model.filter((request) => request.lane === lane)),
            );
          }
        }
        assert.deepEqual(labels(queue.clear()), labels(model));
      }),
      { numRuns: 300 },
    );
  });
});
