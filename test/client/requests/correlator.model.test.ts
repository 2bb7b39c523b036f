/**
 * The correlator against a small model of an agent (fault 43): any order of requests, answers, losses, late,
 * repeated and unasked answers, lost connections and time. A verdict must be what the agent did.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Correlator } from "../../../src/client/requests/correlator";
import { IotError } from "../../../src/protocol/errors";
import { FakeClock } from "../../support/agent/fake-clock";
import { isProbe } from "../../support/agent/probe";

const T = 1000;
const LOST = new IotError("ConnectionLost", { reason: "session", details: { host: "h", port: 1 } });
const SENSORS = ["s0", "s1"];

/** A message that the agent got, and what it did with it. */
interface Got {
  topic: string;
  payload: string;
  accepted: boolean;
  sentAt: number;
}

/**
 * Live data of the agent: there is no connection for it, none comes over it, it repeats each push, or it does so and
 * the pushes carry the time at which they are made, so that it may be chance that it is the same.
 */
type LiveData = "none" | "silent" | "known" | "ofNow";

/** What is asked and how it can be told apart decides which faults can be told at all. */
interface World {
  /** The text that names a request in its payload. */
  request(correlator: Correlator, label: string, sensor: string, timestamp?: number): Promise<unknown>;
  answers(got: Got): { topic: string; payload: string }[];
  label(payload: string): string;
}

const sensorOf = (topic: string) => topic.split("/")[4] ?? "";
const error = (text: string) => JSON.stringify({ errorcode: 3, errorMessage: text });

const PUSHES: World = {
  request: (correlator, label, sensorId, timestamp) =>
    correlator.submit("pushValues", { sensorId, metrics: [{ metricId: "m", value: label }], timestamp }),
  answers: ({ topic, accepted }) => {
    const sensor = `/v1.0/c/sensor/${sensorOf(topic)}`;
    return [
      accepted
        ? { topic: `${sensor}/info/inbox`, payload: "Sensor was updated." }
        : { topic: `${sensor}/error/inbox`, payload: error("x") },
    ];
  },
  label: (payload) => (JSON.parse(payload) as { metrics: { value: string }[] }).metrics[0]?.value ?? "",
};

const PINGS: World = {
  request: (correlator, label) => correlator.submit("ping", { request: label }),
  answers: ({ payload }) => {
    const { request } = JSON.parse(payload) as { request: string };
    return [{ topic: "/v1.0/c/ping/info/inbox", payload: JSON.stringify({ answer: request }) }];
  },
  label: (payload) => (JSON.parse(payload) as { request: string }).request,
};

type Step =
  | { do: "request"; sensor: number }
  | { do: "accept" | "reject" | "lose" | "loseAccepted" | "late" }
  | { do: "deliverLate" | "repeatLast" | "unasked"; sensor: number }
  | { do: "disconnect" | "connect" | "liveLost" | "liveBack" | "noLive" }
  | { do: "tick"; ms: number };

const sensor = fc.nat(SENSORS.length - 1);
const steps = {
  request: fc.record({ do: fc.constant("request" as const), sensor }),
  handled: fc.record({
    do: fc.constantFrom(
      "accept" as const,
      "accept" as const,
      "reject" as const,
      "lose" as const,
      "loseAccepted" as const,
      "late" as const,
    ),
  }),
  deliverLate: fc.record({ do: fc.constant("deliverLate" as const), sensor }),
  odd: fc.record({ do: fc.constantFrom("repeatLast" as const, "unasked" as const), sensor }),
  connection: fc.record({ do: fc.constantFrom("disconnect" as const, "connect" as const) }),
  live: fc.record({
    do: fc.constantFrom("liveLost" as const, "liveBack" as const, "liveBack" as const, "noLive" as const),
  }),
  tick: fc.record({ do: fc.constant("tick" as const), ms: fc.constantFrom(10, 300, 1000, 2000) }),
};

class Run {
  readonly clock = new FakeClock();
  readonly correlator: Correlator;
  /** What has reached the agent and is not handled, oldest first. */
  private inbox: Got[] = [];
  private late: { topic: string; payload: string; until: number }[] = [];
  private last: { topic: string; payload: string }[] = [];
  private readonly fates = new Map<string, Set<boolean>>();
  private readonly verdicts = new Map<string, string[]>();
  private isOpen = false;
  private isLive = false;
  private count = 0;

  constructor(
    private readonly world: World,
    private readonly liveData: LiveData,
  ) {
    const queue = { count: 50, bytes: 1e6, age: 0, whenFull: "reject" as const };
    this.correlator = new Correlator({ inFlight: 4, requestTimeout: T, queue }, this.clock);
    this.open();
  }

  async play(all: readonly Step[]): Promise<void> {
    if (this.liveData !== "none") this.setLive(true);
    if (this.liveData === "known") this.learnEcho();
    for (const step of all) {
      this.step(step);
      this.clock.settle();
      // A request may send the next one as soon as it has ended.
      await Promise.resolve();
      assert.ok(this.correlator.counters.inFlight <= 4, "in flight");
    }
    this.correlator.stop();
    await new Promise((resolve) => setImmediate(resolve));
    this.check();
  }

  /** Before anything goes wrong. */
  private learnEcho(): void {
    // The ping that goes first.
    this.handle("accept");
    this.clock.settle();
    this.request(SENSORS[0] ?? "");
    this.clock.settle();
    this.handle("accept");
    this.request(SENSORS[0] ?? "");
    this.clock.settle();
    this.handle("accept");
  }

  private step(step: Step): void {
    switch (step.do) {
      case "request":
        return this.request(SENSORS[step.sensor] ?? "");
      case "accept":
      case "reject":
      case "lose":
      case "loseAccepted":
      case "late":
        return this.handle(step.do);
      case "deliverLate":
        // What is later than the grace that a lane is given is lost: nobody could tell it from the next answer.
        return this.deliver(this.late.splice(0, 1).filter(({ until }) => this.clock.monotonic() < until));
      case "repeatLast":
        return this.deliver(this.last);
      case "unasked":
        return this.deliver(
          this.world.answers({
            topic: `/v1.0/c/sensor/${SENSORS[step.sensor]}/x`,
            payload: '{"request":"nobody"}',
            // An error that nobody asked for cannot be told from the error of a push that was lost.
            accepted: true,
            sentAt: 0,
          }),
        );
      case "disconnect":
        if (this.isOpen) this.correlator.close(LOST);
        this.isOpen = false;
        return;
      case "connect":
        return this.open();
      case "liveLost":
      case "liveBack":
        return this.setLive(step.do === "liveBack");
      case "noLive":
        this.setLive(false);
        return this.correlator.noLive();
      case "tick":
        // An agent that stands still longer than a lane is kept closed at most cannot be told from a lost answer.
        if (this.inbox.some(({ sentAt }) => this.clock.monotonic() + step.ms - sentAt >= 10 * T))
          this.inbox.length = 0;
        return this.clock.advance(step.ms);
    }
  }

  private setLive(isLive: boolean): void {
    if (isLive === this.isLive) return;
    this.isLive = isLive;
    this.correlator.setLive(isLive);
  }

  private open(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.correlator.open("c", (topic, payload) =>
      this.inbox.push({ topic, payload, accepted: false, sentAt: this.clock.monotonic() }),
    );
  }

  private request(sensorId: string): void {
    const label = `r${this.count++}`;
    const verdicts: string[] = [];
    this.verdicts.set(label, verdicts);
    const timestamp = this.liveData === "ofNow" ? this.clock.now() : undefined;
    this.world.request(this.correlator, label, sensorId, timestamp).then(
      () => verdicts.push("ok"),
      (failure: IotError) => verdicts.push(failure.name),
    );
  }

  private handle(how: "accept" | "reject" | "lose" | "loseAccepted" | "late"): void {
    const [first] = this.inbox;
    if (first && isProbe(first.payload)) how = how === "lose" || how === "loseAccepted" ? how : "accept";
    const got = this.inbox.shift();
    if (got === undefined || how === "lose") return;
    got.accepted = how !== "reject" || this.world === PINGS;
    const label = isProbe(got.payload) ? "" : this.world.label(got.payload);
    this.fates.set(label, (this.fates.get(label) ?? new Set()).add(got.accepted));
    const answers = (isProbe(got.payload) ? PINGS : this.world).answers(got);
    if (how === "late")
      this.late.push(...answers.map((answer) => ({ ...answer, until: got.sentAt + 3 * T })));
    else if (how !== "loseAccepted") {
      if (label !== "" && got.accepted) this.last = answers;
      this.deliver(answers);
    }
    const isEchoed = this.isLive && this.liveData !== "silent";
    if (isEchoed && label !== "" && got.accepted)
      this.correlator.receiveEcho(sensorOf(got.topic), JSON.parse(got.payload) as never);
  }

  private deliver(messages: { topic: string; payload: string }[]): void {
    if (!this.isOpen) return;
    for (const { topic, payload } of messages) this.correlator.receive(topic, Buffer.from(payload));
  }

  private check(): void {
    for (const [label, verdicts] of this.verdicts) {
      assert.equal(verdicts.length, 1, `${label} ended ${verdicts.length} times`);
      const fates = this.fates.get(label) ?? new Set();
      if (verdicts[0] === "ok") assert.ok(fates.has(true), `${label} is called ok, and was not accepted`);
      if (verdicts[0] === "InternalError")
        assert.ok(fates.has(false), `${label} is called rejected, and was not`);
    }
    assert.equal(this.clock.pending, 0, "a timer is left");
    const { sent, inFlight, queued } = this.correlator.counters;
    assert.ok(sent >= 0 && inFlight === 0 && queued === 0);
  }
}

const LONG = { maxLength: 150, size: "max" } as const;
/** More of them are tried by hand: `MODEL_RUNS=20000 npx mocha --timeout 600000 …`. */
const RUNS = { numRuns: Number(process.env.MODEL_RUNS ?? 500), verbose: 0 } as const;

const request = (sensor: number): Step => ({ do: "request", sensor });
const twin = (how: "unasked" | "repeatLast", sensor: number): Step => ({ do: how, sensor });
const deliverLate: Step = { do: "deliverLate", sensor: 0 };
const agent = (...how: ("accept" | "reject" | "lose" | "late")[]): Step[] =>
  how.map((done) => ({ do: done }));
const tick = (ms: number): Step => ({ do: "tick", ms });
const RECONNECT: Step[] = [{ do: "disconnect" }, { do: "connect" }];

/** What was found once, seldom: answers that came twice hid that an error was late. */
const ONCE_WRONG: [Step[]][] = [
  [
    [
      ...[request(0), request(1), ...agent("accept"), request(1), twin("unasked", 1), twin("unasked", 1)],
      ...[...RECONNECT, ...agent("accept", "reject"), tick(2000)],
    ],
  ],
  [
    [
      ...[{ do: "disconnect" } as const, request(0), request(1), { do: "connect" } as const],
      ...[twin("unasked", 1), ...RECONNECT, ...agent("lose"), tick(1000)],
      ...[{ do: "disconnect" } as const, ...agent("accept"), { do: "connect" } as const, tick(1000)],
      ...[twin("repeatLast", 0), ...agent("lose", "accept"), tick(1000)],
      ...[...agent("accept"), twin("repeatLast", 0), ...agent("accept"), twin("repeatLast", 0)],
      ...[...agent("accept", "accept", "accept"), twin("repeatLast", 0), ...agent("accept", "accept")],
      ...[request(0), ...agent("accept", "accept", "accept", "reject"), tick(2000)],
    ],
  ],
];

/** Seen once: the late answer to a push that was given up was told to the next one, which was lost. */
const LATE_THEN_LOST: Step[] = [
  ...[request(0), ...agent("accept"), request(0), tick(1000), ...agent("late", "accept")],
  ...[deliverLate, ...agent("lose"), tick(1000)],
];

/** Lists of what can happen: requests, what the agent does with them, time, and `more`. */
const histories = (...more: fc.Arbitrary<Step>[]): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.oneof(
      { weight: 3, arbitrary: steps.request },
      { weight: 4, arbitrary: steps.handled },
      steps.deliverLate,
      ...more,
      steps.tick,
    ),
    LONG,
  );

/** Plays all of them, `examples` first; the run says what is wrong. */
const neverWrong = (
  [world, liveData]: ConstructorParameters<typeof Run>,
  all: fc.Arbitrary<Step[]>,
  examples: [Step[]][] = [],
): Promise<void> =>
  fc.assert(
    fc.asyncProperty(all, (list) => new Run(world, liveData).play(list)),
    { ...RUNS, examples },
  );

describe("Correlator against a model", () => {
  it("gives no wrong verdict on pushes whose answers are lost, late and out of time", async () => {
    await neverWrong([PUSHES, "none"], histories());
  });

  it("gives no wrong verdict on pushes over connections that are lost", async () => {
    await neverWrong([PUSHES, "none"], histories(steps.connection));
  });

  for (const [liveData, agent] of [
    ["silent", "an agent that sends no live data"],
    ["ofNow", "an agent whose live data tells what its own clock could tell"],
    ["known", "an agent whose live data comes and goes"],
  ] as const) {
    it(`gives no wrong verdict on pushes to ${agent} (fault 44)`, async () => {
      await neverWrong([PUSHES, liveData], histories(steps.connection, steps.live), [[LATE_THEN_LOST]]);
    });
  }

  it("gives no wrong verdict on what its answer tells apart, whatever comes", async () => {
    await neverWrong([PINGS, "none"], histories(steps.odd, steps.connection));
  });

  it("gives no wrong verdict on pushes whose echo is known, whatever else comes", async () => {
    await neverWrong([PUSHES, "known"], histories(steps.odd, steps.connection), ONCE_WRONG);
  });
});
