/** Each row of the table against the literal topics and messages that the API document prints. */
import { strict as assert } from "node:assert";
import { LIVE_DATA_TOPIC, OPERATIONS, type OperationName } from "../../src/protocol/operations";
import { buildFilter, buildTopic, matchTopic } from "../../src/protocol/topics";
import {
  DOCUMENT,
  EXAMPLES,
  METRIC_IN_TOPIC,
  readCommand,
  REGISTRATION,
  SENSOR_IN_TOPIC,
  type Example,
} from "../conformance/examples";

const P = `/v1.0/${DOCUMENT.clientId}`;
const ASKED = EXAMPLES.filter(({ operation }) => operation !== "liveData");

/** Where the operation is not asked with what the example's message has, or does not give what its answer has. */
const OTHERWISE: Partial<Record<OperationName, { parameters?: object; result?: unknown }>> = {
  deleteMetrics: {
    parameters: { sensorId: DOCUMENT.sensorId, metricIds: DOCUMENT.metricIds.slice(0, 2) },
  },
  describeMetric: {
    result: {
      // There never was a value.
      lastUpdated: null,
      metricId: DOCUMENT.metricIds[0],
      name: "CPUUsage",
      value: 0,
      valueUnit: "NoSI.Dimensionless.PERCENT",
    },
  },
};

function read({ operation, publish, subscribe = "", answer, error }: Example) {
  const name = operation as OperationName;
  const { topic, message } = readCommand(publish);
  const ids = {
    ...(SENSOR_IN_TOPIC.test(topic) ? { sensorId: SENSOR_IN_TOPIC.exec(topic)![0] } : {}),
    ...(METRIC_IN_TOPIC.test(topic) ? { metricId: METRIC_IN_TOPIC.exec(topic)![0] } : {}),
  };
  return {
    name,
    // The document's table says `inventory`, its example `describe`; every known client uses `inventory`.
    topic: topic.replace(/describe$/, "inventory"),
    message: JSON.parse(message) as object,
    values: { clientId: DOCUMENT.clientId, ...ids },
    parameters: OTHERWISE[name]?.parameters ?? { ...ids, ...(JSON.parse(message) as object) },
    answerTopic: readCommand(subscribe).topic,
    answer,
    result: OTHERWISE[name]?.result ?? (JSON.parse(answer ?? "null") as unknown),
    errorTopic: error
      ?.replace("P", P)
      .replace("SENSOR", ids.sensorId ?? "")
      .replace("METRIC", ids.metricId ?? ""),
  };
}

describe("the operations table", () => {
  it("has an example of the document for every operation that a client with a certificate can ask for", () => {
    const shown = new Set(ASKED.map(({ operation }) => operation));
    const missing = Object.keys(OPERATIONS).filter((name) => !shown.has(name));
    assert.deepEqual(missing, ["createClient"]);
  });

  for (const example of ASKED) {
    describe(example.operation, () => {
      const { name, values, ...printed } = read(example);
      const row = OPERATIONS[name];

      it("stands below its heading, and publishes the document's message on the document's topic", () => {
        assert.equal(row.section, example.section);
        assert.equal(buildTopic(row.publish, values), printed.topic);
        assert.deepEqual(JSON.parse(row.write(printed.parameters as never)), printed.message);
      });

      it("hears the document's errors on the document's topic", () => {
        assert.ok(row.errors.some((topic) => buildTopic(topic, values) === printed.errorTopic));
      });

      const { answer } = printed;
      if (answer === undefined) {
        it("takes any text for an answer, since the document has none", () => {
          assert.equal(row.read("gone"), "gone");
        });
      } else {
        it("reads the document's answer on the document's topic", () => {
          assert.ok(row.answers.some((topic) => buildTopic(topic, values) === printed.answerTopic));
          assert.deepEqual(row.read(answer), printed.result);
        });
      }

      if (row.echoes !== undefined) {
        it("tells its answer from an answer to something else", () => {
          const echoes = (result: unknown) => row.echoes?.(printed.parameters as never, result as never);
          assert.equal(echoes(printed.result), true);
          const other = JSON.parse(
            JSON.stringify(printed.result)
              .replaceAll("Some Message", "Another")
              .replaceAll("SensorName", "Another")
              .replaceAll('"1"', '"another"')
              .replaceAll(DOCUMENT.metricIds[0], DOCUMENT.sensorId),
          ) as unknown;
          assert.equal(echoes(other), false);
        });
      }

      it("is heard on filters with + that do not hear one's own request", () => {
        for (const pattern of [...row.answers, ...row.errors]) {
          const filter = buildFilter(pattern, { clientId: DOCUMENT.clientId });
          assert.match(filter, /inbox$/);
          assert.ok(!filter.includes(":"), filter);
        }
      });
    });
  }

  it("registers on the document's topics, under the document's heading", () => {
    const { section, publish, answers, errors } = OPERATIONS.createClient;
    const hash = DOCUMENT.hash;
    assert.deepEqual(
      [
        section,
        buildTopic(publish, {}),
        ...[...answers, ...errors].map((topic) => buildTopic(topic, { hash })),
      ],
      [
        "Create Client",
        readCommand(REGISTRATION.publish).topic,
        readCommand(REGISTRATION.subscribe).topic,
      ].concat(`/certBack/${hash}/error`),
    );
  });

  it("has the document's topic of live data, and of the list of sensors alone answers that are read in steps", () => {
    const example = EXAMPLES.find(({ operation }) => operation === "liveData");
    const values = { clientId: DOCUMENT.clientId, sensorId: "weather" };
    assert.equal(buildTopic(LIVE_DATA_TOPIC, values), readCommand(example?.subscribe ?? "").topic);
    const large = Object.entries(OPERATIONS).filter(([, row]) => row.large !== undefined);
    assert.deepEqual(
      large.map(([name, { large }]) => [name, large?.bytes]),
      [["listSensors", 33_554_432]],
    );
  });

  it("may send twice only what leaves the agent as if sent once: nothing that creates or deletes", () => {
    for (const [name, { repeatable }] of Object.entries(OPERATIONS)) {
      assert.equal(repeatable, !/^(create|delete)/.test(name), name);
    }
    const reads = Object.entries(OPERATIONS).filter(([, row]) => row.reads);
    assert.deepEqual(
      reads.map(([name]) => name),
      ["ping", "listSensors", "describeMetric"],
    );
  });

  it("reads back the placeholders of a topic, and only of a topic that fits", () => {
    const pattern = "/:version/:clientId/sensor/:sensorId/livedata";
    assert.deepEqual(
      { ...matchTopic(pattern, `${P}/sensor/weather/livedata`) },
      { clientId: DOCUMENT.clientId, sensorId: "weather" },
    );
    for (const other of [
      `${P}/sensor/weather`,
      `${P}/sensor//livedata`,
      `/v2.0/${DOCUMENT.clientId}/sensor/weather/livedata`,
    ]) {
      assert.equal(matchTopic(pattern, other), undefined);
    }
  });
});
