/**
 * Requests that the agent refuses, a row a request: literal topics and messages, and the error of the document's table.
 * P stands for "/v1.0/<client ID>", SENSOR, METRIC and COUNT for the IDs of a sensor, a percent and an integer metric.
 */
import {
  DOCUMENT,
  EXAMPLES,
  METRIC_IN_TOPIC,
  readCommand,
  SENSOR_IN_TOPIC,
  type Example,
  type FieldType,
} from "./examples";

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

/** Where the example is not what every client does, or has other IDs than these tables. */
const OTHERWISE: Readonly<Record<string, Partial<Operation>>> = {
  // The document's table has this topic.
  describeMetric: { topic: "P/sensor/SENSOR/metric/METRIC/inventory" },
  pushValues: { good: '{"metrics":[{"metricId":"METRIC","value":1}]}' },
};

/** The document's example, with the placeholders of these tables. */
function operation(name: string): Operation {
  const { publish = "", error = "" } = EXAMPLES.find((example) => example.operation === name) ?? {};
  const { topic, message } = readCommand(publish);
  return {
    operation: name,
    topic: topic
      .replace(`/v1.0/${DOCUMENT.clientId}`, "P")
      .replace(SENSOR_IN_TOPIC, "SENSOR")
      .replace(METRIC_IN_TOPIC, "METRIC"),
    errorTopic: error,
    good: message.replaceAll(DOCUMENT.metricIds[0], "METRIC"),
    ...OTHERWISE[name],
  };
}

const ALL = EXAMPLES.filter(({ error }) => error !== undefined).map((example) =>
  operation(example.operation),
);
const ping = operation("ping");
const updateClient = operation("updateClient");
const createSensor = operation("createSensor");
const createMetrics = operation("createMetrics");
const describeMetric = operation("describeMetric");
const updateSensor = operation("updateSensor");
const updateMetrics = operation("updateMetrics");
const deleteMetrics = operation("deleteMetrics");
const pushValues = operation("pushValues");

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

/** What is wrong in any message whose fields are of these types. */
const WRONG: Record<FieldType, readonly [value: unknown, code: number][]> = {
  text: [
    [undefined, 6],
    [12, 7],
  ],
  integer: [
    [undefined, 6],
    ["now", 11],
    [0.5, 11],
  ],
  "optional integer": [
    ["now", 11],
    [0.5, 11],
  ],
  list: [
    [undefined, 6],
    [{}, 10],
    [[], 6],
    [["x"], 5],
  ],
  "within a list": [],
};

function wrongFields(name: string, fields: Example["fields"]): Refused[] {
  const request = operation(name);
  const good = JSON.parse(request.good) as object;
  return Object.entries(fields).flatMap(([field, type]) =>
    WRONG[type].map(([value, code]) =>
      refused(request, field, JSON.stringify({ ...good, [field]: value }), code),
    ),
  );
}

const definition = (rest: string) => metrics(`{"matchingId":"1","name":"n"${rest}}`);

export const REFUSED: Refused[] = [
  ...ALL.map((operation) => refused(operation, "message", NOT_JSON, 4)),
  // "A custom JSON message can be sent": a ping may be any.
  ...ALL.filter(({ operation }) => operation !== "ping").map((operation) =>
    refused(operation, "message", NO_OBJECT, 5),
  ),
  ...ALL.filter(({ operation, topic }) => operation !== "pushValues" && topic.includes("SENSOR")).map(
    elsewhere,
  ),
  ...EXAMPLES.flatMap((example) => wrongFields(example.operation, example.fields)),

  refused(updateClient, "name", '{"name":""}', 25),
  refused(updateClient, "name", '{"name":"a/b"}', 25),

  refused(createSensor, "name", '{"name":""}', 6),
  refused(createSensor, "name", '{"name":"conformance"}', 28),

  refused(updateSensor, "name", '{"name":"taken"}', 28),

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
