/** The model of the agent without a broker: what it keeps, and what it answers on which topics. */
import assert from "node:assert/strict";
import { handleRequest, type AnswerFaults } from "../../src/simulator/agent";
import { NO_FAULTS } from "../../src/simulator/faults";
import { readOwnJson, writeJson } from "../../src/simulator/digits";
import { Model, type ModelState } from "../../src/simulator/model";

const NOW = 1_700_000_000_000;

/** A model with one client, whose IDs count up. */
function setUp(faults: Partial<AnswerFaults> = {}, isOlder = false) {
  let ids = 0;
  const newId = () => String(++ids).padStart(32, "0");
  const model = new Model({ now: () => NOW, newId });
  const { clientId } = model.createClient("one", isOlder);
  const own = `/v1.0/${clientId}`;
  const ask = (topic: string, message: unknown) => {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    return handleRequest(model, own + topic, Buffer.from(text), { ...NO_FAULTS, ...faults }).answers.map(
      ({ topic: to, payload }) => [to.slice(own.length), read(payload)] as [string, unknown],
    );
  };
  /** The payload of the last answer, which is the documented one. */
  const answer = (topic: string, message: unknown) => ask(topic, message).at(-1)?.[1];
  return { model, clientId, own, ask, answer };
}

function read(payload: string): unknown {
  return /^[[{"]/.test(payload) ? (JSON.parse(payload) as unknown) : payload;
}

const push = (values: Record<string, unknown>, rest: object = {}) => ({
  metrics: Object.entries(values).map(([metricId, value]) => ({ metricId, value })),
  ...rest,
});

function makeSensor({ answer }: ReturnType<typeof setUp>, name = "press"): string {
  return (answer("/sensor/create", { name }) as { sensorId: string }).sensorId;
}

function makeMetric(agent: ReturnType<typeof setUp>, sensorId: string, definition: object): string {
  const metrics = [{ matchingId: "1", name: "m", ...definition }];
  const created = agent.answer(`/sensor/${sensorId}/metric/create`, { metrics }) as { metricId: string }[];
  return created[0]?.metricId ?? "";
}

describe("the simulated agent's model", () => {
  describe("pushing values", () => {
    it("creates the sensor and the metrics that are missing, named by their IDs and typed by their values", () => {
      const { ask, answer } = setUp();
      assert.deepEqual(ask("/sensor/press/metric/pushValues", push({ t: 1.5, on: true, text: "x" })), [
        ["/sensor/press/info/inbox", "Sensor was updated."],
        [
          "/sensor/press/livedata",
          {
            metrics: [
              { metricId: "t", value: 1.5 },
              { metricId: "on", value: true },
              { metricId: "text", value: "x" },
            ],
            timestamp: NOW,
          },
        ],
      ]);
      const types = ["t", "on", "text"].map(
        (id) => (answer(`/sensor/press/metric/${id}/inventory`, {}) as { valueType: string }).valueType,
      );
      assert.deepEqual(types, ["double", "bool", "string"]);
    });

    it("takes the timestamp of the message, or one beside a value", () => {
      const { answer } = setUp();
      const live = (message: unknown) =>
        (answer("/sensor/press/metric/pushValues", message) as { timestamp: number }).timestamp;
      assert.equal(live(push({ t: 1 }, { timestamp: 5 })), 5);
      assert.equal(live({ metrics: [{ metricId: "t", value: 1, timestamp: 6 }] }), 6);
      assert.equal(live(push({ t: 1 })), NOW);
    });

    it("updates what fits and refuses the rest by name, with live data of what was updated", () => {
      const { ask, answer } = setUp();
      ask("/sensor/press/metric/pushValues", push({ t: 1, on: true }));
      const answers = ask("/sensor/press/metric/pushValues", push({ t: 2, on: "maybe" }));
      assert.deepEqual(
        answers.map(([topic]) => topic),
        ["/sensor/press/error/inbox", "/sensor/press/livedata"],
      );
      const [[, error] = [], [, live] = []] = answers as [string, Record<string, unknown>][];
      assert.equal(error?.errorcode, 27);
      assert.deepEqual(error?.metrics, ["on"]);
      assert.deepEqual(live?.metrics, [{ metricId: "t", value: 2 }]);
      assert.equal((answer("/sensor/press/metric/on/inventory", {}) as { value: unknown }).value, true);
    });

    it("creates no sensor when no value could be stored", () => {
      const { ask, model } = setUp();
      ask("/sensor/press/metric/pushValues", push({ t: null }));
      assert.deepEqual(model.counts, { clients: 1, sensors: 0, metrics: 0 });
    });

    it("takes a text for a number or a bool, since the document calls every value a string", () => {
      const agent = setUp();
      const sensorId = makeSensor(agent);
      const count = makeMetric(agent, sensorId, { valueType: "integer", valueAnnotation: "pieces" });
      const fits = (value: unknown) =>
        typeof agent.ask(`/sensor/${sensorId}/metric/pushValues`, push({ [count]: value }))[0]?.[1] ===
        "string";
      assert.deepEqual(["12", 12, "1.5", 1.5, "", " ", "0x10", "Infinity", true].map(fits), [
        true,
        true,
        false,
        false,
        false,
        false,
        false,
        false,
        false,
      ]);
      assert.equal(
        (agent.answer(`/sensor/${sensorId}/metric/${count}/inventory`, {}) as { value: unknown }).value,
        12,
      );
    });

    it("refuses a number that JSON can write and no double can hold", () => {
      const { answer } = setUp();
      const message = '{"metrics":[{"metricId":"t","value":1e999}]}';
      assert.equal(
        (answer("/sensor/press/metric/pushValues", message) as { errorcode: number }).errorcode,
        27,
      );
    });

    it("refuses a push to a deleted sensor, as 'Delete Sensor' says, also after a restart", () => {
      const agent = setUp();
      const topic = "/sensor/press/metric/pushValues";
      agent.ask(topic, push({ t: 1 }));
      agent.ask("/sensor/press/delete", {});
      const restarted = readOwnJson(writeJson(agent.model.toState())) as ModelState;
      for (const model of [agent.model, new Model({ now: () => NOW, newId: () => "" }, restarted)]) {
        const { answers } = handleRequest(
          model,
          agent.own + topic,
          Buffer.from(JSON.stringify(push({ t: 1 }))),
          NO_FAULTS,
        );
        assert.deepEqual(
          answers.map(({ topic: to, payload }) => [
            to,
            (JSON.parse(payload) as { errorcode: number }).errorcode,
          ]),
          [[`${agent.own}/sensor/press/error/inbox`, 15]],
        );
      }
      assert.equal(agent.model.counts.sensors, 0);
    });

    it("makes a deleted sensor anew with deletedReturns, as 'Push Metric Values' says", () => {
      const agent = setUp({ deletedReturns: true });
      const topic = "/sensor/press/metric/pushValues";
      agent.ask(topic, push({ t: 1, u: 1 }));
      agent.ask("/sensor/press/delete", {});
      assert.equal(agent.ask(topic, push({ t: 2 }))[0]?.[1], "Sensor was updated.");
      assert.deepEqual(agent.model.counts, { clients: 1, sensors: 1, metrics: 1 });
    });

    it("keeps integers and timestamps of 64 bits, and what no double holds, to the digit: in live data, descriptions and the state", () => {
      const agent = setUp();
      const sensorId = makeSensor(agent);
      const count = makeMetric(agent, sensorId, { valueType: "integer", valueAnnotation: "pieces" });
      const raw = (model: Model, topic: string, text: string) =>
        handleRequest(model, agent.own + topic, Buffer.from(text), NO_FAULTS).answers.map(
          ({ payload }) => payload,
        );
      const pushed = (value: string, timestamp = "1") =>
        raw(
          agent.model,
          `/sensor/${sensorId}/metric/pushValues`,
          `{"metrics":[{"metricId":"${count}","value":${value}}],"timestamp":${timestamp}}`,
        ).at(-1);
      assert.equal(
        pushed("-9223372036854775808", "9007199254740993"),
        `{"metrics":[{"metricId":"${count}","value":-9223372036854775808}],"timestamp":9007199254740993}`,
      );
      const restarted = new Model(
        { now: () => NOW, newId: () => "" },
        readOwnJson(writeJson(agent.model.toState())) as ModelState,
      );
      for (const model of [agent.model, restarted]) {
        const [description = ""] = raw(model, `/sensor/${sensorId}/metric/${count}/inventory`, "{}");
        assert.match(
          description,
          /^\{"lastUpdated":9007199254740993000,.*"value":-9223372036854775808,.*\}$/,
        );
      }
      assert.match(pushed('"9007199254740993"') ?? "", /"value":"9007199254740993"/);
      for (const tooLarge of [
        "9223372036854775808",
        "-9223372036854775809",
        "1e19",
        '"9223372036854775808"',
      ]) {
        assert.match(pushed(tooLarge) ?? "", /"errorcode":27/, tooLarge);
      }
      assert.match(pushed("1", "0") ?? "", /"timestamp":0/);
      const double = raw(
        agent.model,
        "/sensor/new/metric/pushValues",
        '{"metrics":[{"metricId":"d","value":0.12345678901234567890}]}',
      );
      assert.match(double.at(-1) ?? "", /"value":0.12345678901234567890\}/);
    });

    it("sends live data before the answer when told so", () => {
      const { ask } = setUp({ liveDataFirst: true });
      const topics = ask("/sensor/press/metric/pushValues", push({ t: 1 })).map(([topic]) => topic);
      assert.deepEqual(topics, ["/sensor/press/livedata", "/sensor/press/info/inbox"]);
    });
  });

  describe("describing a metric", () => {
    it("says 9223372036854775 for never, digit by digit, and microseconds after a push", () => {
      const agent = setUp();
      const sensorId = makeSensor(agent);
      const metricId = makeMetric(agent, sensorId, { valueUnit: "SI.Power.WATT" });
      const raw = () =>
        handleRequest(
          agent.model,
          `${agent.own}/sensor/${sensorId}/metric/${metricId}/describe`,
          Buffer.from("{}"),
          NO_FAULTS,
        ).answers[0]?.payload;
      const rest = `"metricId":"${metricId}","name":"m"`;
      assert.equal(raw(), `{"lastUpdated":9223372036854775,${rest},"value":0,"valueUnit":"SI.Power.WATT"}`);
      agent.ask(`/sensor/${sensorId}/metric/pushValues`, push({ [metricId]: 7 }, { timestamp: 8 }));
      assert.equal(raw(), `{"lastUpdated":8000,${rest},"value":7,"valueUnit":"SI.Power.WATT"}`);
    });

    it("has type and annotation for a custom unit, and no predefined one", () => {
      const agent = setUp();
      const sensorId = makeSensor(agent);
      const metricId = makeMetric(agent, sensorId, { valueType: "bool", valueAnnotation: "door" });
      const description = agent.answer(`/sensor/${sensorId}/metric/${metricId}/inventory`, {}) as object;
      assert.deepEqual(Object.keys(description), [
        "lastUpdated",
        "metricId",
        "name",
        "value",
        "valueType",
        "valueAnnotation",
      ]);
    });

    it("answers an error also where the vendor's SDKs listen, but only on their topic", () => {
      const { ask } = setUp({}, true);
      const topics = (last: string) => ask(`/sensor/s/metric/m/${last}`, {}).map(([topic]) => topic);
      const both = ["/sensor/s/inventory/error/inbox", "/sensor/s/metric/m/inventory/error/inbox"];
      assert.deepEqual(topics("inventory"), both);
      assert.deepEqual(topics("describe"), [both[1]]);
    });
  });

  describe("names and IDs", () => {
    it("keeps sensor names unique within a client, and lets a sensor keep its own", () => {
      const agent = setUp();
      const sensorId = makeSensor(agent, "press");
      makeSensor(agent, "mill");
      const rename = (name: string) => agent.answer(`/sensor/${sensorId}/update`, { name });
      assert.equal(rename("press"), "Sensor was changed.");
      assert.equal((rename("mill") as { errorcode: number }).errorcode, 28);
      const other = agent.model.createClient("two").clientId;
      assert.equal(agent.model.createSensor(other, "press").name, "press");
    });

    it("does not confuse a client's sensors with another client's", () => {
      const agent = setUp();
      const other = agent.model.createClient("two").clientId;
      const { sensorId } = agent.model.createSensor(other, "press");
      const answer = agent.answer(`/sensor/${sensorId}/update`, { name: "x" }) as { errorcode: number };
      assert.equal(answer.errorcode, 15);
    });

    it("takes a sensor that is called like a part of a topic", () => {
      const { ask } = setUp();
      for (const name of ["create", "list", "__proto__", "constructor", "delete"]) {
        const [[, answer] = []] = ask(`/sensor/${name}/metric/pushValues`, push({ toString: 1 }));
        assert.equal(answer, "Sensor was updated.", name);
      }
    });

    it("answers the topic sensor/list as the list, not as a push to a sensor called so", () => {
      const { ask } = setUp();
      assert.deepEqual(ask("/sensor/list", {}), [["/inventory/inbox", []]]);
    });
  });

  it("deletes only the metrics that are there, and names the others", () => {
    const agent = setUp();
    agent.ask("/sensor/press/metric/pushValues", push({ a: 1, b: 1 }));
    const metrics = [{ metricId: "a" }, { metricId: "nothing" }];
    const answers = agent.ask("/sensor/press/metric/delete", { metrics }) as [
      string,
      Record<string, unknown>,
    ][];
    assert.deepEqual(
      answers.map(([topic, error]) => [topic, error.errorcode, error.metrics]),
      [["/sensor/press/metric/delete/error/inbox", 23, ["nothing"]]],
    );
    assert.equal(agent.model.counts.metrics, 1);
  });

  it("sends copies only to a client that registered on the older topic, before the documented answer", () => {
    const { ask } = setUp({}, true);
    ask("/sensor/press/metric/pushValues", push({ a: 1 }));
    const topics = ask("/sensor/press/metric/delete", { metrics: [{ metricId: "a" }] });
    assert.deepEqual(
      topics.map(([topic]) => topic),
      [
        "/sensor/press/metric/delete/inbox",
        "/sensor/press/delete/info/inbox",
        "/sensor/press/metric/delete/info/inbox",
      ],
    );
  });

  it("answers a ping of any JSON with that JSON, and of the document's form with what stands there", () => {
    const { model, own } = setUp();
    const answered = (message: string) =>
      handleRequest(model, `${own}/ping`, Buffer.from(message), NO_FAULTS).answers[0]?.payload;
    for (const [message, answer] of [
      ['{"request":"x"}', '"x"'],
      ['{"request":{"a":[1,null]}}', '{"a":[1,null]}'],
      ['{"request":"x","more":1}', '{"request":"x","more":1}'],
      ["{}", "{}"],
      ["[1,2]", "[1,2]"],
      ['"text"', '"text"'],
      ["18446744073709551615", "18446744073709551615"],
      ["null", "null"],
    ] as const) {
      assert.equal(answered(message), `{"answer":${answer}}`);
    }
    assert.match(answered("{") ?? "", /"errorcode":4/);
  });

  it("takes the error that a client announces of itself, a sensor or a metric, and answers on the same topic", () => {
    const { ask } = setUp();
    ask("/sensor/press/metric/pushValues", push({ t: 1 }));
    for (const own of ["", "/sensor/press", "/sensor/press/metric/t"]) {
      assert.deepEqual(ask(`${own}/error`, "overheated"), [[`${own}/error/inbox`, "Error was announced."]]);
    }
    const codes = ["/sensor/none", "/sensor/press/metric/none"].map(
      (own) => (ask(`${own}/error`, "x")[0]?.[1] as { errorcode: number }).errorcode,
    );
    assert.deepEqual(codes, [15, 16]);
  });

  it("answers nothing when a client is deleted, and then knows nothing of it", () => {
    const { ask, model, clientId } = setUp();
    ask("/sensor/press/metric/pushValues", push({ a: 1 }));
    assert.deepEqual(ask("/delete", {}), []);
    assert.deepEqual(model.counts, { clients: 0, sensors: 0, metrics: 0 });
    assert.deepEqual(model.revoked, [0]);
    assert.equal(model.hasClient(clientId), false);
    assert.equal((ask("/ping", { request: "x" })[0]?.[1] as { errorcode: number }).errorcode, 18);
  });

  it("does not answer answers", () => {
    const { ask } = setUp();
    assert.deepEqual(ask("/ping/info/inbox", "x"), []);
    assert.deepEqual(ask("/sensor/press/livedata", "x"), []);
  });

  it("quotes texts, but not JSON, when told so", () => {
    const { model, own } = setUp();
    const quoted = (topic: string, message: string) =>
      handleRequest(model, own + topic, Buffer.from(message), { ...NO_FAULTS, quoted: true }).answers[0]
        ?.payload;
    assert.equal(quoted("/update", '{"name":"x"}'), '"Client name was successfully updated."');
    assert.equal(quoted("/ping", '{"request":"x"}'), '{"answer":"x"}');
  });

  it("comes back from its saved state as it was", () => {
    const agent = setUp();
    const sensorId = makeSensor(agent);
    makeMetric(agent, sensorId, { valueType: "string", valueAnnotation: "text" });
    agent.ask(`/sensor/${sensorId}/update`, { name: "renamed", state: 1 });
    agent.ask("/sensor/press/metric/pushValues", push({ a: 1 }));
    const saved = JSON.stringify(agent.model.toState());
    const again = new Model({ now: () => NOW, newId: () => "" }, JSON.parse(saved) as never);
    assert.equal(JSON.stringify(again.toState()), saved);
    assert.deepEqual(again.counts, agent.model.counts);
  });
});
