/**
 * The operations of the API document, a row an operation, as printed there: the fields of its message, and its example:
 * command lines, topics, messages and answers. In the order of a client's life. Nothing here comes from the code that it
 * tests, and what a test needs of the document, it has from here.
 */

/** The IDs that the document uses in its examples; a run puts those of its own agent in their place. */
export const DOCUMENT = {
  clientId: "6d69c58223fb44a7b76ae61a18faf37c",
  sensorId: "d4170d999b9240a5863df622aad9fc4a",
  /** "Update Metric" has another sensor than the other examples, with a metric of theirs. */
  otherSensorId: "910f591dd35e424d8303a22b9a50cb0a",
  metricIds: [
    "94c2c5e193bb437195368c08f0bd86ab",
    "94c2c5e193bb437195368c08f0bd86ac",
    "94c2c5e193bb437195368c08f0bd86ad",
  ],
  hash: "83a32b8cbae161ab995b1d3bce24715579c4c672f69ca48a24350baaaed40d17",
  caFile: "/var/lib/teamviewer-iot-agent/certs/TeamViewerAuthority.crt",
  registrationPort: "18883",
  port: "18884",
} as const;

/** "Create Client", steps 1 and 2, and "Retrieve Client ID". */
export const REGISTRATION = {
  request: "openssl req -nodes -new -newkey rsa:2048 -sha256 -out csr.pem",
  hash: "openssl dgst -sha256 csr.pem",
  publish:
    "mosquitto_pub -h localhost -p 18883 --cafile /var/lib/teamviewer-iot-agent/certs/TeamViewerAuthority.crt -t /v1.0/createClient -f csr.pem",
  subscribe:
    "mosquitto_sub -h localhost -p 18883 --cafile /var/lib/teamviewer-iot-agent/certs/TeamViewerAuthority.crt -t /certBack/83a32b8cbae161ab995b1d3bce24715579c4c672f69ca48a24350baaaed40d17",
  clientId: String.raw`openssl x509 -noout -subject -in clientCert.crt -nameopt multiline | grep commonName | sed -r 's/commonName/ /g' | sed -r 's/=/ /g' | xargs | tr -d " \t\n\r"`,
};

/** Of a field of a message; what is within a list has rows of its own in `refusals.ts`. */
export type FieldType = "text" | "integer" | "optional integer" | "list" | "within a list";

export interface Example {
  operation: string;
  /** The heading in the document. */
  section: string;
  /** Of the message, by the document's table. */
  fields: Readonly<Record<string, FieldType>>;
  publish: string;
  subscribe?: string;
  /** As printed; JSON is compared as JSON, with the same fields, and a text with and without its quotes. */
  answer?: string;
  /** Where errors are answered; P as in `refusals.ts`. Absent for what cannot be refused. */
  error?: string;
}

const options = `-h localhost -p 18884 --cert clientCert.crt --key privkey.pem --cafile ${DOCUMENT.caFile}`;
const publish = (topic: string, message: string) => `mosquitto_pub ${options} -t ${topic} -m ${message}`;
const subscribe = (topic: string) => `mosquitto_sub ${options} -t ${topic}`;

export const EXAMPLES: Example[] = [
  {
    operation: "ping",
    section: "Ping",
    fields: {},
    error: "P/ping/error/inbox",
    publish: publish(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/ping",
      String.raw`"{ \"request\" : \"Some Message\" }"`,
    ),
    subscribe: subscribe("/v1.0/6d69c58223fb44a7b76ae61a18faf37c/ping/info/inbox"),
    answer: `{
"answer": "Some Message"
}`,
  },
  {
    operation: "updateClient",
    section: "Update Client",
    fields: { name: "text" },
    error: "P/update/error/inbox",
    publish: publish(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/update",
      String.raw`"{ \"name\" : \"New client name\" }"`,
    ),
    subscribe: subscribe("/v1.0/6d69c58223fb44a7b76ae61a18faf37c/update/info/inbox"),
    answer: `"Client name was successfully updated."`,
  },
  {
    operation: "createSensor",
    section: "Create Sensor",
    fields: { name: "text" },
    error: "P/sensor/error/inbox",
    publish: publish(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/create",
      String.raw`"{ \"name\" : \"SensorName\" }"`,
    ),
    subscribe: subscribe("/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/inbox"),
    answer: `{
"name": "SensorName",
"sensorId": "d4170d999b9240a5863df622aad9fc4a"
}`,
  },
  {
    operation: "createMetrics",
    section: "Create Metric",
    fields: {
      metrics: "list",
      "metrics[].matchingId": "within a list",
      "metrics[].name": "within a list",
      "metrics[].valueUnit": "within a list",
      "metrics[].valueType": "within a list",
      "metrics[].valueAnnotation": "within a list",
    },
    error: "P/sensor/SENSOR/metric/error/inbox",
    publish: publish(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/metric/create",
      String.raw`"{\"metrics\" : [{\"matchingId\" : \"1\", \"valueUnit\": \"NoSI.Dimensionless.PERCENT\", \"name\" : \"CPUUsage\" },{\"matchingId\" : \"2\",\"valueUnit\": \"NoSI.Dimensionless.PERCENT\", \"name\" :\"CPUIdle\" }, {\"matchingId\" : \"3\", \"valueType\" : \"integer\" , \"valueAnnotation\": \"goods per minute\", \"name\" : \"ShopFloor1\"}]}"`,
    ),
    subscribe: subscribe(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/metric/inbox",
    ),
    answer: `[
{
"matchingId" : "1",
"metricId" : "94c2c5e193bb437195368c08f0bd86ab"
},
{
"matchingId" : "2",
"metricId" : "94c2c5e193bb437195368c08f0bd86ac"
},
{
"matchingId" : "3",
"metricId" : "94c2c5e193bb437195368c08f0bd86ad"
}
]`,
  },
  {
    operation: "listSensors",
    section: "List Sensors",
    fields: {},
    error: "P/inventory/error/inbox",
    publish: publish("/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/list", `"{}"`),
    subscribe: subscribe("/v1.0/6d69c58223fb44a7b76ae61a18faf37c/inventory/inbox"),
    answer: `[
{
"metrics" : [
{
"link" : "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/metric/94c2c5e193bb437195368c08f0bd86ab/inventory",
"metricId" : "94c2c5e193bb437195368c08f0bd86ab"
},
{
"link" : "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/metric/94c2c5e193bb437195368c08f0bd86ac/inventory",
"metricId" : "94c2c5e193bb437195368c08f0bd86ac"
},
{
"link" : "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/metric/94c2c5e193bb437195368c08f0bd86ad/inventory",
"metricId" : "94c2c5e193bb437195368c08f0bd86ad"
}
],
"name" : "unispeed6",
"sensorId" : "d4170d999b9240a5863df622aad9fc4a",
"store" : true
}
]`,
  },
  {
    operation: "describeMetric",
    section: "Describe Metric",
    fields: {},
    error: "P/sensor/SENSOR/metric/METRIC/inventory/error/inbox",
    publish: publish(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/metric/94c2c5e193bb437195368c08f0bd86ab/describe",
      `"{}"`,
    ),
    subscribe: subscribe(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/metric/94c2c5e193bb437195368c08f0bd86ab/inventory/inbox",
    ),
    answer: `{
"lastUpdated" : 9223372036854775,
"metricId" : "94c2c5e193bb437195368c08f0bd86ab",
"name" : "CPUUsage",
"value" : 0.0,
"valueUnit" : "NoSI.Dimensionless.PERCENT"
}`,
  },
  {
    operation: "updateSensor",
    section: "Update Sensor",
    fields: { name: "text", state: "optional integer" },
    error: "P/sensor/SENSOR/update/error/inbox",
    publish: publish(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/update",
      String.raw`"{ \"name\" : \"SensorName\" }"`,
    ),
    subscribe: subscribe(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/update/info/inbox",
    ),
    answer: `"Sensor was changed."`,
  },
  {
    operation: "updateMetrics",
    section: "Update Metric",
    fields: {
      metrics: "list",
      "metrics[].metricId": "within a list",
      "metrics[].name": "within a list",
      "metrics[].valueAnnotation": "within a list",
    },
    error: "P/sensor/SENSOR/metric/update/error/inbox",
    publish: publish(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/910f591dd35e424d8303a22b9a50cb0a/metric/update",
      String.raw`"{ \"metrics\": [ {\"metricId\" : \"94c2c5e193bb437195368c08f0bd86ad\", \"name\" : \"metric new name\", \"valueAnnotation\": \"new description of measurement\" } ] }"`,
    ),
    subscribe: subscribe(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/910f591dd35e424d8303a22b9a50cb0a/metric/update/info/inbox",
    ),
    answer: `"All metrics were successfully modified."`,
  },
  {
    operation: "deleteMetrics",
    section: "Delete Metric",
    fields: { metrics: "list", "metrics[].metricId": "within a list" },
    // The document names that of "Create Metric"; a real agent answers here.
    error: "P/sensor/SENSOR/metric/delete/error/inbox",
    publish: publish(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/metric/delete",
      String.raw`"{\"metrics\": [{\"metricId\" : \"94c2c5e193bb437195368c08f0bd86ab\" },{\"metricId\" : \"94c2c5e193bb437195368c08f0bd86ac\" }] }"`,
    ),
    subscribe: subscribe(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/metric/delete/info/inbox",
    ),
    answer: `"All metrics were successfully deleted."`,
  },
  {
    operation: "deleteSensor",
    section: "Delete Sensor",
    fields: {},
    error: "P/sensor/SENSOR/delete/error/inbox",
    publish: publish(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/delete",
      `"{}"`,
    ),
    subscribe: subscribe(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/d4170d999b9240a5863df622aad9fc4a/delete/info/inbox",
    ),
    answer: `"Sensor was deleted."`,
  },
  {
    operation: "pushValues",
    section: "Push Metric Values",
    fields: {
      metrics: "list",
      "metrics[].metricId": "within a list",
      "metrics[].value": "within a list",
      "metrics[].timestamp": "within a list",
      timestamp: "optional integer",
    },
    error: "P/sensor/SENSOR/error/inbox",
    publish: publish(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/weather/metric/pushValues",
      String.raw`"{ \"metrics\": [ {\"value\" : 21.5, \"metricId\" : \"temp\" }, {\"value\" : 21.5, \"metricId\" : \"humidity\" } ] , \"timestamp\": 1590394246545}"`,
    ),
    subscribe: subscribe("/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/weather/info/inbox"),
    answer: `"Sensor was updated."`,
  },
  {
    operation: "liveData",
    section: "Live Data",
    fields: {},
    // The document prints no message; the field's clients read this one.
    publish: publish(
      "/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/weather/metric/pushValues",
      String.raw`"{ \"metrics\": [ {\"value\" : 21.5, \"metricId\" : \"temp\" }, {\"value\" : 21.5, \"metricId\" : \"humidity\" } ] , \"timestamp\": 1590394246545}"`,
    ),
    subscribe: subscribe("/v1.0/6d69c58223fb44a7b76ae61a18faf37c/sensor/weather/livedata"),
    answer: `{"metrics":[{"metricId":"temp","value":21.5},{"metricId":"humidity","value":21.5}],"timestamp":1590394246545}`,
  },
  {
    operation: "deleteClient",
    section: "Delete Client",
    fields: {},
    error: "P/delete/error/inbox",
    // "No message will be given in the response topic."
    publish: publish("/v1.0/6d69c58223fb44a7b76ae61a18faf37c/delete", `"{}"`),
  },
];

/** Topic and message of a command line of the document. */
export function readCommand(line: string): { topic: string; message: string } {
  const [, topic = ""] = / -t (\S+)/.exec(line) ?? [];
  const [, message = ""] = / -m "(.*)"$/.exec(line) ?? [];
  return { topic, message: message.replaceAll('\\"', '"') };
}

/** The ID of a sensor, and that of a metric, in a topic of the document. */
export const SENSOR_IN_TOPIC = /(?<=\/sensor\/)(?:\w{32}|weather)(?=\/)/;
export const METRIC_IN_TOPIC = /(?<=\/metric\/)\w{32}(?=\/)/;
