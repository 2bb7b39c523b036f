/** Answers of many megabytes (fault 53): what is awaited is read in steps, what is not is passed over. */
import assert from "node:assert/strict";
import { Correlator } from "../../../src/client/requests/correlator";
import { LIVE_FIRST_MS } from "../../../src/client/requests/live-echo";
import type { RequestName } from "../../../src/client/requests/routes";
import type { IotError } from "../../../src/protocol/errors";
import { MAX_ANSWER_BYTES, MAX_LIST_BYTES, MAX_PAYLOAD_BYTES } from "../../../src/protocol/limits";
import type { Parameters } from "../../../src/protocol/operations";
import { FakeClock } from "../../support/agent/fake-clock";
import { isProbe } from "../../support/agent/probe";

const T = 1000;
const LIST_TOPIC = "/v1.0/c/inventory/inbox";
const OK = Buffer.from("Sensor was updated.");

describe("A large answer", () => {
  let clock: FakeClock;
  let correlator: Correlator;
  let sent: string[];
  let ended: string[];

  beforeEach(() => {
    clock = new FakeClock();
    sent = [];
    ended = [];
    const queue = { count: 10, bytes: 1e6, age: 0, whenFull: "reject" as const };
    correlator = new Correlator({ inFlight: 8, requestTimeout: T, queue }, clock);
    correlator.open("c", (topic, payload) => {
      if (!isProbe(payload)) sent.push(topic);
      else correlator.receive(`${topic}/info/inbox`, Buffer.from(payload.replace("request", "answer")));
    });
    clock.settle();
  });
  afterEach(() => correlator.stop());

  function ask<N extends RequestName>(name: N, parameters: Parameters<N>, signal?: AbortSignal): void {
    correlator.submit(name, parameters, signal ? { signal } : {}).then(
      (result) => ended.push(Array.isArray(result) ? `${result.length} entries` : "ok"),
      (error: IotError) => ended.push(`${error.name} ${error.details.size ?? ""}`.trim()),
    );
    clock.settle();
  }

  /** A list that is over 256 KiB. */
  function list(count = 5000): Buffer {
    const metrics = [{ metricId: "0123456789abcdef0123456789abcdef", link: "/link" }];
    return Buffer.from(
      JSON.stringify(
        Array.from({ length: count }, (_, index) => ({ sensorId: `s${index}`, name: "n", metrics })),
      ),
    );
  }

  async function outcome(): Promise<string[]> {
    for (let i = 0; i < 20; i++) {
      clock.settle();
      await Promise.resolve();
    }
    return ended.splice(0);
  }

  it("of a list is taken up to its limit, and read (fault 53)", async () => {
    ask("listSensors", {});
    assert.equal(correlator.receiveLarge(LIST_TOPIC, MAX_LIST_BYTES), true);
    correlator.receive(LIST_TOPIC, list());
    assert.deepEqual(await outcome(), ["5000 entries"]);
    assert.equal(correlator.counters.answered, 1);
  });

  it("over the limit ends its request with its size, and it is not sent again (fault 53)", async () => {
    for (const [name, parameters, topic, most] of [
      ["listSensors", {}, LIST_TOPIC, MAX_LIST_BYTES],
      ["ping", { request: "x" }, "/v1.0/c/ping/info/inbox", MAX_ANSWER_BYTES],
      [
        "describeMetric",
        { sensorId: "s", metricId: "m" },
        "/v1.0/c/sensor/s/metric/m/inventory/inbox",
        MAX_ANSWER_BYTES,
      ],
      ["updateSensor", { sensorId: "s", name: "n" }, "/v1.0/c/sensor/s/update/error/inbox", MAX_ANSWER_BYTES],
    ] as const) {
      sent.length = 0;
      ask(name, parameters as never);
      assert.equal(correlator.receiveLarge(topic, most + 1), false);
      clock.advance(20 * T);
      assert.deepEqual(await outcome(), [`AnswerTooLarge ${most + 1}`]);
      assert.equal(sent.length, 1);
    }
  });

  it("that nobody awaits is not taken, and is counted", () => {
    for (const topic of [LIST_TOPIC, "/v1.0/c/else", ""]) {
      assert.equal(correlator.receiveLarge(topic, MAX_PAYLOAD_BYTES + 1), false);
    }
    assert.equal(correlator.counters.unasked, 3);
    ask("listSensors", {});
    assert.equal(correlator.receiveLarge("/v1.0/c/ping/info/inbox", MAX_PAYLOAD_BYTES + 1), false);
  });

  it("is not overdue while it is on its way", async () => {
    ask("listSensors", {});
    clock.advance(T - 1);
    assert.equal(correlator.receiveLarge(LIST_TOPIC, 1e7), true);
    clock.advance(T - 1);
    correlator.receive(LIST_TOPIC, list());
    assert.deepEqual(await outcome(), ["5000 entries"]);
  });

  it("does not keep the next request waiting while it is read", async () => {
    ask("listSensors", {});
    ask("listSensors", {});
    assert.equal(sent.length, 1);
    correlator.receive(LIST_TOPIC, list());
    clock.settle();
    assert.equal(sent.length, 2);
    correlator.receive(LIST_TOPIC, list(6000));
    assert.deepEqual(await outcome(), ["5000 entries", "6000 entries"]);
  });

  it("that is no list is a BadReply", async () => {
    ask("listSensors", {});
    correlator.receive(LIST_TOPIC, Buffer.alloc(MAX_PAYLOAD_BYTES + 1, "["));
    assert.deepEqual(await outcome(), ["BadReply"]);
    assert.equal(correlator.counters.failed, 1);
  });

  it("of a push is an answer all the same, and its echo may be as large", async () => {
    ask("pushValues", { sensorId: "s", metrics: [{ metricId: "m", value: 1 }] });
    clock.advance(LIVE_FIRST_MS);
    assert.equal(correlator.awaitsEcho("s"), true);
    assert.equal(correlator.awaitsEcho("other"), false);
    assert.equal(correlator.receiveLarge("/v1.0/c/sensor/s/info/inbox", MAX_ANSWER_BYTES), true);
    correlator.receive("/v1.0/c/sensor/s/info/inbox", Buffer.concat([OK, Buffer.alloc(MAX_PAYLOAD_BYTES)]));
    clock.advance(T / 2);
    assert.deepEqual(await outcome(), ["ok"]);
  });

  it("is read no further when its request is aborted or everything stops", async () => {
    // Steps take time here, so that the reading rests.
    let now = 0;
    clock.monotonic = () => (now += 1);
    const abort = new AbortController();
    ask("listSensors", {}, abort.signal);
    correlator.receive(LIST_TOPIC, list());
    abort.abort();
    assert.deepEqual(await outcome(), ["Closed"]);
    ask("listSensors", {});
    correlator.receive(LIST_TOPIC, list());
    correlator.stop();
    assert.deepEqual(await outcome(), ["Closed"]);
  });
});
