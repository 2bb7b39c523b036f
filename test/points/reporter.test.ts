/** When values are reported: each strategy, all of them against a model of plain code, and what they keep in memory. */
import assert from "node:assert/strict";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { WINDOWS } from "../../src/points/columns";
import type { Value } from "../../src/points/conversion";
import { Reporter, type Report } from "../../src/points/reporter";
import { EVERYTHING, strategyOf, type Strategy } from "../../src/points/strategy";

const SECOND = 1000;

/** A series that gets values at times, and what was sent when. */
class Trial {
  readonly sent: [at: number, value: Value][] = [];
  readonly times: (number | undefined)[] = [];

  constructor(
    readonly strategy: Strategy,
    readonly reporter = new Reporter(),
  ) {}

  give(at: number, value: Value, isForced = false): this {
    this.pass(at);
    const report: Report = { sensorId: "s", metricId: "m", value, time: undefined };
    if (this.reporter.offer(report, this.strategy, { now: at, wall: at }, isForced))
      this.sent.push([at, value]);
    this.assertWhole();
    return this;
  }

  pass(to: number): this {
    for (let next = this.reporter.nextDue; next <= to; next = this.reporter.nextDue)
      for (const { value, time } of this.reporter.due({ now: next, wall: next })) {
        this.sent.push([next, value]);
        this.times.push(time);
      }
    this.assertWhole();
    return this;
  }

  assertWhole(): void {
    const { received, sent, suppressed, waiting } = this.reporter.counts;
    const gone = Object.values(suppressed).reduce((sum, count) => sum + count, 0);
    assert.equal(received, sent + gone + waiting);
  }
}

const trial = (strategy: Partial<Strategy>): Trial => new Trial({ ...EVERYTHING, ...strategy });

describe("Values are reported", () => {
  it("each of them, where nothing else is said", () => {
    const { sent } = trial({}).give(0, 1).give(1, 1).give(2, 1);
    assert.equal(sent.length, 3);
  });

  it("on change", () => {
    const { sent, reporter } = trial({ report: "change" })
      .give(0, 1)
      .give(1, 1)
      .give(2, 2)
      .give(3, "2")
      .give(4, "2");
    assert.deepEqual(
      sent.map(([at]) => at),
      [0, 2, 3],
    );
    assert.equal(reporter.counts.suppressed.change, 2);
  });

  it("when they leave a dead-band around what was sent last, not around what came last", () => {
    const absolute = trial({ report: "absolute", band: 0.1 });
    for (const [at, value] of [20.5, 20.6, 20.61, 20.7, 20.51].entries()) absolute.give(at, value);
    assert.deepEqual(
      absolute.sent.map(([, value]) => value),
      [20.5, 20.61],
    );
    assert.equal(absolute.reporter.counts.suppressed.deadband, 3);
    const percent = trial({ report: "percent", band: 10 });
    for (const [at, value] of [100, 109, 111, 100, 0, 0.001].entries()) percent.give(at, value);
    assert.deepEqual(
      percent.sent.map(([, value]) => value),
      [100, 111, 0, 0.001],
    );
  });

  it("at most every so often: the first at once, then the latest when the time is over", () => {
    const { sent, times, reporter } = trial({ atMost: 10 })
      .give(0, 1)
      .give(3, 2)
      .give(6, 3)
      .pass(30)
      .give(31, 4)
      .pass(60);
    assert.deepEqual(sent, [
      [0, 1],
      [10, 3],
      [31, 4],
    ]);
    assert.deepEqual(times, [6]);
    assert.equal(reporter.counts.suppressed.atMost, 1);
  });

  it("as mean, least, most or last of a window, with the time of that value", () => {
    for (const [window, value, time] of [
      ["mean", 2.33, 18],
      ["min", 1, 16],
      ["max", 4, 14],
      ["last", 2, 18],
    ] as const) {
      const { sent, times } = trial({ atMost: 10, window, decimals: 2 })
        .give(0, 9)
        .give(14, 4)
        .give(16, 1)
        .give(18, 2)
        .pass(50);
      assert.deepEqual(sent, [
        [0, 9],
        [24, value],
      ]);
      assert.deepEqual(times, [time]);
    }
  });

  it("as the mean of the numbers, where a source says now and then that it has none", () => {
    const { sent } = trial({ atMost: 10, window: "mean" })
      .give(0, 9)
      .give(1, "n/a")
      .give(2, 4)
      .give(3, 6)
      .pass(10)
      .give(11, 7)
      .give(12, "n/a")
      .pass(50);
    assert.deepEqual(sent, [
      [0, 9],
      [10, 5],
      [20, "n/a"],
    ]);
  });

  it("at least every so often, as long as nobody else sends", () => {
    const { sent, times, reporter } = trial({ report: "change", atLeast: 10 })
      .give(0, 1)
      .give(4, 1)
      .pass(25)
      .give(26, 2)
      .pass(35);
    assert.deepEqual(sent, [
      [0, 1],
      [10, 1],
      [20, 1],
      [26, 2],
    ]);
    assert.deepEqual(times, [10, 20]);
    assert.equal(reporter.counts.repeated, 2);
  });

  it("at least every so often with the value that came last, though the dead-band has held it back", () => {
    const { sent } = trial({ report: "absolute", band: 1, atLeast: 10 }).give(0, 5).give(3, 5.5).pass(10);
    assert.deepEqual(sent, [
      [0, 5],
      [10, 5.5],
    ]);
  });

  it("without a heartbeat for a source that says nothing, where that is chosen", () => {
    const { sent, times } = trial({ report: "change", atLeast: 10, repeat: false })
      .give(0, 1)
      .give(4, 1)
      .pass(90);
    assert.deepEqual(sent, [
      [0, 1],
      [10, 1],
    ]);
    assert.deepEqual(times, [4]);
  });

  it("when one is forced, whatever waits", () => {
    const { sent } = trial({ report: "change", atMost: 10 }).give(0, 1).give(1, 2).give(2, 1, true).pass(50);
    assert.deepEqual(sent, [
      [0, 1],
      [2, 1],
    ]);
  });

  it("as a first one when the agent does not have the last, and never again when their sensor is deleted", () => {
    const one = trial({ report: "change", atLeast: 10 }).give(0, 1).give(1, 1);
    one.reporter.forget("s", ["m"]);
    one.give(2, 1);
    one.reporter.forgetAll();
    one.give(3, 1).give(4, 1);
    one.reporter.drop("s");
    one.pass(100).give(101, 1);
    assert.deepEqual(
      one.sent.map(([at]) => at),
      [0, 2, 3, 101],
    );
  });

  it("to no ID of a client before: what waits for one that the new client does not have is dropped, and counted", () => {
    const one = trial({ atMost: 10 }).give(0, 1).give(1, 2);
    one.reporter.forgetAll((sensorId) => sensorId !== "s");
    one.pass(50);
    assert.deepEqual(one.sent, [[0, 1]]);
    assert.deepEqual(one.reporter.counts.suppressed, { change: 0, deadband: 0, atMost: 0, deleted: 1 });
  });

  it("all that wait, when somebody asks for it", () => {
    const one = trial({ atMost: 10 }).give(0, 1).give(1, 2);
    assert.deepEqual(
      one.reporter.flush(2).map(({ value, time }) => [value, time]),
      [[2, 1]],
    );
    assert.deepEqual(one.reporter.flush(3), []);
    assert.equal(one.reporter.counts.waiting, 0);
  });

  it("as the row says, and as the node where it says nothing", () => {
    const node: Strategy = { ...EVERYTHING, report: "change", atLeast: 60 * SECOND };
    const own = strategyOf(node, {
      source: "a",
      report: "0,5 %",
      atMost: 2,
      atLeast: 0,
      window: "mean",
      scale: 0.01,
    });
    assert.deepEqual(own, {
      report: "percent",
      band: 0.5,
      atMost: 2 * SECOND,
      window: "mean",
      atLeast: 0,
      repeat: true,
      decimals: 2,
    });
    assert.deepEqual(strategyOf(node, { source: "a" }), { ...node, decimals: undefined });
  });
});

/** The same in plain code: it looks at every millisecond, and keeps all that came. */
function model(
  strategy: Strategy,
  given: readonly [at: number, value: number][],
  end: number,
): [number, number][] {
  const sent: [at: number, value: number][] = [];
  let window: { from: number; due: number } | undefined;
  const isNews = (value: number): boolean => {
    const last = sent.at(-1);
    if (last === undefined || strategy.report === "all") return true;
    if (strategy.report === "change") return value !== last[1];
    const band = strategy.report === "absolute" ? strategy.band : (Math.abs(last[1]) * strategy.band) / 100;
    return Math.abs(value - last[1]) > band + 1e-9;
  };
  let lastOwn = -Infinity;
  const send = (at: number, value: number): void => {
    sent.push([at, value]);
    lastOwn = at;
  };
  for (let now = 0; now <= end; now++) {
    const beats = () => strategy.atLeast > 0 && sent.length > 0 && lastOwn + strategy.atLeast === now;
    if (window !== undefined && (window.due === now || beats())) {
      const inside = given
        .filter(([at], index) => index >= window!.from && at < now)
        .map(([, value]) => value);
      const of = {
        latest: inside.at(-1)!,
        last: inside.at(-1)!,
        min: Math.min(...inside),
        max: Math.max(...inside),
        mean: inside.reduce((sum, value) => sum + value, 0) / inside.length,
      };
      window = undefined;
      if (isNews(of[strategy.window])) send(now, of[strategy.window]);
    }
    if (beats()) send(now, given.filter(([at]) => at < now).at(-1)![1]);
    for (const [index, [at, value]] of given.entries()) {
      if (at !== now) continue;
      if (sent.length === 0) send(now, value);
      else if (window !== undefined) continue;
      else if (strategy.atMost > 0 && lastOwn + strategy.atMost > now)
        window = { from: index, due: lastOwn + strategy.atMost };
      else if (strategy.atMost > 0 && strategy.window !== "latest")
        window = { from: index, due: now + strategy.atMost };
      else if (isNews(value)) send(now, value);
    }
  }
  return sent;
}

describe("The reporter and a model of plain code (seeded)", () => {
  const strategies = fc.record({
    report: fc.constantFrom("all", "change", "absolute", "percent"),
    band: fc.integer({ min: 0, max: 30 }),
    atMost: fc.constantFrom(0, 3, 10),
    window: fc.constantFrom(...WINDOWS),
    atLeast: fc.constantFrom(0, 15, 40),
    repeat: fc.constant(true),
  });
  const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: -50, max: 50 })), {
    minLength: 1,
    maxLength: 60,
  });

  it("send the same values at the same times", () => {
    const property = fc.property(strategies, steps, (strategy, gaps) => {
      let at = 0;
      const given = gaps.map(([gap, value]): [number, number] => [(at += gap), value]);
      const one = new Trial(strategy);
      for (const [time, value] of given) one.give(time, value);
      one.pass(at + 100);
      assert.deepEqual(one.sent, model(strategy, given, at + 100));
    });
    fc.assert(property, { seed: 12, numRuns: 3000 });
  });
});

function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}

describe("Memory of the reporter", () => {
  it("is less than 5 MB for 10,000 series with a window and a heartbeat each", () => {
    const collect = garbageCollector();
    const strategy: Strategy = {
      ...EVERYTHING,
      report: "absolute",
      band: 0.5,
      atMost: 10 * SECOND,
      atLeast: 60 * SECOND,
    };
    collect();
    const before = process.memoryUsage().heapUsed;
    const reporter = new Reporter();
    for (let round = 0; round < 3; round++) {
      for (let index = 0; index < 10_000; index++) {
        const report = {
          sensorId: `s${index % 100}`,
          metricId: `m${index}`,
          value: index + round + 0.5,
          time: undefined,
        };
        reporter.offer(report, strategy, { now: round, wall: Date.now() });
      }
    }
    collect();
    const used = process.memoryUsage().heapUsed - before;
    assert.equal(reporter.counts.waiting, 10_000);
    assert.ok(used < 5_000_000, `${used} bytes`);
  });

  it("is bounded: the oldest series are forgotten, and their next value is a first one", () => {
    const reporter = new Reporter(100);
    const strategy: Strategy = { ...EVERYTHING, report: "change" };
    const offer = (index: number): boolean =>
      reporter.offer({ sensorId: `s${index}`, metricId: "m", value: 1, time: undefined }, strategy, {
        now: 0,
        wall: 0,
      });
    for (let index = 0; index < 1000; index++) assert.ok(offer(index));
    assert.ok(offer(0));
    assert.ok(!offer(999));
  });
});
