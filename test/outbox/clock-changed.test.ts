/** The machine's time is changed while records wait (fault 34): order and ages follow what has elapsed, not what the clock says. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Outbox } from "../../src/outbox/outbox";
import { until } from "../support/waits";

const YEAR = 365 * 86_400_000;
const HOUR = 3_600_000;
const AGE = 60_000;

describe("An outbox on a machine whose time is changed", () => {
  let directory: string;
  let outbox: Outbox;
  let wall = Date.UTC(2026, 9, 25);
  let elapsed = 0;
  let timers: { at: number; callback: () => void }[] = [];
  let sent: unknown[] = [];
  let ended: string[] = [];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "tviot-clock-"));
    sent = [];
    ended = [];
    await start();
  });
  afterEach(async () => {
    await outbox.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function start(): Promise<void> {
    timers = [];
    outbox = new Outbox(
      { directory: join(directory, "store"), count: 100, bytes: 1e6, age: AGE, whenFull: "reject" },
      ({ metrics }) => Promise.resolve(sent.push(metrics[0]?.value)),
      {
        random: () => 0,
        clock: {
          now: () => wall,
          monotonic: () => elapsed,
          after: (delay, callback) => {
            const timer = { at: elapsed + delay, callback };
            timers.push(timer);
            return () => {
              timers = timers.filter((other) => other !== timer);
            };
          },
          soon: (run) => void setImmediate(run),
        },
      },
    );
    outbox.on("ended", ({ outcome }) => ended.push(outcome));
    await outbox.open();
  }
  /** Ends the process and begins another, whose monotonic time begins anew. */
  async function restart(off = 0): Promise<void> {
    await outbox.close();
    elapsed = 0;
    wall += off;
    await start();
  }

  const endings = (count: number) =>
    until(
      `${count} records have ended`,
      () => ended.length >= count,
      () => ended,
    );
  const push = (value: number) =>
    outbox.accept({ owner: "n", sensorId: "s", metrics: [{ metricId: "m", value }] });
  /** Time as it elapses; the clock runs on from wherever it was set to. */
  async function pass(milliseconds: number): Promise<void> {
    elapsed += milliseconds;
    wall += milliseconds;
    const due = timers.filter(({ at }) => at <= elapsed);
    timers = timers.filter(({ at }) => at > elapsed);
    for (const { callback } of due) callback();
    // What is too old is read and removed on a real disk.
    for (let look = 0; look < 200; look++) await new Promise(setImmediate);
  }

  for (const [name, jump] of [
    ["a year ahead", YEAR],
    ["a year back", -YEAR],
    ["an hour ahead", HOUR],
    ["an hour back", -HOUR],
  ] as const) {
    it(`${name} sends in the order of accepting, and gives up after the time that really elapsed (fault 34)`, async () => {
      await push(1);
      wall += jump;
      await push(2);
      await pass(AGE / 2);
      assert.deepEqual(ended, [], "half of the time has elapsed");
      await push(3);
      outbox.setConnected(true);
      await endings(3);
      assert.deepEqual(sent, [1, 2, 3]);

      outbox.setConnected(false);
      await push(4);
      wall -= jump;
      for (let quarter = 0; quarter < 5; quarter++) await pass(AGE / 4);
      await endings(4);
      assert.deepEqual(ended.slice(3), ["expired"]);
      outbox.setConnected(true);
      await pass(1000);
      assert.deepEqual(sent, [1, 2, 3], "what was given up is not sent");
    });
  }

  /** Sends what is not too old; gives how everything ended. */
  async function endAll(count: number): Promise<string[]> {
    outbox.setConnected(true);
    await endings(count);
    return ended;
  }

  for (const [time, outcome] of [
    [AGE / 2, "delivered"],
    [AGE + 1000, "expired"],
  ] as const) {
    it(`set back by a year before a restart, counts ages on from the restart: what is from the future by the clock would else wait for ever (fault 34; ${outcome} after ${time} ms)`, async () => {
      await push(1);
      wall -= YEAR;
      await restart();
      await pass(time);
      assert.deepEqual(await endAll(1), [outcome]);
    });

    it(`set right by a year before a restart, counts on what really elapsed if anything was stored since: then the jump can be told from a power cut (fault 34; ${outcome} after ${time} ms)`, async () => {
      await push(1);
      wall += YEAR;
      await push(2);
      await restart();
      await pass(time);
      assert.deepEqual(await endAll(2), [outcome, outcome]);
    });
  }

  it("switched off longer than the limit, gives up what waited through it: how long that was only the clock can say", async () => {
    await push(1);
    await restart(AGE + 1000);
    assert.deepEqual(await endAll(1), ["expired"]);
    assert.deepEqual(sent, []);
  });

  it("set right by a year while it ran, though nothing was stored since, gives nothing up after a restart for a time that did not elapse", async () => {
    await push(1);
    wall += YEAR;
    await restart(AGE / 2);
    assert.deepEqual(await endAll(1), ["delivered"]);
  });

  it("that begins in 1970 until somebody sets it, counts no time before that", async () => {
    const right = wall;
    await outbox.close();
    wall = 5000;
    await restart();
    await push(1);
    await restart(right);
    assert.deepEqual(await endAll(1), ["delivered"]);
    wall = right;
  });
});
