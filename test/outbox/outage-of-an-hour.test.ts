/**
 * An outage of an hour in fast motion, with values that go on coming: how long a live value takes while the backlog is
 * sent, how that keeps its pace and its order, and what is said of it meanwhile. All times are of a clock that the test
 * moves, so they are the same on every machine.
 */
import assert from "node:assert/strict";
import { Outbox } from "../../src/outbox/outbox";
import { FakeClock } from "../support/agent/fake-clock";
import { MemoryStore } from "../support/memory-store";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const SENSORS = 10;
const OUTAGE_S = 3600;
/** As the agent node has it where nothing is said. */
const PACE = { records: 100, bytes: 100_000, order: "liveFirst" } as const;
/** What the agent takes for an answer. */
const ANSWER_MS = 20;
const STEP_MS = 10;

interface Arrival {
  sensorId: string;
  value: number;
  /** Since it was accepted. */
  latency: number;
  at: number;
}

/** An agent that answers each push after a while, and a plant in which each sensor has a value a second. */
class Outage {
  readonly clock = new FakeClock();
  readonly arrivals: Arrival[] = [];
  readonly outbox: Outbox;
  private readonly acceptedAt = new Map<string, number>();
  private value = 0;

  constructor(order: "liveFirst" | "inOrder" = "liveFirst") {
    const settings = { directory: "", count: 1e6, bytes: 1e9, age: 0, whenFull: "reject" } as const;
    this.outbox = new Outbox(
      { ...settings, replay: { ...PACE, order } },
      ({ sensorId, metrics }) => {
        const { value } = metrics[0]!;
        const at = this.clock.monotonic();
        const latency = at - this.acceptedAt.get(`${sensorId} ${Number(value)}`)!;
        this.arrivals.push({ sensorId, value: Number(value), latency, at });
        return new Promise<void>((resolve) => this.clock.after(ANSWER_MS, resolve));
      },
      { clock: this.clock, store: new MemoryStore(), random: () => 0.5 },
    );
  }

  /** Each sensor has another value. */
  async values(): Promise<void> {
    const value = this.value++;
    for (let index = 0; index < SENSORS; index++) {
      this.acceptedAt.set(`press-${index} ${value}`, this.clock.monotonic());
      void this.outbox.accept({
        owner: "push",
        sensorId: `press-${index}`,
        metrics: [{ metricId: "temperature", value }],
      });
    }
    await settle();
  }

  async pass(milliseconds: number): Promise<void> {
    const end = this.clock.monotonic() + milliseconds;
    while (this.clock.monotonic() < end) {
      this.clock.advance(STEP_MS);
      await settle();
    }
  }

  async last(seconds: number): Promise<void> {
    await this.outbox.open();
    for (let second = 0; second < seconds; second++) {
      await this.values();
      this.clock.advance(SECOND);
    }
  }
}

/** Lets everything that is only waiting for promises run. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const quantile = (values: readonly number[], part: number): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length * part)]!;

describe("An outage of an hour, with values that go on coming", function () {
  it("holds no live value up, keeps the pace and each sensor's order, and says when it will be through", async () => {
    const outage = new Outage();
    const { outbox, clock, arrivals } = outage;
    await outage.last(OUTAGE_S);
    const backlog = OUTAGE_S * SENSORS;
    assert.deepEqual([outbox.replay.waiting, arrivals.length], [backlog, 0]);

    outbox.setConnected(true);
    const start = clock.monotonic();
    const said: { at: number; seconds: number; oldest: number }[] = [];
    let through = Infinity;
    for (let second = 0; outbox.counters.pending > 0 || second < 5; second++) {
      await outage.values();
      await outage.pass(SECOND / 2);
      const at = clock.monotonic();
      const { seconds = 0, waiting } = outbox.replay;
      said.push({ at, seconds, oldest: (await outbox.oldestAge()) ?? 0 });
      if (waiting === 0) through = Math.min(through, at);
      await outage.pass(SECOND / 2);
    }

    const isLive = ({ value }: Arrival): boolean => value >= OUTAGE_S;
    const live = arrivals.filter(isLive);
    const replayed = arrivals.filter((arrival) => !isLive(arrival));
    assert.equal(replayed.length, backlog);
    // A live value waits for one answer at most: that of its sensor's stored one that is in flight.
    const latencies = live.map(({ latency }) => latency);
    assert.ok(Math.max(...latencies) <= ANSWER_MS + STEP_MS, `${Math.max(...latencies)} ms`);
    assert.ok(quantile(latencies, 0.5) <= STEP_MS, `${quantile(latencies, 0.5)} ms`);
    assert.ok(live[0]!.at - start <= SECOND);

    for (const kind of [live, replayed])
      for (let index = 0; index < SENSORS; index++) {
        const values = kind.filter(({ sensorId }) => sensorId === `press-${index}`).map(({ value }) => value);
        assert.deepEqual(
          values,
          [...values].sort((a, b) => a - b),
        );
      }

    // The pace: no second has more than a second's worth and what was saved up, and all take what they must.
    const perSecond = new Map<number, number>();
    for (const { at } of replayed) {
      const second = Math.floor((at - start) / SECOND);
      perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
    }
    assert.ok(Math.max(...perSecond.values()) <= PACE.records * 1.05, `${Math.max(...perSecond.values())}`);
    const took = (through - start) / SECOND;
    assert.ok(Math.abs(took - backlog / PACE.records) < 10, `${took} s`);

    // What is said is right within a tenth, and the oldest value is a younger one each time.
    for (const { at, seconds } of said.filter(({ seconds }) => seconds > 30))
      assert.ok(Math.abs(at + seconds * SECOND - through) < 0.1 * (through - start), `${at}: ${seconds}`);
    assert.ok(said[0]!.oldest > OUTAGE_S * SECOND - MINUTE);
    for (const [index, { oldest }] of said.slice(1).entries()) assert.ok(oldest <= said[index]!.oldest);
    assert.equal(outbox.counters.delivered, arrivals.length);
    assert.ok(clock.pending < 10, `${clock.pending} timers`);
  });

  it("keeps every value behind the older ones of its sensor, where that is asked for", async () => {
    const outage = new Outage("inOrder");
    const { outbox, arrivals } = outage;
    await outage.last(OUTAGE_S / 60);
    outbox.setConnected(true);
    while (outbox.counters.pending > 0) {
      await outage.values();
      await outage.pass(SECOND);
      if (arrivals.length > 3000) break;
    }
    for (let index = 0; index < SENSORS; index++) {
      const values = arrivals
        .filter(({ sensorId }) => sensorId === `press-${index}`)
        .map(({ value }) => value);
      assert.deepEqual(
        values,
        values.map((_, position) => position),
      );
    }
  });
});
