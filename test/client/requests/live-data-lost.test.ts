/**
 * Live data is lost while answers come that nobody here asked for (fault 18): what was told apart by its echo until
 * then is not taken for known all of a sudden.
 */
import assert from "node:assert/strict";
import { Correlator } from "../../../src/client/requests/correlator";
import { LIVE_FIRST_MS } from "../../../src/client/requests/live-echo";
import type { IotError } from "../../../src/protocol/errors";
import { FakeClock } from "../../support/agent/fake-clock";

const T = 1000;
const SENSOR = "/v1.0/c/sensor/s";
const ERROR = Buffer.from('{"errorcode":19,"errorMessage":"somebody else\'s"}');
const OK = Buffer.from("Sensor was updated.");

describe("A client that is deceived and loses its live data", () => {
  /** Echoes are known, and an answer has come that nobody asked for. */
  async function make() {
    const clock = new FakeClock();
    const sent: string[] = [];
    const ended: string[] = [];
    const queue = { count: 1000, bytes: 1e6, age: 0, whenFull: "reject" as const };
    const correlator = new Correlator({ inFlight: 128, requestTimeout: T, queue }, clock);
    correlator.open("c", (topic, payload) => {
      const { request } = JSON.parse(payload) as { request?: string };
      const answer = Buffer.from(JSON.stringify({ answer: request }));
      if (request === undefined) sent.push(payload);
      else clock.soon(() => correlator.receive(`${topic}/info/inbox`, answer));
    });
    correlator.setLive(true);
    const push = (value: string) => {
      correlator.submit("pushValues", { sensorId: "s", metrics: [{ metricId: "m", value }] }).then(
        () => ended.push(`${value} ok`),
        (error: IotError) => ended.push(`${value} ${error.name}`),
      );
      clock.settle();
    };
    const pass = async (milliseconds: number) => {
      for (let passed = 0; passed < milliseconds; passed += 50) {
        clock.advance(50);
        await new Promise(setImmediate);
      }
    };
    push("learned");
    correlator.receive(`${SENSOR}/info/inbox`, OK);
    correlator.receiveEcho("s", JSON.parse(sent[0] ?? "") as never);
    await pass(50);
    correlator.receive(`${SENSOR}/info/inbox`, OK);
    assert.equal(correlator.counters.unasked, 1);
    assert.deepEqual(ended.splice(0), ["learned ok"]);
    // It is not waited for because the connection is new.
    await pass(2 * LIVE_FIRST_MS);
    return { correlator, push, pass, ended, sent };
  }

  for (const [title, topic, message] of [
    ["error", "error/inbox", ERROR],
    ["success", "info/inbox", OK],
  ] as const) {
    it(`takes no other client's ${title} for its own before live data had the time to come back (fault 18)`, async () => {
      const { correlator, push, pass, ended } = await make();
      correlator.setLive(false);
      push("mine");
      await pass(100);
      correlator.receive(`${SENSOR}/${topic}`, message);
      await pass(100);
      assert.deepEqual(ended, []);
      correlator.stop();
    });
  }

  it("goes on by echoes when live data is back, and without them when it does not come back", async () => {
    const back = await make();
    back.correlator.setLive(false);
    back.push("mine");
    await back.pass(500);
    back.correlator.setLive(true);
    await back.pass(50);
    back.correlator.receiveEcho("s", JSON.parse(back.sent.at(-1) ?? "") as never);
    await back.pass(50);
    assert.deepEqual(back.ended, ["mine ok"]);
    back.correlator.stop();

    const gone = await make();
    gone.correlator.setLive(false);
    gone.push("mine");
    await gone.pass(LIVE_FIRST_MS + 100);
    assert.equal(gone.sent.length, 2);
    gone.correlator.stop();
  });
});
