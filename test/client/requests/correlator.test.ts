import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { Correlator, type CorrelatorSettings } from "../../../src/client/requests/correlator";
import { LIVE_FIRST_MS } from "../../../src/client/requests/live-echo";
import { HOLD_MS } from "../../../src/client/requests/by-echo";
import type { RequestOptions } from "../../../src/client/requests/request";
import { ROUTES, type RequestName } from "../../../src/client/requests/routes";
import { IotError } from "../../../src/protocol/errors";
import type { Parameters } from "../../../src/protocol/operations";
import { FakeClock } from "../../support/agent/fake-clock";
import { isProbe } from "../../support/agent/probe";

const T = 1000;
const P = "/v1.0/c";
const LOST = new IotError("ConnectionLost", { reason: "session", details: { host: "h", port: 1 } });

/** A correlator with what it sent, and how its requests ended. */
class Bench {
  readonly clock = new FakeClock();
  readonly sent: { topic: string; payload: string }[] = [];
  readonly ended: string[] = [];
  nudges = 0;
  readonly correlator: Correlator;
  live = false;
  private onProbe: (answer: unknown) => void = () => undefined;

  /**
   * `isTrusting`: has had so many answers, all of them asked for, that it trusts them. `livesOn`: the agent answers
   * the pings that tell that it got past what was sent before.
   */
  constructor(
    settings: Partial<CorrelatorSettings> = {},
    isTrusting = true,
    public livesOn = true,
  ) {
    const queue = { count: 1000, bytes: 1_000_000, age: 0, whenFull: "reject" as const };
    this.correlator = new Correlator({ inFlight: 128, requestTimeout: T, queue, ...settings }, this.clock);
    this.open();
    if (isTrusting) this.gainTrust();
  }

  private gainTrust(): void {
    for (let i = 0; i < 200; i++) {
      void this.correlator.submit("ping", { request: `${i}` });
      this.clock.settle();
      this.answer("ping/info/inbox", { answer: `${i}` });
    }
    this.clock.advance(2000);
    this.sent.length = 0;
  }

  open(): void {
    const publish = (topic: string, payload: string) => {
      if (!isProbe(payload)) this.sent.push({ topic, payload });
      else {
        const answer = payload.replace("request", "answer");
        if (this.livesOn) this.clock.soon(() => this.answer("ping/info/inbox", answer));
        else this.onProbe(answer);
      }
    };
    this.correlator.open("c", publish, () => this.nudges++);
  }

  /** The answers to pings that tell that it is there, to be given by the test. */
  keepProbes(): unknown[] {
    const answers: unknown[] = [];
    this.onProbe = (answer) => answers.push(answer);
    return answers;
  }

  ask<N extends RequestName>(
    label: string,
    name: N,
    parameters: Parameters<N>,
    options?: RequestOptions,
  ): void {
    this.correlator.submit(name, parameters, options).then(
      (result) => this.ended.push(`${label}: ${JSON.stringify(result)}`),
      (error: IotError) =>
        this.ended.push(`${label}: ${[error.name, error.reason].filter(Boolean).join(".")}`),
    );
    this.clock.settle();
  }

  push(label: string, sensorId = "s", timestamp?: number, options?: RequestOptions): void {
    this.ask(
      label,
      "pushValues",
      { sensorId, metrics: [{ metricId: "m", value: label }], timestamp },
      options,
    );
  }

  answer(topic: string, message: unknown = "Sensor was updated."): void {
    this.correlator.receive(
      `${P}/${topic}`,
      Buffer.from(typeof message === "string" ? message : JSON.stringify(message)),
    );
    this.clock.settle();
  }

  /** Live data that repeats what was sent. */
  echo(payload: string, sensorId = "s"): void {
    this.correlator.receiveEcho(sensorId, JSON.parse(payload) as never);
    this.clock.settle();
  }

  labels(): string[] {
    return this.sent.map(
      ({ payload }) => (JSON.parse(payload) as { metrics: { value: string }[] }).metrics[0]?.value ?? "",
    );
  }

  async outcome(): Promise<string[]> {
    this.clock.settle();
    await new Promise((resolve) => setImmediate(resolve));
    return this.ended.splice(0);
  }
}

const OK = 'Sensor was updated."';

describe("Correlator", () => {
  it("sends the message to the documented topic, and gives the answer that comes on its own", async () => {
    const bench = new Bench();
    bench.push("a", "weather", 1590394246545);
    assert.deepEqual(bench.sent, [
      {
        topic: `${P}/sensor/weather/metric/pushValues`,
        payload: '{"metrics":[{"value":"a","metricId":"m"}],"timestamp":1590394246545}',
      },
    ]);
    bench.answer("sensor/weather/info/inbox");
    assert.deepEqual(await bench.outcome(), [`a: "${OK}`]);
  });

  it("has one request a sensor in flight, and many sensors", () => {
    const bench = new Bench();
    for (const sensor of ["x", "y", "x", "y", "z"]) bench.push(sensor, sensor);
    assert.deepEqual(bench.labels(), ["x", "y", "z"]);
    bench.answer("sensor/y/info/inbox");
    assert.deepEqual(bench.labels(), ["x", "y", "z", "y"]);
  });

  it("shares a lane between requests that could get each other's errors", () => {
    assert.equal(ROUTES.createMetrics.group, ROUTES.deleteMetrics.group);
    const others = new Set(Object.values(ROUTES).map(({ group }) => group));
    assert.equal(others.size, Object.keys(ROUTES).length - 1);
    const bench = new Bench();
    bench.ask("one", "describeMetric", { sensorId: "s", metricId: "m1" });
    bench.ask("two", "describeMetric", { sensorId: "s", metricId: "m2" });
    assert.equal(bench.sent.length, 1, "their errors may come on one topic");
  });

  it("has no more in flight than the broker is trusted with", () => {
    const bench = new Bench({ inFlight: 3 });
    for (let i = 0; i < 5; i++) bench.push(`${i}`, `s${i}`);
    assert.equal(bench.sent.length, 3);
    bench.answer("sensor/s1/info/inbox");
    assert.equal(bench.sent.length, 4);
  });

  it("lets the broker know that an answer has come where others are awaited and nothing is to be said", () => {
    const bench = new Bench();
    bench.nudges = 0;
    const answer = (sensor: string) => bench.answer(`sensor/${sensor}/info/inbox`);
    for (const sensor of ["a", "b", "c"]) bench.push(sensor, sensor);
    answer("a");
    bench.clock.advance(2);
    assert.equal(bench.nudges, 1);
    answer("b");
    bench.push("d", "d");
    bench.clock.advance(2);
    assert.equal(bench.nudges, 1, "what was sent has said it");
    answer("c");
    answer("d");
    bench.clock.advance(1000);
    assert.equal(bench.nudges, 1, "nothing is awaited");
  });

  it("calls silence ReplyTimeout, and sends nothing on that lane while a late answer can come (faults 13, 14)", async () => {
    const bench = new Bench();
    bench.push("lost");
    bench.push("next");
    bench.clock.advance(T);
    assert.deepEqual(await bench.outcome(), ["lost: ReplyTimeout"]);
    bench.correlator.noLive();
    bench.clock.advance(2 * T - 1);
    assert.deepEqual(bench.labels(), ["lost"]);
    bench.clock.advance(1);
    assert.deepEqual(bench.labels(), ["lost", "next"]);
    bench.answer("sensor/s/info/inbox");
    assert.deepEqual(await bench.outcome(), [`next: "${OK}`]);
  });

  it("names the whole time that a request took which had to wait for its turn (fault 13)", async () => {
    const bench = new Bench();
    const seconds: unknown[] = [];
    const describe = () =>
      void bench.correlator
        .submit("describeMetric", { sensorId: "s", metricId: "m" })
        .catch((error: IotError) => seconds.push(error.details.seconds));
    describe();
    bench.clock.advance(T);
    describe();
    bench.clock.advance(3 * T);
    await bench.outcome();
    assert.deepEqual(seconds, [1, 3]);
  });

  it("sends nothing on that lane to an agent that stands still, however long it may take (fault 2)", async () => {
    const bench = new Bench();
    bench.livesOn = false;
    bench.push("stopped");
    bench.push("next");
    bench.clock.advance(8 * T);
    assert.deepEqual(bench.labels(), ["stopped"]);
    bench.answer("sensor/s/info/inbox");
    bench.clock.advance(T);
    assert.deepEqual(bench.labels(), ["stopped", "next"]);
    assert.deepEqual(await bench.outcome(), ["stopped: ReplyTimeout"]);
  });

  it("believes in the end that a late answer is lost, of an agent that answers no ping either", () => {
    const bench = new Bench();
    bench.livesOn = false;
    bench.push("lost");
    bench.push("next");
    bench.clock.advance(11 * T);
    assert.deepEqual(bench.labels(), ["lost", "next"]);
  });

  it("opens the lane when the late answer has come, which is no one's verdict (fault 14)", async () => {
    const bench = new Bench();
    bench.push("late");
    bench.push("next");
    bench.clock.advance(T);
    bench.answer("sensor/s/error/inbox", { errorcode: 3, errorMessage: "late" });
    bench.clock.advance(250);
    assert.deepEqual(bench.labels(), ["late", "next"]);
    assert.deepEqual(await bench.outcome(), ["late: ReplyTimeout"]);
    assert.equal(bench.correlator.counters.strays, 1);
    assert.equal(bench.correlator.counters.unasked, 0);
  });

  it("counts what nobody asked for (fault 15), and what comes twice at once (fault 16)", async () => {
    const bench = new Bench();
    bench.answer("sensor/s/info/inbox");
    bench.push("a");
    bench.push("b");
    bench.correlator.receive(`${P}/sensor/s/info/inbox`, Buffer.from("Sensor was updated."));
    bench.correlator.receive(`${P}/sensor/s/info/inbox`, Buffer.from("Sensor was updated."));
    assert.deepEqual(await bench.outcome(), [`a: "${OK}`]);
    assert.equal(bench.correlator.counters.unasked, 2);
  });

  it("rests on a lane after each answer while answers come that nobody asked for", async () => {
    const bench = new Bench();
    bench.ask("first", "updateClient", { name: "a" });
    bench.answer("update/info/inbox");
    bench.answer("update/info/inbox");
    bench.ask("second", "updateClient", { name: "b" });
    bench.ask("third", "updateClient", { name: "c" });
    bench.answer("update/info/inbox");
    bench.answer("update/info/inbox", "the twin of the one before");
    assert.equal(bench.sent.length, 2);
    bench.clock.advance(250);
    assert.equal(bench.sent.length, 3);
    assert.equal((await bench.outcome()).length, 2);
  });

  it("matches by content where the answer has some: ping's text, a sensor's name (fault 18)", async () => {
    const bench = new Bench();
    bench.ask("ping", "ping", { request: "mine" });
    bench.answer("ping/info/inbox", { answer: "theirs" });
    bench.ask("create", "createSensor", { name: "mine" });
    bench.answer("sensor/inbox", { name: "theirs", sensorId: "1" });
    assert.deepEqual(await bench.outcome(), []);
    bench.answer("ping/info/inbox", { answer: "mine" });
    bench.answer("sensor/inbox", { name: "mine", sensorId: "2" });
    assert.deepEqual(await bench.outcome(), [
      'ping: {"answer":"mine"}',
      'create: {"sensorId":"2","name":"mine"}',
    ]);
  });

  it("leaves an error that names other metrics to whoever pushed those", async () => {
    const bench = new Bench();
    bench.push("a");
    bench.answer("sensor/s/error/inbox", { errorcode: 27, errorMessage: "x", metrics: ["other"] });
    assert.deepEqual(await bench.outcome(), []);
    bench.answer("sensor/s/error/inbox", { errorcode: 27, errorMessage: "x", metrics: ["m"] });
    assert.deepEqual(await bench.outcome(), ["a: PushValuesFailed"]);
  });

  it("takes the first of an answer and an error to one request (fault 19)", async () => {
    const bench = new Bench();
    bench.push("a");
    bench.answer("sensor/s/error/inbox", { errorcode: 15, errorMessage: "x" });
    bench.answer("sensor/s/info/inbox");
    assert.deepEqual(await bench.outcome(), ["a: UnknownSensorId"]);
  });

  for (const topic of ["metric/error/inbox", "metric/delete/error/inbox"]) {
    it(`hears errors of deleting metrics on ${topic} (fault 20)`, async () => {
      const bench = new Bench();
      bench.ask("delete", "deleteMetrics", { sensorId: "s", metricIds: ["m"] });
      bench.answer(`sensor/s/${topic}`, { errorcode: 23, errorMessage: "x", metrics: ["m"] });
      assert.deepEqual(await bench.outcome(), ["delete: DeleteMetricsFailed"]);
    });
  }

  for (const [what, payload] of [
    ["too long", Buffer.alloc(300 * 1024, "x")],
    ["not JSON", Buffer.from('{"answer":')],
    ["not UTF-8", Buffer.from([0xff, 0xfe, 0x00])],
    ["nested too deep", Buffer.from("[".repeat(100_000))],
    ["of another form", Buffer.from('{"__proto__":{"answer":"x"}}')],
    ["empty", Buffer.alloc(0)],
  ] as const) {
    it(`ends a request whose answer is ${what} as BadReply (fault 22)`, async () => {
      const bench = new Bench();
      bench.ask("ping", "ping", { request: "x" });
      bench.correlator.receive(`${P}/ping/info/inbox`, payload);
      bench.ask("again", "ping", { request: "y" });
      bench.clock.settle();
      bench.correlator.receive(`${P}/ping/error/inbox`, payload);
      assert.deepEqual(await bench.outcome(), ["ping: BadReply", "again: BadReply"]);
    });
  }

  it("sends again after a lost connection what may be repeated, first and unchanged, and says so", async () => {
    const bench = new Bench();
    bench.livesOn = false;
    let repeated = 0;
    bench.push("a", "s", undefined, { onRepeat: () => repeated++ });
    bench.push("b");
    bench.correlator.close(LOST);
    bench.open();
    assert.deepEqual(bench.labels(), ["a"], "its echo would tell more: live data is waited for");
    bench.clock.advance(LIVE_FIRST_MS);
    assert.deepEqual(bench.labels(), ["a", "a"]);
    assert.equal(bench.sent[0]?.payload, bench.sent[1]?.payload);
    assert.equal(repeated, 1);
    bench.answer("sensor/s/info/inbox");
    assert.deepEqual(await bench.outcome(), [`a: "${OK}`]);
    assert.deepEqual(bench.labels(), ["a", "a"], "the first sending may still be answered");
    bench.livesOn = true;
    bench.clock.advance(3 * T - 10);
    assert.deepEqual(bench.labels(), ["a", "a"]);
    bench.clock.advance(20);
    assert.deepEqual(bench.labels(), ["a", "a", "b"]);
  });

  it("sends nothing over a new connection before the agent behind it has answered, and asks it until then", () => {
    const bench = new Bench();
    bench.livesOn = false;
    bench.correlator.close(LOST);
    bench.ask("list", "listSensors", {});
    bench.open();
    bench.clock.advance(T - 300);
    assert.deepEqual(bench.sent, []);
    bench.livesOn = true;
    bench.clock.advance(250);
    assert.deepEqual(
      bench.sent.map(({ topic }) => topic),
      [`${P}/sensor/list`],
    );
  });

  it("sends all the same to an agent that answers no pings, and does not ask it again", async () => {
    const bench = new Bench({}, false, false);
    for (const patience of [T, 0]) {
      bench.ask("list", "listSensors", {});
      bench.clock.advance(patience);
      assert.equal(bench.sent.length, 1);
      bench.answer("inventory/inbox", []);
      bench.sent.length = 0;
      bench.correlator.close(LOST);
      bench.open();
    }
    assert.deepEqual(await bench.outcome(), ["list: []", "list: []"]);
  });

  it("waits for an agent that has fallen silent, and calls only what it sent to it unknown", async () => {
    const bench = new Bench();
    bench.livesOn = false;
    bench.push("a");
    bench.clock.advance(T);
    bench.push("b", "t");
    bench.clock.advance(T - 300);
    assert.deepEqual(bench.labels(), ["a"]);
    bench.livesOn = true;
    bench.clock.advance(250);
    assert.deepEqual(bench.labels(), ["a", "b"]);
    bench.answer("sensor/t/info/inbox");
    assert.deepEqual(await bench.outcome(), ["a: ReplyTimeout", `b: "${OK}`]);
  });

  it("repeats what was sent to an agent that was away, as after a lost connection, and not of one that stood still", async () => {
    for (const wasAway of [true, false]) {
      const bench = new Bench();
      let repeated = 0;
      // What an agent that stands still gets waits for it; what one gets that is away is gone.
      bench.livesOn = false;
      const probes = bench.keepProbes();
      bench.push("a", "s", undefined, { onRepeat: () => repeated++ });
      bench.clock.advance(600);
      bench.push("b", "t");
      bench.clock.advance(300);
      assert.equal(probes.length, 2);
      assert.deepEqual(bench.labels(), ["a"]);
      for (const probe of wasAway ? probes.slice(1) : probes) bench.answer("ping/info/inbox", probe);
      bench.livesOn = true;
      bench.clock.settle();
      bench.answer("sensor/t/info/inbox");
      bench.correlator.noLive();
      bench.clock.settle();
      assert.deepEqual(bench.labels(), wasAway ? ["a", "b", "a"] : ["a", "b"]);
      assert.equal(repeated, wasAway ? 1 : 0);
      bench.answer("sensor/s/info/inbox");
      assert.deepEqual(await bench.outcome(), [`b: "${OK}`, `a: "${OK}`]);
    }
  });

  it("takes no late answer of an earlier life for a new request's: it sends when the agent has got past those", async () => {
    const bench = new Bench({}, false, false);
    const probes = bench.keepProbes();
    bench.push("a");
    bench.clock.advance(250);
    bench.answer("sensor/s/info/inbox");
    bench.correlator.close(LOST);
    bench.open();
    bench.answer("sensor/s/info/inbox");
    assert.deepEqual([bench.labels(), probes.length], [[], 2]);
    bench.answer("ping/info/inbox", probes[1]);
    bench.correlator.noLive();
    bench.clock.settle();
    assert.deepEqual(bench.labels(), ["a"]);
    bench.answer("sensor/s/info/inbox");
    assert.deepEqual(await bench.outcome(), [`a: "${OK}`]);
  });

  it("has one request in flight after a loss, and soon more: what is in flight when an agent dies can come twice", () => {
    const bench = new Bench();
    for (let sensor = 0; sensor < 64; sensor++)
      bench.ask("", "describeMetric", { sensorId: `s${sensor}`, metricId: "m" }, { timeout: 60_000 });
    assert.equal(bench.correlator.counters.inFlight, 64);
    bench.correlator.close(LOST);
    bench.open();
    const inFlight = [];
    for (let second = 0; second < 3; second++) {
      bench.clock.settle();
      inFlight.push(bench.correlator.counters.inFlight);
      bench.clock.advance(2000);
    }
    assert.deepEqual(inFlight, [1, 2, 4]);
  });

  it("gives up what broke the connection four times, and says how large it is (fault 55)", async () => {
    const bench = new Bench();
    bench.livesOn = false;
    bench.push("poison");
    for (let i = 0; i < 4; i++) {
      bench.correlator.close(LOST);
      bench.open();
      bench.clock.advance(LIVE_FIRST_MS);
    }
    assert.deepEqual(await bench.outcome(), ["poison: RequestBreaksConnection"]);
    assert.equal(bench.sent.length, 4);
  });

  it("gives up what was sent five times to an agent that fell silent, as unknown", async () => {
    const bench = new Bench();
    bench.livesOn = false;
    bench.push("a");
    for (let i = 0; i < 5; i++) {
      bench.correlator.close(new IotError("AgentSilent"));
      bench.open();
      bench.clock.advance(LIVE_FIRST_MS);
    }
    assert.deepEqual(await bench.outcome(), ["a: ConnectionLost.request"]);
    assert.equal(bench.sent.length, 5);
  });

  it("lets the others go before a request that breaks connections, which then goes alone (fault 55)", async () => {
    const bench = new Bench();
    let breaks = 0;
    // The broker hangs up on it, and takes whatever is under way with it.
    const serve = () => {
      for (const { topic, payload } of bench.sent.splice(0)) {
        if (payload.includes("poison")) {
          breaks++;
          bench.correlator.close(LOST);
          bench.sent.length = 0;
          bench.clock.advance(1000);
          return bench.open();
        }
        bench.answer(topic.split("/").slice(3).join("/").replace("metric/pushValues", "info/inbox"));
      }
    };
    bench.push("poison", "s0");
    const repeated = new Map<string, number>();
    for (let i = 1; i <= 60; i++) {
      const label = `${i}`;
      const onRepeat = () => repeated.set(label, (repeated.get(label) ?? 0) + 1);
      bench.push(label, `s${i % 20}`, undefined, { onRepeat });
    }
    const ended: string[] = [];
    for (let steps = 0; steps < 200; steps++) {
      serve();
      bench.clock.advance(100);
      ended.push(...(await bench.outcome()));
    }
    assert.equal(breaks, 4);
    assert.equal(ended.length, 61);
    assert.ok(ended.includes("poison: RequestBreaksConnection"));
    assert.deepEqual(
      ended.slice(0, 57).filter((line) => !line.endsWith(OK)),
      [],
      "only its own sensor's pushes wait for it",
    );
    assert.ok(Math.max(...repeated.values()) <= 2, "sent with it once, and perhaps twice");
  });

  it("takes a push without a time by its answer, alone, also while echoes tell others apart", async () => {
    const bench = new Bench();
    bench.correlator.setLive(true);
    for (let i = 0; i < 20; i++) bench.push(`${i}`, "s", i);
    bench.answer("sensor/s/info/inbox");
    bench.answer("sensor/s/info/inbox");
    bench.echo(bench.sent[1]?.payload ?? "");
    for (const { payload } of bench.sent.slice(2)) {
      bench.answer("sensor/s/info/inbox");
      bench.echo(payload);
    }
    assert.equal((await bench.outcome()).length, 20);
    const metrics = [{ metricId: "m", value: 1 }];
    bench.ask("a", "pushValues", { sensorId: "s", metrics, timestamp: null });
    bench.ask("b", "pushValues", { sensorId: "s", metrics, timestamp: null });
    assert.equal(bench.sent.length, 21);
    bench.answer("sensor/s/info/inbox");
    bench.answer("sensor/s/info/inbox");
    assert.deepEqual(await bench.outcome(), [`a: "${OK}`, `b: "${OK}`]);
  });

  it("does not repeat what would then be done twice: its outcome is unknown", async () => {
    const bench = new Bench();
    bench.ask("create", "createSensor", { name: "x" });
    bench.correlator.close(LOST);
    assert.deepEqual(await bench.outcome(), ["create: ConnectionLost.request"]);
  });

  it("keeps requests while there is no connection, and ends those that waited too long", async () => {
    const queue = { count: 10, bytes: 10_000, age: 500, whenFull: "reject" as const };
    const bench = new Bench({ queue });
    bench.correlator.close(LOST);
    bench.push("a");
    bench.clock.advance(300);
    bench.push("b", "t");
    bench.clock.advance(200);
    assert.deepEqual(await bench.outcome(), ["a: QueueExpired"]);
    bench.open();
    bench.clock.settle();
    assert.deepEqual(bench.labels(), ["b"]);
  });

  it("drops the oldest for a new one where the queue is told to, each once with its reason (fault 36)", async () => {
    const queue = { count: 2, bytes: 10_000, age: 0, whenFull: "dropOldest" as const };
    const bench = new Bench({ queue });
    bench.correlator.close(LOST);
    for (const label of ["a", "b", "c"]) bench.push(label);
    assert.deepEqual(await bench.outcome(), ["a: QueueDropped"]);
    bench.correlator.refuse(new IotError("NotRegistered"));
    bench.push("d");
    assert.deepEqual(await bench.outcome(), ["b: NotRegistered", "c: NotRegistered", "d: NotRegistered"]);
  });

  it("ends a request when its signal is aborted, and closes its lane to the answer that may come", async () => {
    const bench = new Bench();
    const sent = new AbortController();
    const waiting = new AbortController();
    bench.push("sent", "s", undefined, { signal: sent.signal });
    bench.push("waiting", "s", undefined, { signal: waiting.signal });
    bench.push("next");
    sent.abort();
    waiting.abort();
    assert.deepEqual(await bench.outcome(), ["sent: Closed.sent", "waiting: Closed.unsent"]);
    bench.answer("sensor/s/info/inbox");
    assert.deepEqual(await bench.outcome(), []);
    bench.clock.advance(250);
    assert.deepEqual(bench.labels(), ["sent", "next"]);
  });

  it("ends all requests of a signal with one listener, however many there are", async () => {
    const bench = new Bench();
    const controller = new AbortController();
    const { signal } = controller;
    for (const label of ["answered", "sent", "waiting"])
      bench.push(label, label === "waiting" ? "sent" : label, undefined, { signal });
    bench.answer("sensor/answered/info/inbox");
    assert.equal(getEventListeners(signal, "abort").length, 1);
    await bench.outcome();
    controller.abort();
    assert.deepEqual(await bench.outcome(), ["sent: Closed.sent", "waiting: Closed.unsent"]);
    assert.equal(getEventListeners(signal, "abort").length, 0);
  });

  it("tells of changes once for all of a turn", () => {
    const bench = new Bench();
    bench.clock.settle();
    let told = 0;
    bench.correlator.onChange = () => told++;
    for (let push = 0; push < 10; push++) {
      void bench.correlator.submit("pushValues", {
        sensorId: `${push}`,
        metrics: [{ metricId: "m", value: 1 }],
      });
    }
    bench.clock.settle();
    assert.equal(told, 1);
    assert.equal(bench.correlator.counters.inFlight, 10);
    bench.answer("sensor/0/info/inbox");
    assert.equal(told, 2);
  });

  it("ends everything once when it stops, and leaves no timer", async () => {
    const bench = new Bench();
    bench.push("sent");
    bench.push("waiting");
    bench.correlator.stop();
    assert.deepEqual(await bench.outcome(), ["sent: Closed.sent", "waiting: Closed.unsent"]);
    assert.equal(bench.clock.pending, 0);
  });

  it("refuses bad input at once, whatever it is (fault 41)", async () => {
    const bench = new Bench();
    bench.ask("id", "pushValues", { sensorId: "a/b", metrics: [{ metricId: "m", value: 1 }] });
    bench.ask("none", "pushValues", undefined as never);
    bench.ask("metric", "describeMetric", { sensorId: "s", metricId: "+" });
    assert.deepEqual(await bench.outcome(), [
      "id: InvalidInput.characters",
      "none: InvalidInput.value",
      "metric: InvalidInput.characters",
    ]);
    assert.equal(bench.sent.length, 0);
  });

  describe("timestamps", () => {
    const timestamps = (bench: Bench) =>
      bench.sent.map(({ payload }) => (JSON.parse(payload) as { timestamp: number }).timestamp);

    it("are the user's where there is one, and otherwise unique and growing in a sensor", () => {
      const bench = new Bench();
      const now = bench.clock.now();
      for (const given of [undefined, undefined, 5, undefined]) {
        bench.push("a", "s", given);
        bench.answer("sensor/s/info/inbox");
      }
      assert.deepEqual(timestamps(bench), [now, now + 1, 5, now + 2]);
    });

    it("are later than one that the user gave a moment ahead of the clock (fault 45)", () => {
      const bench = new Bench();
      const now = bench.clock.now();
      for (const given of [now + 40, undefined]) {
        bench.push("a", "s", given);
        bench.answer("sensor/s/info/inbox");
      }
      assert.deepEqual(timestamps(bench), [now + 40, now + 41]);
    });

    it("follow the machine's time when it is set back (fault 34)", () => {
      const bench = new Bench();
      const now = bench.clock.now();
      bench.push("a");
      bench.answer("sensor/s/info/inbox");
      bench.clock.jump(-86_400_000);
      bench.push("b");
      assert.deepEqual(timestamps(bench), [now, now - 86_400_000]);
    });
  });

  describe("with echoes in live data", () => {
    /** Twenty pushes wait, and the echo of an old one has been seen. */
    function learned(): Bench {
      const bench = new Bench();
      bench.correlator.onEchoWanted = (wanted) => (bench.live = wanted);
      for (let i = 0; i < 20; i++) bench.push(`${i}`, "s", i);
      assert.equal(bench.live, true, "so many waiting pushes want it");
      bench.correlator.setLive(true);
      bench.answer("sensor/s/info/inbox");
      bench.answer("sensor/s/info/inbox");
      bench.echo(bench.sent[1]?.payload ?? "");
      return bench;
    }

    it("has many pushes of one sensor in flight, told apart by timestamp and values", async () => {
      const bench = learned();
      assert.equal(bench.sent.length, 20);
      await bench.outcome();
      const [last] = bench.sent.slice(-1);
      bench.echo(last?.payload ?? "");
      assert.deepEqual(await bench.outcome(), [`19: "${OK}`]);
    });

    it("does not learn from the echo of a push that is new: an agent's own time could be the same", () => {
      const bench = new Bench();
      for (let i = 0; i < 20; i++) bench.push(`${i}`);
      bench.correlator.setLive(true);
      bench.answer("sensor/s/info/inbox");
      bench.answer("sensor/s/info/inbox");
      bench.echo(bench.sent[1]?.payload ?? "");
      assert.equal(bench.sent.length, 3);
    });

    it("gives an error to the push whose echo does not come", async () => {
      const bench = learned();
      await bench.outcome();
      const flying = bench.sent.slice(2);
      bench.answer("sensor/s/error/inbox", { errorcode: 27, errorMessage: "x", metrics: ["m"] });
      flying.slice(1).forEach(() => bench.answer("sensor/s/info/inbox"));
      assert.deepEqual(await bench.outcome(), []);
      for (const [index, { payload }] of flying.entries()) if (index !== 7) bench.echo(payload);
      const outcome = await bench.outcome();
      assert.equal(outcome.filter((line) => line.endsWith('"Sensor was updated."')).length, 17);
      assert.deepEqual(outcome.slice(-1), ["9: PushValuesFailed"]);
    });

    it("is not fooled by an error that an echo refutes, and believes one that comes each time", async () => {
      const bench = learned();
      for (const { payload } of bench.sent.slice(2)) {
        bench.answer("sensor/s/info/inbox");
        bench.echo(payload);
      }
      await bench.outcome();
      bench.answer("sensor/s/info/inbox", "nobody asked for this");
      bench.push("accepted", "s", 100);
      bench.answer("sensor/s/error/inbox", { errorcode: 3, errorMessage: "somebody else's" });
      bench.clock.advance(T / 8);
      bench.echo(bench.sent.at(-1)?.payload ?? "");
      assert.deepEqual(await bench.outcome(), ['accepted: "Sensor was updated."']);
      let repeated = 0;
      bench.push("rejected", "s", 101, { onRepeat: () => repeated++ });
      for (let sending = 0; sending < 3; sending++) {
        assert.deepEqual(await bench.outcome(), [], "an error could be somebody else's, and the echo late");
        assert.equal(repeated, sending);
        bench.answer("sensor/s/error/inbox", { errorcode: 3, errorMessage: "its own" });
        bench.clock.advance(T / 4);
      }
      assert.deepEqual(await bench.outcome(), ["rejected: InternalError"]);
    });

    it("asks for live data only where that lets more be in flight", () => {
      for (const [sensors, gains] of [
        [1, true],
        [32, false],
      ] as const) {
        const bench = new Bench();
        for (let round = 0; round < 20; round++)
          for (let sensor = 0; sensor < sensors; sensor++) bench.push("", `s${sensor}`);
        assert.equal(bench.correlator.isEchoWanted, gains, `${sensors} sensors`);
      }
    });

    it("stops listening to live data when it was of no use for a while", () => {
      const bench = learned();
      for (const { payload } of bench.sent.slice(2)) {
        bench.answer("sensor/s/info/inbox");
        bench.echo(payload);
      }
      bench.clock.advance(120_000);
      assert.equal(bench.live, false);
    });

    it("falls back to one in flight when live data ends", async () => {
      const bench = learned();
      await bench.outcome();
      bench.correlator.setLive(false);
      bench.correlator.noLive();
      bench.clock.advance(T);
      assert.equal((await bench.outcome()).length, 18);
      bench.clock.advance(2 * T);
      bench.push("a");
      bench.push("b");
      bench.clock.advance(10);
      assert.deepEqual(bench.labels().slice(20), ["a"]);
    });
  });

  describe("before it knows that answers are only those that were asked for", () => {
    function doubting(): Bench {
      const bench = new Bench({}, false);
      bench.correlator.onEchoWanted = (wanted) => (bench.live = wanted);
      bench.push("a");
      return bench;
    }

    it("waits a moment for live data, and takes the echo of a push for its verdict (fault 18)", async () => {
      const bench = doubting();
      assert.deepEqual([bench.live, bench.sent.length], [true, 0]);
      bench.correlator.setLive(true);
      bench.clock.settle();
      bench.answer("sensor/s/error/inbox", { errorcode: 3, errorMessage: "somebody else's" });
      bench.answer("sensor/s/info/inbox");
      bench.echo(bench.sent[0]?.payload ?? "");
      assert.deepEqual(await bench.outcome(), [`a: ""`]);
    });

    it("believes the answer of an agent whose echo does not come, and soon expects none", async () => {
      const bench = doubting();
      bench.correlator.setLive(true);
      bench.clock.settle();
      for (let i = 0; i < 3; i++) {
        bench.answer("sensor/s/info/inbox");
        assert.deepEqual(await bench.outcome(), []);
        bench.clock.advance(HOLD_MS);
        assert.deepEqual(await bench.outcome(), [`a: "${OK}`]);
        bench.push("a");
      }
      bench.answer("sensor/s/info/inbox");
      assert.deepEqual(await bench.outcome(), [`a: "${OK}`]);
    });

    it("does not wait for live data that does not come", async () => {
      const bench = doubting();
      bench.clock.advance(LIVE_FIRST_MS);
      bench.answer("sensor/s/info/inbox");
      assert.deepEqual(await bench.outcome(), [`a: "${OK}`]);
    });
  });

  it("stays linear with 100,000 queued requests of thousands of sensors", async () => {
    const queue = { count: 100_000, bytes: 1e9, age: 0, whenFull: "reject" as const };
    const bench = new Bench({ queue });
    for (let i = 0; i < 100_000; i++) bench.push("x", `s${i % 5000}`);
    for (let sent = 0; sent < bench.sent.length; sent++) {
      const sensor = bench.sent[sent]?.topic.split("/")[4] ?? "";
      bench.correlator.receive(`${P}/sensor/${sensor}/info/inbox`, Buffer.from("ok"));
      if (sent + 1 === bench.sent.length) bench.clock.settle();
    }
    assert.equal((await bench.outcome()).length, 100_000);
    assert.deepEqual(bench.correlator.counters.queued, 0);
  });
});
