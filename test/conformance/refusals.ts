/**
 * Requests that the agent refuses, a row a request: literal topics and messages, and the error of the document's table.
 * P stands for "/v1.0/<client ID>", SENSOR, METRIC and COUNT for the IDs of a sensor, a percent and an integer metric.
 */

export interface Refused {
  operation: string;
  /** What the request has wrong: a field of the message, "message" for all of it, or an ID of the topic. */
  field: string;
  topic: string;
  message: string;
  errorTopic: string;
  code: number;
  /** The `metrics` of the answer. */
  metrics?: string[];
  /** Switched on before the request: what a client cannot provoke. */
  faults?: Record<string, unknown>;
}

const NOT_JSON = "{ name: ";
const NO_OBJECT = '["name"]';
const LONG = "x".repeat(33);

interface Operation {
  operation: string;
  topic: string;
  errorTopic: string;
  /** A message that the agent would take. */
  good: string;
}

const ping: Operation = {
  operation: "ping",
  topic: "P/ping",
  errorTopic: "P/ping/error/inbox",
  good: '{"request":"x"}',
};
const updateClient: Operation = {
  operation: "updateClient",
  topic: "P/update",
  errorTopic: "P/update/error/inbox",
  good: '{"name":"x"}',
};
const deleteClient: Operation = {
  operation: "deleteClient",
  topic: "P/delete",
  errorTopic: "P/delete/error/inbox",
  good: "{}",
};
const pushValues: Operation = {
  operation: "pushValues",
  topic: "P/sensor/SENSOR/metric/pushValues",
  errorTopic: "P/sensor/SENSOR/error/inbox",
  good: '{"metrics":[{"metricId":"METRIC","value":1}]}',
};
const createSensor: Operation = {
  operation: "createSensor",
  topic: "P/sensor/create",
  errorTopic: "P/sensor/error/inbox",
  good: '{"name":"another"}',
};
const listSensors: Operation = {
  operation: "listSensors",
  topic: "P/sensor/list",
  errorTopic: "P/inventory/error/inbox",
  good: "{}",
};
const updateSensor: Operation = {
  operation: "updateSensor",
  topic: "P/sensor/SENSOR/update",
  errorTopic: "P/sensor/SENSOR/update/error/inbox",
  good: '{"name":"conformance"}',
};
const deleteSensor: Operation = {
  operation: "deleteSensor",
  topic: "P/sensor/SENSOR/delete",
  errorTopic: "P/sensor/SENSOR/delete/error/inbox",
  good: "{}",
};
const createMetrics: Operation = {
  operation: "createMetrics",
  topic: "P/sensor/SENSOR/metric/create",
  errorTopic: "P/sensor/SENSOR/metric/error/inbox",
  good: '{"metrics":[{"matchingId":"1","name":"n","valueUnit":"SI.Power.WATT"}]}',
};
const describeMetric: Operation = {
  operation: "describeMetric",
  topic: "P/sensor/SENSOR/metric/METRIC/inventory",
  errorTopic: "P/sensor/SENSOR/metric/METRIC/inventory/error/inbox",
  good: "{}",
};
const updateMetrics: Operation = {
  operation: "updateMetrics",
  topic: "P/sensor/SENSOR/metric/update",
  errorTopic: "P/sensor/SENSOR/metric/update/error/inbox",
  good: '{"metrics":[{"metricId":"METRIC","name":"n"}]}',
};
/** The document names `…/metric/error/inbox`; a real agent answers here. */
const deleteMetrics: Operation = {
  operation: "deleteMetrics",
  topic: "P/sensor/SENSOR/metric/delete",
  errorTopic: "P/sensor/SENSOR/metric/delete/error/inbox",
  good: '{"metrics":[{"metricId":"METRIC"}]}',
};

const ALL = [
  ping,
  updateClient,
  deleteClient,
  pushValues,
  createSensor,
  listSensors,
  updateSensor,
  deleteSensor,
  createMetrics,
  describeMetric,
  updateMetrics,
  deleteMetrics,
];

function refused(
  { operation, topic, errorTopic }: Operation,
  field: string,
  message: string,
  code: number,
  rest: Partial<Refused> = {},
): Refused {
  return { operation, field, topic, message, errorTopic, code, ...rest };
}

/** The same request for a sensor that the agent does not know. */
function elsewhere(operation: Operation): Refused {
  const at = (topic: string) => topic.replace("SENSOR", "unknown");
  return refused(operation, ":sensorId", operation.good, 15, {
    topic: at(operation.topic),
    errorTopic: at(operation.errorTopic),
  });
}

/** A message that is a list of metrics, with one entry. */
const metrics = (entry: string) => `{"metrics":[${entry}]}`;

/** Missing, of another type, and empty: for a field that is a list. */
function wrongLists(operation: Operation): Refused[] {
  return [
    refused(operation, "metrics", "{}", 6),
    refused(operation, "metrics", '{"metrics":{}}', 10),
    refused(operation, "metrics", '{"metrics":[]}', 6),
    refused(operation, "metrics", '{"metrics":["x"]}', 5),
  ];
}

const wrongName = (operation: Operation): Refused[] => [
  refused(operation, "name", "{}", 6),
  refused(operation, "name", '{"name":12}', 7),
];

const definition = (rest: string) => metrics(`{"matchingId":"1","name":"n"${rest}}`);

export const REFUSED: Refused[] = [
  ...ALL.map((operation) => refused(operation, "message", NOT_JSON, 4)),
  // "A custom JSON message can be sent": a ping may be any.
  ...ALL.filter((operation) => operation !== ping).map((operation) =>
    refused(operation, "message", NO_OBJECT, 5),
  ),
  ...[deleteSensor, createMetrics, describeMetric, updateMetrics, deleteMetrics, updateSensor].map(elsewhere),

  ...wrongName(updateClient),
  refused(updateClient, "name", '{"name":""}', 25),
  refused(updateClient, "name", '{"name":"a/b"}', 25),

  ...wrongName(createSensor),
  refused(createSensor, "name", '{"name":""}', 6),
  refused(createSensor, "name", '{"name":"conformance"}', 28),

  ...wrongName(updateSensor),
  refused(updateSensor, "name", '{"name":"taken"}', 28),
  refused(updateSensor, "state", '{"name":"conformance","state":"on"}', 11),
  refused(updateSensor, "state", '{"name":"conformance","state":0.5}', 11),

  ...wrongLists(pushValues),
  refused(pushValues, "metrics[].metricId", metrics('{"value":1}'), 6),
  refused(pushValues, "metrics[].metricId", metrics('{"metricId":7,"value":1}'), 7),
  refused(pushValues, "metrics[].metricId", metrics(`{"metricId":"${LONG}","value":1}`), 27, {
    metrics: [LONG],
  }),
  refused(pushValues, "metrics[].metricId", metrics('{"metricId":"a/b","value":1}'), 27, {
    metrics: ["a/b"],
  }),
  refused(pushValues, "metrics[].value", metrics('{"metricId":"METRIC"}'), 6),
  refused(pushValues, "metrics[].value", metrics('{"metricId":"METRIC","value":"hot"}'), 27, {
    metrics: ["METRIC"],
  }),
  refused(pushValues, "metrics[].value", metrics('{"metricId":"COUNT","value":1.5}'), 27, {
    metrics: ["COUNT"],
  }),
  refused(pushValues, "metrics[].value", metrics('{"metricId":"METRIC","value":null}'), 27, {
    metrics: ["METRIC"],
  }),
  refused(
    pushValues,
    "metrics[].value",
    metrics('{"metricId":"METRIC","value":1},{"metricId":"COUNT","value":true}'),
    27,
    { metrics: ["COUNT"] },
  ),
  refused(
    pushValues,
    "metrics[].timestamp",
    metrics('{"metricId":"METRIC","value":1,"timestamp":"now"}'),
    11,
  ),
  refused(pushValues, "timestamp", '{"metrics":[{"metricId":"METRIC","value":1}],"timestamp":"now"}', 11),
  refused(pushValues, "timestamp", '{"metrics":[{"metricId":"METRIC","value":1}],"timestamp":1.5}', 11),
  refused(pushValues, ":sensorId", metrics('{"metricId":"x","value":1}'), 15, {
    topic: `P/sensor/${LONG}/metric/pushValues`,
    errorTopic: `P/sensor/${LONG}/error/inbox`,
  }),
  refused(pushValues, ":sensorId", metrics('{"metricId":"x","value":1}'), 15, {
    topic: "P/sensor/a.b/metric/pushValues",
    errorTopic: "P/sensor/a.b/error/inbox",
  }),

  refused(
    pushValues,
    "timestamp",
    '{"metrics":[{"metricId":"METRIC","value":1}],"timestamp":9223372036854775808}',
    11,
  ),
  refused(pushValues, "metrics[].value", metrics('{"metricId":"COUNT","value":9223372036854775808}'), 27, {
    metrics: ["COUNT"],
  }),
  // "After deletion no updates are possible for that sensor."
  refused(pushValues, ":sensorId", metrics('{"metricId":"x","value":1}'), 15, {
    topic: "P/sensor/deleted/metric/pushValues",
    errorTopic: "P/sensor/deleted/error/inbox",
  }),

  ...wrongLists(createMetrics),
  refused(createMetrics, "metrics[].matchingId", metrics('{"name":"n","valueUnit":"SI.Power.WATT"}'), 6),
  refused(createMetrics, "metrics[].matchingId", metrics('{"matchingId":1,"name":"n"}'), 7),
  refused(createMetrics, "metrics[].name", metrics('{"matchingId":"1","valueUnit":"SI.Power.WATT"}'), 6),
  refused(createMetrics, "metrics[].name", metrics('{"matchingId":"1","name":true}'), 7),
  refused(createMetrics, "metrics[].valueUnit", definition(',"valueUnit":"SI.Power.HORSE"'), 12),
  refused(createMetrics, "metrics[].valueUnit", definition(',"valueUnit":5'), 7),
  refused(createMetrics, "metrics[].valueUnit", definition(""), 14),
  refused(
    createMetrics,
    "metrics[].valueType",
    definition(',"valueType":"boolean","valueAnnotation":"x"'),
    13,
  ),
  refused(createMetrics, "metrics[].valueType", definition(',"valueType":1,"valueAnnotation":"x"'), 7),
  refused(createMetrics, "metrics[].valueType", definition(',"valueAnnotation":"x"'), 14),
  refused(createMetrics, "metrics[].valueAnnotation", definition(',"valueType":"bool"'), 14),
  refused(
    createMetrics,
    "metrics[].valueAnnotation",
    definition(',"valueType":"bool","valueAnnotation":1'),
    7,
  ),
  refused(
    createMetrics,
    "metrics[].valueUnit",
    metrics(
      '{"matchingId":"good","name":"g","valueUnit":"SI.Power.WATT"},{"matchingId":"bad","name":"b","valueUnit":"?"}',
    ),
    26,
    { metrics: ["bad"] },
  ),

  refused(describeMetric, ":metricId", "{}", 16, {
    topic: "P/sensor/SENSOR/metric/unknown/inventory",
    errorTopic: "P/sensor/SENSOR/metric/unknown/inventory/error/inbox",
  }),
  refused(describeMetric, ":metricId", "{}", 16, {
    topic: "P/sensor/taken/metric/METRIC/inventory",
    errorTopic: "P/sensor/taken/metric/METRIC/inventory/error/inbox",
  }),

  ...wrongLists(updateMetrics),
  refused(updateMetrics, "metrics[].metricId", metrics('{"name":"n"}'), 6),
  refused(updateMetrics, "metrics[].metricId", metrics('{"metricId":1}'), 7),
  refused(updateMetrics, "metrics[].metricId", metrics('{"metricId":"unknown","name":"n"}'), 24, {
    metrics: ["unknown"],
  }),
  refused(updateMetrics, "metrics[].metricId", metrics('{"metricId":"METRIC","name":"n"}'), 24, {
    topic: "P/sensor/taken/metric/update",
    errorTopic: "P/sensor/taken/metric/update/error/inbox",
    metrics: ["METRIC"],
  }),
  refused(updateMetrics, "metrics[].name", metrics('{"metricId":"METRIC","name":1}'), 7),
  refused(updateMetrics, "metrics[].valueAnnotation", metrics('{"metricId":"COUNT","valueAnnotation":1}'), 7),

  ...wrongLists(deleteMetrics),
  refused(deleteMetrics, "metrics[].metricId", metrics("{}"), 6),
  refused(deleteMetrics, "metrics[].metricId", metrics('{"metricId":false}'), 7),
  refused(deleteMetrics, "metrics[].metricId", metrics('{"metricId":"unknown"}'), 23, {
    metrics: ["unknown"],
  }),
  refused(deleteMetrics, "metrics[].metricId", metrics('{"metricId":"METRIC"}'), 23, {
    topic: "P/sensor/taken/metric/delete",
    errorTopic: "P/sensor/taken/metric/delete/error/inbox",
    metrics: ["METRIC"],
  }),

  refused(
    {
      ...ping,
      operation: "any other topic",
      topic: "P/no/such/thing",
      errorTopic: "P/no/such/thing/error/inbox",
    },
    ":topic",
    "{}",
    18,
  ),

  refused(createSensor, "agent", createSensor.good, 1, { faults: { backendGone: true } }),
  ...[2, 3, 8, 9, 17, 19, 99].map((code) =>
    refused(createSensor, "agent", createSensor.good, code, { faults: { answerWith: code } }),
  ),
  refused(pushValues, "agent", pushValues.good, 27, { faults: { answerWith: 27 }, metrics: ["METRIC"] }),
];

/** Signing requests that are refused: what `openssl` makes of a subject, or bytes that are none. */
export interface RefusedRequest {
  field: string;
  /** For `openssl req -subj`. */
  subject?: string;
  /** For `openssl req -newkey`, where it is not a good one. */
  key?: string;
  content?: string;
  code: number;
}

export const REFUSED_REQUESTS: RefusedRequest[] = [
  { field: "CSR", content: "", code: 21 },
  { field: "CSR", content: "\n", code: 21 },
  { field: "CSR", content: "no signing request", code: 20 },
  {
    field: "CSR",
    content: "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n",
    code: 20,
  },
  { field: "CSR", subject: "/CN=weak", key: "rsa:1024", code: 20 },
  { field: "CSR", subject: "/CN=weak", key: "ec -pkeyopt ec_paramgen_curve:secp224r1", code: 20 },
  { field: "CommonName", subject: "/C=DE/O=Nameless", code: 22 },
  { field: "CommonName", subject: "/CN=a b", code: 25 },
  { field: "CommonName", subject: "/CN=Fräse", code: 25 },
  { field: "CommonName", subject: "/CN=a#b", code: 25 },
];
