/** Each row of the table against the literal topics and messages that the API document prints. */
import { strict as assert } from "node:assert";
import { OPERATIONS, type OperationName } from "../../src/protocol/operations";
import { buildFilter, buildTopic, matchTopic } from "../../src/protocol/topics";

const CLIENT = "6d69c58223fb44a7b76ae61a18faf37c";
const SENSOR = "d4170d999b9240a5863df622aad9fc4a";
const METRIC = "94c2c5e193bb437195368c08f0bd86ab";
const P = `/v1.0/${CLIENT}`;

interface Example {
  operation: OperationName;
  parameters: unknown;
  sensorId?: string;
  metricId?: string;
  topic: string;
  message: unknown;
  answerTopic: string;
  answer: string;
  result: unknown;
}

const EXAMPLES: Example[] = [
  {
    operation: "ping",
    parameters: { request: "Some Message" },
    topic: `${P}/ping`,
    message: { request: "Some Message" },
    answerTopic: `${P}/ping/info/inbox`,
    answer: '{\n"answer": "Some Message"\n}',
    result: { answer: "Some Message" },
  },
  {
    operation: "updateClient",
    parameters: { name: "New client name" },
    topic: `${P}/update`,
    message: { name: "New client name" },
    answerTopic: `${P}/update/info/inbox`,
    answer: '"Client name was successfully updated."',
    result: "Client name was successfully updated.",
  },
  {
    operation: "deleteClient",
    parameters: {},
    topic: `${P}/delete`,
    message: {},
    answerTopic: `${P}/delete/info/inbox`,
    answer: "gone",
    result: "gone",
  },
  {
    operation: "pushValues",
    parameters: {
      sensorId: "weather",
      metrics: [
        { value: 21.5, metricId: "temp" },
        { value: 21.5, metricId: "humidity" },
      ],
      timestamp: 1590394246545,
    },
    sensorId: "weather",
    topic: `${P}/sensor/weather/metric/pushValues`,
    message: {
      metrics: [
        { value: 21.5, metricId: "temp" },
        { value: 21.5, metricId: "humidity" },
      ],
      timestamp: 1590394246545,
    },
    answerTopic: `${P}/sensor/weather/info/inbox`,
    answer: '"Sensor was updated."',
    result: "Sensor was updated.",
  },
  {
    operation: "createSensor",
    parameters: { name: "SensorName" },
    topic: `${P}/sensor/create`,
    message: { name: "SensorName" },
    answerTopic: `${P}/sensor/inbox`,
    answer: `{"name": "SensorName","sensorId": "${SENSOR}"}`,
    result: { name: "SensorName", sensorId: SENSOR },
  },
  {
    operation: "listSensors",
    parameters: {},
    topic: `${P}/sensor/list`,
    message: {},
    answerTopic: `${P}/inventory/inbox`,
    answer: `[{"metrics":[{"link":"${P}/sensor/${SENSOR}/metric/${METRIC}/inventory","metricId":"${METRIC}"}],"name":"unispeed6","sensorId":"${SENSOR}","store":true}]`,
    result: [
      {
        metrics: [{ link: `${P}/sensor/${SENSOR}/metric/${METRIC}/inventory`, metricId: METRIC }],
        name: "unispeed6",
        sensorId: SENSOR,
        store: true,
      },
    ],
  },
  {
    operation: "updateSensor",
    parameters: { sensorId: SENSOR, name: "SensorName" },
    sensorId: SENSOR,
    topic: `${P}/sensor/${SENSOR}/update`,
    message: { name: "SensorName" },
    answerTopic: `${P}/sensor/${SENSOR}/update/info/inbox`,
    answer: '"Sensor was changed."',
    result: "Sensor was changed.",
  },
  {
    operation: "deleteSensor",
    parameters: { sensorId: SENSOR },
    sensorId: SENSOR,
    topic: `${P}/sensor/${SENSOR}/delete`,
    message: {},
    answerTopic: `${P}/sensor/${SENSOR}/delete/info/inbox`,
    answer: '"Sensor was deleted."',
    result: "Sensor was deleted.",
  },
  {
    operation: "createMetrics",
    parameters: {
      sensorId: SENSOR,
      metrics: [
        { matchingId: "1", valueUnit: "NoSI.Dimensionless.PERCENT", name: "CPUUsage" },
        { matchingId: "3", valueType: "integer", valueAnnotation: "goods per minute", name: "ShopFloor1" },
      ],
    },
    sensorId: SENSOR,
    topic: `${P}/sensor/${SENSOR}/metric/create`,
    message: {
      metrics: [
        { matchingId: "1", valueUnit: "NoSI.Dimensionless.PERCENT", name: "CPUUsage" },
        { matchingId: "3", valueType: "integer", valueAnnotation: "goods per minute", name: "ShopFloor1" },
      ],
    },
    answerTopic: `${P}/sensor/${SENSOR}/metric/inbox`,
    answer: `[{"matchingId":"1","metricId":"${METRIC}"}]`,
    result: [{ matchingId: "1", metricId: METRIC }],
  },
  {
    operation: "describeMetric",
    parameters: { sensorId: SENSOR, metricId: METRIC },
    sensorId: SENSOR,
    metricId: METRIC,
    topic: `${P}/sensor/${SENSOR}/metric/${METRIC}/inventory`,
    message: {},
    answerTopic: `${P}/sensor/${SENSOR}/metric/${METRIC}/inventory/inbox`,
    answer: `{"lastUpdated" : 9223372036854775,"metricId" : "${METRIC}","name" : "CPUUsage","value" : 0.0,"valueUnit" : "NoSI.Dimensionless.PERCENT"}`,
    result: {
      lastUpdated: null,
      metricId: METRIC,
      name: "CPUUsage",
      value: 0,
      valueUnit: "NoSI.Dimensionless.PERCENT",
    },
  },
  {
    operation: "updateMetrics",
    parameters: {
      sensorId: SENSOR,
      metrics: [
        { metricId: METRIC, name: "metric new name", valueAnnotation: "new description of measurement" },
      ],
    },
    sensorId: SENSOR,
    topic: `${P}/sensor/${SENSOR}/metric/update`,
    message: {
      metrics: [
        { metricId: METRIC, name: "metric new name", valueAnnotation: "new description of measurement" },
      ],
    },
    answerTopic: `${P}/sensor/${SENSOR}/metric/update/info/inbox`,
    answer: '"All metrics were successfully modified."',
    result: "All metrics were successfully modified.",
  },
  {
    operation: "deleteMetrics",
    parameters: { sensorId: SENSOR, metricIds: [METRIC] },
    sensorId: SENSOR,
    topic: `${P}/sensor/${SENSOR}/metric/delete`,
    message: { metrics: [{ metricId: METRIC }] },
    answerTopic: `${P}/sensor/${SENSOR}/metric/delete/info/inbox`,
    answer: '"All metrics were successfully deleted."',
    result: "All metrics were successfully deleted.",
  },
];

describe("the operations table", () => {
  it("has an example of the document for every operation that a client with a certificate can ask for", () => {
    const shown = new Set(EXAMPLES.map(({ operation }) => operation));
    const missing = Object.keys(OPERATIONS).filter((name) => !shown.has(name as OperationName));
    assert.deepEqual(missing, ["createClient"]);
  });

  for (const example of EXAMPLES) {
    describe(example.operation, () => {
      const row = OPERATIONS[example.operation];
      const { sensorId, metricId } = example;
      const values = {
        clientId: CLIENT,
        ...(sensorId === undefined ? {} : { sensorId }),
        ...(metricId === undefined ? {} : { metricId }),
      };

      it("publishes the document's message on the document's topic", () => {
        assert.equal(buildTopic(row.publish, values), example.topic);
        assert.deepEqual(JSON.parse(row.write(example.parameters as never)), example.message);
      });

      it("reads the document's answer on the document's topic", () => {
        assert.ok(row.answers.some((answer) => buildTopic(answer, values) === example.answerTopic));
        assert.deepEqual(row.read(example.answer), example.result);
      });

      if (row.echoes !== undefined) {
        it("tells its answer from an answer to something else", () => {
          const echoes = (result: unknown) => row.echoes?.(example.parameters as never, result as never);
          assert.equal(echoes(example.result), true);
          const other = JSON.parse(
            JSON.stringify(example.result)
              .replaceAll("Some Message", "Another")
              .replaceAll("SensorName", "Another")
              .replaceAll('"1"', '"another"')
              .replaceAll(METRIC, SENSOR),
          ) as unknown;
          assert.equal(echoes(other), false);
        });
      }

      it("is heard on filters with + that do not hear one's own request", () => {
        for (const pattern of [...row.answers, ...row.errors]) {
          const filter = buildFilter(pattern, { clientId: CLIENT });
          assert.match(filter, /inbox$/);
          assert.ok(!filter.includes(":"), filter);
        }
      });
    });
  }

  it("reads back the placeholders of a topic, and only of a topic that fits", () => {
    const pattern = "/:version/:clientId/sensor/:sensorId/livedata";
    assert.deepEqual(
      { ...matchTopic(pattern, `${P}/sensor/weather/livedata`) },
      { clientId: CLIENT, sensorId: "weather" },
    );
    for (const other of [
      `${P}/sensor/weather`,
      `${P}/sensor//livedata`,
      `/v2.0/${CLIENT}/sensor/weather/livedata`,
    ]) {
      assert.equal(matchTopic(pattern, other), undefined);
    }
  });
});
