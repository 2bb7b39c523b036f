/** The outbox's promises, on a disk in memory, with a clock and an agent that the test moves. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import { IotError, agentError } from "../../src/protocol/errors";
import { endedIn } from "../../src/outbox/ledger";
import { Outbox, type OutboxCounters, type OutboxEnding, type OutboxSettings } from "../../src/outbox/outbox";
import type { OutboxRecord } from "../../src/outbox/record";
import type { Store } from "../../src/outbox/store";
import { MemoryStore } from "../support/memory-store";

/** Everything that the outbox takes from outside, in the test's hands. */
class World {
  readonly store = new MemoryStore();
  readonly endings: OutboxEnding[] = [];
  readonly arrived: OutboxRecord[] = [];
  /** Those that arrived as live values when they did so for the first time. */
  readonly live = new Set<number>();
  readonly inFlight: { record: OutboxRecord; confirm: () => void; fail: (error: IotError) => void }[] = [];
  now = 1_000_000;
  private timers: { at: number; callback: () => void }[] = [];
  /** The newest record when the connection came up; absent without one. */
  private newest: number | undefined;
  outbox: Outbox;

  constructor(private readonly settings: Partial<OutboxSettings> = {}) {
    this.outbox = this.start();
  }

  start(): Outbox {
    this.timers = [];
    this.inFlight.length = 0;
    this.newest = undefined;
    const outbox: Outbox = new Outbox(
      { directory: "", count: 1000, bytes: 1e9, age: 0, whenFull: "reject", ...this.settings },
      (record) =>
        new Promise<void>((confirm, fail) => {
          const isFirst = this.arrived.every(({ sequence }) => sequence !== record.sequence);
          if (isFirst && record.sequence > (this.newest ?? Infinity)) this.live.add(record.sequence);
          this.arrived.push(record);
          this.inFlight.push({ record, confirm, fail });
        }),
      {
        store: this.diskOf(() => this.outbox === outbox),
        random: () => 0.5,
        clock: {
          now: () => this.now,
          monotonic: () => this.now,
          after: (delay, callback) => {
            const timer = { at: this.now + delay, callback };
            this.timers.push(timer);
            return () => {
              this.timers = this.timers.filter((other) => other !== timer);
            };
          },
          soon: (run) => void setImmediate(run),
        },
      },
    );
    outbox.on("ended", (ending) => {
      if (this.outbox === outbox) this.endings.push(ending);
    });
    return outbox;
  }

  /** The disk as one process has it: what a killed one had still in mind never gets there. */
  private diskOf(isAlive: () => boolean): Store {
    const { store } = this;
    const unlessKilled = <T>(work: () => Promise<T>): Promise<T> =>
      isAlive() ? work() : new Promise(() => undefined);
    return {
      open: () => unlessKilled(() => store.open()),
      commit: (changes) => unlessKilled(() => store.commit(changes)),
      read: (sequence) => unlessKilled(() => store.read(sequence)),
      close: () => unlessKilled(() => store.close()),
    };
  }

  /** As kill -9 and a new process: memory is gone, the disk stays. */
  async restart(): Promise<void> {
    this.outbox = this.start();
    await this.outbox.open();
    await settle();
  }

  async tick(time: number): Promise<void> {
    this.now += time;
    const due = this.timers.filter(({ at }) => at <= this.now);
    this.timers = this.timers.filter(({ at }) => at > this.now);
    for (const { callback } of due) callback();
    await settle();
  }

  async push(value: number, sensorId = "s"): Promise<{ sequence: number; timestamp: number }> {
    const receipt = await this.outbox.accept({ owner: "n", sensorId, metrics: [{ metricId: "m", value }] });
    await settle();
    return receipt;
  }

  /** Values of the metrics `a` and `b`. */
  async pushTwo(sensorId: string): Promise<void> {
    const metrics = [
      { metricId: "a", value: 1 },
      { metricId: "b", value: 2 },
    ];
    await this.outbox.accept({ owner: "n", sensorId, metrics });
  }

  async connect(connected = true): Promise<void> {
    this.newest = connected ? (this.newest ?? this.store.ledger.accepted) : undefined;
    this.outbox.setConnected(connected);
    await settle();
  }

  async answer(error?: IotError): Promise<void> {
    const request = this.inFlight.shift();
    if (error === undefined) request?.confirm();
    else request?.fail(error);
    await settle();
  }
}

/** Lets everything that is only waiting for promises run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 40; turn++) await Promise.resolve();
}

const lost = () => new IotError("ConnectionLost", { details: { host: "h", port: 1 } });
const assertBalanced = ({ pending, bytes, replayed, ...ledger }: OutboxCounters) => {
  void [bytes, replayed];
  assert.equal(ledger.accepted, endedIn(ledger) + pending);
};
const values = (records: OutboxRecord[]) => records.map(({ metrics }) => metrics[0]?.value);

describe("the outbox", () => {
  it("sends nothing before there is a connection, then oldest first, one at a time per sensor", async () => {
    const world = new World();
    for (const value of [1, 2, 3]) await world.push(value);
    assert.equal(world.arrived.length, 0);
    await world.connect();
    assert.deepEqual(values(world.arrived), [1]);
    await world.answer();
    await world.answer();
    await world.answer();
    assert.deepEqual(values(world.arrived), [1, 2, 3]);
    assert.equal(world.store.records.size, 0);
  });

  it("serves sensors in turn, so that one sensor's backlog does not hold up another's live value", async () => {
    const world = new World();
    for (let value = 0; value < 50; value++) await world.push(value, "backlog");
    await world.push(100, "live");
    await world.connect();
    assert.deepEqual(values(world.arrived), [0, 100]);
  });

  it("sends again with the same timestamp after silence and after errors 1 and 3, and marks the repetition", async () => {
    const world = new World();
    const { timestamp } = await world.push(1);
    await world.connect();
    for (const error of [
      new IotError("ReplyTimeout", { details: { seconds: 10 } }),
      agentError(1, ""),
      agentError(3, ""),
    ]) {
      await world.answer(error);
      assert.equal(world.inFlight.length, 0);
      await world.tick(60_000);
    }
    await world.answer();
    assert.deepEqual(
      world.arrived.map((record) => record.timestamp),
      [timestamp, timestamp, timestamp, timestamp],
    );
    assert.equal(world.endings.length, 1);
    assert.deepEqual([world.endings[0]?.outcome, world.endings[0]?.maybeDuplicate], ["delivered", true]);
  });

  it("takes any other code for the agent's verdict and goes on with the next", async () => {
    const world = new World();
    await world.push(1);
    await world.push(2);
    await world.connect();
    await world.answer(agentError(15, "no such sensor"));
    await world.answer();
    assert.deepEqual(
      world.endings.map(({ outcome, error }) => [outcome, error?.name]),
      [
        ["rejected", "UnknownSensorId"],
        ["delivered", undefined],
      ],
    );
  });

  it("counts a partial failure as delivered, and tells which metrics were refused", async () => {
    const world = new World();
    await world.pushTwo("s");
    await world.connect();
    await world.answer(agentError(27, "some failed", { metrics: ["b"] }));
    assert.deepEqual([world.endings[0]?.outcome, world.endings[0]?.error?.metrics], ["delivered", ["b"]]);
  });

  it("sets aside a record whose sending breaks the connection again and again, and delivers the next (fault 38)", async () => {
    const world = new World();
    await world.push(1);
    await world.push(2);
    await world.connect();
    for (let broken = 0; broken < 5; broken++) {
      await world.answer(lost());
      await world.tick(1000);
    }
    await world.answer();
    assert.deepEqual(
      world.endings.map(({ outcome, error }) => [outcome, error?.name]),
      [
        ["rejected", "DeliveryGivenUp"],
        ["delivered", undefined],
      ],
    );
  });

  it("refuses new pushes when it is full, or drops exactly the oldest, and tells each once (fault 36)", async () => {
    const reject = new World({ count: 2 });
    await reject.push(1);
    await reject.push(2);
    await assert.rejects(reject.push(3), { name: "OutboxFull", message: /full \(2 pushes, \d+ bytes\)/ });

    const drop = new World({ count: 2, whenFull: "dropOldest" });
    await Promise.all([1, 2, 3, 4].map((value) => drop.push(value)));
    assert.deepEqual(
      drop.endings.map(({ outcome, record }) => [outcome, record.metrics[0]?.value]),
      [
        ["dropped", 1],
        ["dropped", 2],
      ],
    );
    assert.deepEqual(values([...drop.store.records.values()]), [3, 4]);
  });

  it("refuses a push that is larger than the whole store, and drops nothing for it", async () => {
    const world = new World({ bytes: 1000, whenFull: "dropOldest" });
    await world.push(1);
    const large = { owner: "n", sensorId: "s", metrics: [{ metricId: "m", value: "x".repeat(2000) }] };
    await assert.rejects(world.outbox.accept(large), { name: "OutboxFull" });
    assert.equal(world.outbox.counters.pending, 1);
  });

  it("gives up what is older than the limit, also while offline, and never sends it (fault 37)", async () => {
    const world = new World({ age: 10_000 });
    await world.push(1);
    for (let second = 0; second < 15; second++) await world.tick(1000);
    assert.deepEqual(
      world.endings.map(({ outcome }) => outcome),
      ["expired"],
    );
    await world.connect();
    assert.equal(world.arrived.length, 0);
  });

  it("gives up only what is too old, whatever happens while it looks", async () => {
    const world = new World({ age: 10_000 });
    await world.push(1);
    world.now += 8000;
    await world.push(2);
    const { store } = world;
    const first = store.records.get(1);
    let goOn: () => void = () => assert.fail("it does not look");
    store.read = () => new Promise((resolve) => (goOn = () => resolve(first)));
    await world.tick(2500);
    store.read = (sequence) => Promise.resolve(store.records.get(sequence));
    await world.connect();
    await world.answer(agentError(1, "")); // The second: the first was too old to be sent.
    goOn();
    await settle();
    assert.deepEqual(
      world.endings.map(({ outcome, record }) => [outcome, record.metrics[0]?.value]),
      [["expired", 1]],
    );
  });

  it("counts the same bytes for a record before and after a restart", async () => {
    const world = new World();
    const push = { owner: "ü", sensorId: "s", metrics: [{ metricId: "m", value: 'a "quoted" ü' }] };
    await world.outbox.accept(push);
    const { bytes } = world.outbox.counters;
    await world.restart();
    assert.equal(world.outbox.counters.bytes, bytes);
  });

  it("gives each push of a sensor a later timestamp than the one before, whatever small change is made to the clock (fault 34)", async () => {
    const world = new World();
    const receipts = [];
    for (const jump of [0, 0, -59_000, 3_600_000]) {
      world.now += jump;
      receipts.push((await world.push(1)).timestamp);
    }
    assert.deepEqual(
      receipts,
      [...new Set(receipts)].sort((a, b) => a - b),
    );
  });

  it("gives a push a later timestamp than those that wait from before a restart, whoever gave them theirs (fault 45)", async () => {
    const world = new World();
    const push = { owner: "n", sensorId: "s", metrics: [{ metricId: "m", value: 1 }] };
    await world.outbox.accept({ ...push, timestamp: world.now + 5000 });
    world.outbox = world.start();
    assert.equal((await world.push(2)).timestamp, world.now + 5001);
  });

  it("does not keep the time of a clock that was wrong when it is set right (fault 34)", async () => {
    const world = new World();
    world.now = Date.UTC(2027, 10, 23);
    await world.push(1);
    world.now = Date.UTC(2026, 10, 23);
    assert.equal((await world.push(2)).timestamp, world.now);
    assert.equal((await world.push(3)).timestamp, world.now + 1);
  });

  it("keeps what it cannot read while the disk refuses, and sends it when the disk does not (fault 30)", async () => {
    const world = new World({ age: 3_600_000 });
    const { store } = world;
    await world.push(1);
    store.read = () =>
      Promise.reject(new IotError("OutboxUnwritable", { details: { path: "p", code: "ENOSPC" } }));
    await world.connect();
    await world.tick(60_000);
    assert.deepEqual([world.outbox.counters.pending, world.outbox.counters.corrupt], [1, 0]);
    store.read = (sequence) => Promise.resolve(store.records.get(sequence));
    await world.tick(10_000);
    await world.answer();
    assert.equal(world.outbox.counters.delivered, 1);
  });

  it("drops nothing more for pushes that a disk refuses, once it is known to refuse (fault 30)", async () => {
    const world = new World({ count: 3, whenFull: "dropOldest" });
    for (const value of [1, 2, 3]) await world.push(value);
    world.store.failure = new IotError("OutboxUnwritable", { details: { path: "p", code: "ENOSPC" } });
    for (const value of [4, 5, 6]) await assert.rejects(world.push(value), { name: "OutboxUnwritable" });
    assert.deepEqual([world.outbox.counters.dropped, world.outbox.counters.pending], [1, 2]);
    world.store.failure = undefined;
    await world.push(7);
    await world.push(8);
    assert.deepEqual(values([...world.store.records.values()]), [3, 7, 8]);
  });

  it("counts what it has to drop while the disk refuses to say what it was", async () => {
    const world = new World({ count: 1, whenFull: "dropOldest" });
    await world.push(1);
    world.store.read = () => Promise.reject(new IotError("OutboxUnwritable"));
    await world.push(2);
    await settle();
    const { accepted, dropped, pending } = world.outbox.counters;
    assert.deepEqual([accepted, dropped, pending], [2, 1, 1]);
  });

  it("says at once that the disk refuses, keeps nothing of that push, and goes on when the disk does (fault 30)", async () => {
    const world = new World();
    await world.push(1);
    world.store.failure = new IotError("OutboxUnwritable", { details: { path: "p", code: "ENOSPC" } });
    await assert.rejects(world.push(2), { name: "OutboxUnwritable" });
    await world.connect();
    await world.answer(); // Delivered, though its removal cannot be written.
    assert.equal(world.endings.length, 1);
    world.store.failure = undefined;
    await world.push(3);
    assert.deepEqual(values([...world.store.records.values()]), [3]);
    const { pending, ...ledger } = world.outbox.counters;
    assert.deepEqual([ledger.accepted, ledger.delivered, pending], [2, 1, 1]);
  });

  it("keeps what was not sent because somebody disconnected or reconnected, and does not call it a repetition", async () => {
    const world = new World();
    await world.push(1);
    await world.connect();
    await world.answer(new IotError("Disconnected"));
    await world.answer(new IotError("NotConnected", { details: { why: "" } }));
    assert.deepEqual([world.endings.length, world.outbox.counters.pending], [0, 1]);
    await world.tick(1000);
    await world.answer();
    assert.deepEqual([world.endings[0]?.outcome, world.endings[0]?.maybeDuplicate], ["delivered", false]);
  });

  it("is not emptied into an agent that does not serve this client, and says so (fault 24)", async () => {
    const world = new World();
    const told: string[] = [];
    world.outbox.on("unserved", ({ name }) => told.push(name));
    await world.push(1, "a");
    await world.push(2, "b");
    await world.connect();
    for (let round = 0; round < 5; round++) {
      while (world.inFlight.length > 0) await world.answer(agentError(18, "not yours"));
      await world.tick(60_000);
    }
    assert.deepEqual([world.endings.length, world.outbox.counters.pending], [0, 2]);
    assert.equal(told[0], "ForbiddenAccess");
    // It serves us again, but for one record: then that record is what it refuses.
    await world.answer(agentError(18, "not yours"));
    await world.answer();
    await world.tick(60_000);
    await world.answer(agentError(18, "not yours"));
    assert.deepEqual(world.endings.map(({ outcome }) => outcome).sort(), ["delivered", "rejected"]);
  });

  it("takes a push that was taken in part for a sign that the agent serves this client", async () => {
    const world = new World();
    await world.push(1, "refused");
    await world.pushTwo("taken in part");
    await world.connect();
    await world.answer(agentError(18, "not yours"));
    await world.answer(agentError(27, "some failed", { metrics: ["b"] }));
    await world.tick(60_000);
    await world.answer(agentError(18, "not yours"));
    assert.deepEqual(
      world.endings.map(({ outcome, record }) => [outcome, record.sensorId]),
      [
        ["delivered", "taken in part"],
        ["rejected", "refused"],
      ],
    );
  });

  it("tries to open a store that cannot be opened now and then, however many pushes come", async () => {
    const world = new World();
    world.store.refusesToOpen = new IotError("OutboxLocked", { details: { path: "p" } });
    for (let push = 0; push < 20; push++) await assert.rejects(world.push(push), { name: "OutboxLocked" });
    const { opens } = world.store;
    await world.tick(10_000);
    assert.equal(world.store.opens, opens + 1);
    world.store.refusesToOpen = undefined;
    await world.tick(10_000);
    await world.push(1);
    assert.equal(world.outbox.counters.pending, 1);
  });

  it("refuses bad values with the field's name and keeps nothing of them", async () => {
    const world = new World();
    await assert.rejects(world.push(Number.NaN), {
      name: "InvalidInput",
      message: /value of metric m is NaN/,
    });
    await assert.rejects(world.push(1, "a/b"), { name: "InvalidInput", message: /^Sensor ID is "a\/b"/ });
    assert.equal(world.store.records.size, 0);
  });

  it("sends what comes while there is a connection before what waits since an outage, each in its order", async () => {
    const world = new World();
    for (const value of [1, 2, 3]) await world.push(value);
    await world.connect();
    for (const value of [10, 11]) await world.push(value);
    for (let answer = 0; answer < 5; answer++) await world.answer();
    assert.deepEqual(values(world.arrived), [1, 10, 11, 2, 3]);
    assert.deepEqual([world.outbox.counters.delivered, world.outbox.counters.replayed], [5, 3]);
  });

  it("lets no backlog, however long and of however many sensors, take the place of a live value", async () => {
    const world = new World();
    for (let sensor = 0; sensor < 40; sensor++)
      for (const value of [0, 1]) await world.push(value, `old ${sensor}`);
    await world.connect();
    // The agent answers nothing: what is in flight stays there.
    for (let sensor = 0; sensor < 8; sensor++) await world.push(100 + sensor, `live ${sensor}`);
    assert.deepEqual(values(world.arrived), [0, 0, 0, 0, 100, 101, 102, 103, 104, 105, 106, 107]);
  });

  it("sends a backlog at the pace that is set, in records and in bytes, and live values without one", async () => {
    for (const pace of [
      { records: 2, bytes: 0 },
      { records: 0, bytes: 380 },
    ]) {
      const world = new World({ replay: { ...pace, order: "liveFirst" } });
      for (let value = 0; value < 10; value++) await world.push(value);
      await world.connect();
      await world.answer();
      for (let second = 1; second <= 3; second++) {
        await world.push(second * 100);
        await world.answer();
        for (const half of [500, 500]) {
          await world.tick(half);
          await world.answer();
        }
      }
      assert.deepEqual(values(world.arrived), [0, 100, 1, 2, 200, 3, 4, 300, 5, 6], JSON.stringify(pace));
      const { waiting, rate, seconds } = world.outbox.replay;
      assert.deepEqual([waiting, Math.round(rate), Math.round(seconds ?? 0)], [3, 2, 1]);
    }
  });

  it("keeps the pace of a backlog also where many sensors have one", async () => {
    const world = new World({ replay: { records: 1, bytes: 0, order: "liveFirst" } });
    for (let sensor = 0; sensor < 20; sensor++) await world.push(sensor, `s${sensor}`);
    await world.connect();
    assert.equal(world.arrived.length, 1);
    for (let second = 0; second < 5; second++) {
      await world.answer();
      await world.tick(1000);
    }
    assert.equal(world.arrived.length, 6);
  });

  it("takes live values that an outage cut off for its backlog, behind what waited before, but for one that was tried", async () => {
    const world = new World();
    for (const value of [1, 2]) await world.push(value);
    await world.connect();
    for (const value of [10, 11, 12]) await world.push(value);
    await world.answer();
    assert.deepEqual(values(world.arrived), [1, 10]);
    await world.connect(false);
    await world.answer(lost());
    await world.push(13);
    await world.connect();
    await world.tick(1000);
    for (let answer = 0; answer < 6; answer++) await world.answer();
    assert.deepEqual(values(world.arrived), [1, 10, 2, 10, 11, 12, 13]);
    const marked = world.endings.filter(({ maybeDuplicate }) => maybeDuplicate);
    assert.deepEqual(values(marked.map(({ record }) => record)), [10]);
  });

  it("takes what waits since before a restart for its backlog, also where the connection is there before the store is read", async () => {
    const world = new World({ replay: { records: 1, bytes: 0, order: "liveFirst" } });
    for (const value of [1, 2, 3]) await world.push(value);
    world.outbox = world.start();
    await world.connect();
    await world.push(10);
    for (let answer = 0; answer < 2; answer++) await world.answer();
    assert.deepEqual(values(world.arrived), [1, 10]);
    assert.equal(world.outbox.replay.waiting, 2);
  });

  it("holds no live value up behind a stored one that the agent cannot take now", async () => {
    const world = new World();
    await world.push(1);
    await world.connect();
    await world.answer(agentError(1, ""));
    await world.push(10);
    assert.deepEqual(values(world.arrived), [1, 10]);
  });

  it("keeps the order of a sensor where that is asked for, and lets other sensors' values go first", async () => {
    const world = new World({ replay: { records: 1, bytes: 0, order: "inOrder" } });
    for (const value of [1, 2]) await world.push(value);
    await world.connect();
    await world.push(10);
    await world.push(100, "other");
    for (let second = 0; second < 3; second++) {
      while (world.inFlight.length > 0) await world.answer();
      await world.tick(1000);
    }
    await world.push(11);
    assert.deepEqual(values(world.arrived), [1, 100, 2, 10, 11]);
  });

  it("tells how long the oldest record has waited", async () => {
    const world = new World();
    assert.equal(await world.outbox.oldestAge(), undefined);
    await world.push(1);
    world.now += 5000;
    await world.push(2, "other");
    assert.equal(await world.outbox.oldestAge(), 5000);
    await world.connect();
    await world.answer();
    assert.equal(await world.outbox.oldestAge(), 0);
  });

  it("after any history has its books right, loses nothing, keeps each sensor's order and repeats only what it marks (fault 43)", async () => {
    const command = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record({ do: fc.constant("push" as const), sensor: fc.integer({ min: 0, max: 3 }) }),
      },
      { weight: 6, arbitrary: fc.constant({ do: "answer" as const }) },
      { weight: 1, arbitrary: fc.constantFrom({ do: "refuse" as const }, { do: "unavailable" as const }) },
      { weight: 2, arbitrary: fc.constantFrom({ do: "disconnect" as const }, { do: "connect" as const }) },
      { weight: 1, arbitrary: fc.constant({ do: "kill" as const }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("tick" as const), time: fc.nat(70_000) }) },
    );
    /** A look can come at any moment, also while something is being written. */
    const looks = fc.nat(30);
    const policy = fc.record({
      count: fc.integer({ min: 1, max: 12 }),
      whenFull: fc.constantFrom("reject" as const, "dropOldest" as const),
      age: fc.constantFrom(0, 100_000),
      replay: fc.record({
        records: fc.constantFrom(0, 1),
        bytes: fc.constant(0),
        order: fc.constantFrom("liveFirst" as const, "inOrder" as const),
      }),
    });
    await fc.assert(
      fc.asyncProperty(
        policy,
        fc.array(fc.tuple(command, looks), { maxLength: 120, size: "max" }),
        async (settings, steps) => {
          const world = new World(settings);
          await world.outbox.open();
          let accepted = 0;
          const confirmed = new Map<number, number>();
          const take = async ([step]: (typeof steps)[number]) => {
            if (step.do === "push") {
              await world.push(accepted, `s${step.sensor}`).then(
                () => accepted++,
                (error: IotError) => assert.equal(error.name, "OutboxFull"),
              );
            } else if (step.do === "answer") {
              const sequence = world.inFlight[0]?.record.sequence;
              if (sequence !== undefined) confirmed.set(sequence, (confirmed.get(sequence) ?? 0) + 1);
              await world.answer();
            } else if (step.do === "refuse") await world.answer(agentError(4, ""));
            else if (step.do === "unavailable") await world.answer(agentError(1, ""));
            else if (step.do === "connect") await world.connect();
            else if (step.do === "disconnect") {
              await world.connect(false);
              while (world.inFlight.length > 0) await world.answer(lost());
            } else if (step.do === "kill") await world.restart();
            else await world.tick(step.time);
          };
          for (const step of steps) {
            const taken = take(step);
            for (let look = 0; look < step[1]; look++) {
              await Promise.resolve();
              if (world.outbox.isOpen) assertBalanced(world.outbox.counters);
            }
            await taken;

            const { pending, replayed, delivered } = world.outbox.counters;
            assertBalanced(world.outbox.counters);
            assert.equal(world.outbox.counters.accepted, accepted);
            assert.equal(pending, world.store.records.size);
            assert.ok(pending <= settings.count && replayed <= delivered);
          }
          const ended = world.endings.map(({ record }) => record.sequence);
          assert.equal(new Set(ended).size, ended.length, "a record ended twice");
          for (const [sequence, times] of confirmed) {
            const ending = world.endings.find(({ record }) => record.sequence === sequence);
            assert.ok(times === 1 || ending?.maybeDuplicate, "a repetition that is not marked");
          }
          for (const sensor of ["s0", "s1", "s2", "s3"]) {
            const arrived = world.arrived.filter(({ sensorId }) => sensorId === sensor);
            const all = [...new Set(arrived.map(({ sequence }) => sequence))];
            const isLive = (sequence: number): boolean => world.live.has(sequence);
            const ordered =
              settings.replay.order === "inOrder"
                ? [all]
                : [all.filter(isLive), all.filter((sequence) => !isLive(sequence))];
            for (const sequences of ordered)
              assert.deepEqual(
                sequences,
                [...sequences].sort((a, b) => a - b),
                "out of order",
              );
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
