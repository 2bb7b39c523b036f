/** What the document allows and none of its examples shows, a row a request. P, SENSOR, METRIC and COUNT as in refusals.ts. */

export interface Accepted {
  operation: string;
  field: string;
  topic: string;
  message: string;
  answerTopic: string;
  answer: RegExp;
}

const UNITS = [
  "SI.ElectricCurrent.AMPERE",
  "SI.DataAmount.BIT",
  "SI.LuminousIntensity.CANDELA",
  "SI.Temperature.CELSIUS",
  "NoSI.Dimensionless.DECIBEL",
  "SI.ElectricCapacitance.FARAD",
  "SI.Frequency.HERTZ",
  "SI.Energy.JOULE",
  "SI.Mass.KILOGRAM",
  "NoSI.Location.LATITUDE",
  "NoSI.Location.LONGITUDE",
  "SI.Length.METER",
  "SI.Velocity.METERS_PER_SECOND",
  "SI.Acceleration.METERS_PER_SQUARE_SECOND",
  "SI.AmountOfSubstance.MOLE",
  "SI.Force.NEWTON",
  "SI.ElectricResistance.OHM",
  "SI.Pressure.PASCAL",
  "NoSI.Dimensionless.PERCENT",
  "SI.Angle.RADIAN",
  "SI.Duration.SECOND",
  "SI.Area.SQUARE_METRE",
  "SI.ElectricPotential.VOLT",
  "SI.Power.WATT",
];
const TYPES = ["bool", "string", "double", "integer"];

const created = (count: number) =>
  new RegExp(`^\\[(\\{"matchingId":"\\w+","metricId":"\\w{32}"\\},?){${count}}\\]$`);

const ping = (message: string, answer: string): Accepted => ({
  operation: "ping",
  field: "message",
  topic: "P/ping",
  message,
  answerTopic: "P/ping/info/inbox",
  answer: new RegExp(`^\\{"answer":${answer.replace(/[[\]{}.]/g, "\\$&")}\\}$`),
});

/** Integers and timestamps have 64 bits, and come back digit by digit. */
const exactly = (field: string, message: string, answer: string): Accepted => ({
  operation: "pushValues",
  field,
  topic: "P/sensor/SENSOR/metric/pushValues",
  message,
  answerTopic: "P/sensor/SENSOR/livedata",
  answer: new RegExp(`^\\{.*${answer}.*\\}$`),
});

export const ACCEPTED: Accepted[] = [
  ping('{"custom":{"of":["any","kind"]}}', '{"custom":{"of":["any","kind"]}}'),
  ping('{"request":{"n":9007199254740993}}', '{"n":9007199254740993}'),
  ping('{"request":"x","more":1}', '{"request":"x","more":1}'),
  ping('["request"]', '["request"]'),
  ping("null", "null"),
  exactly(
    "metrics[].value",
    '{"metrics":[{"metricId":"COUNT","value":9223372036854775807}]}',
    '"value":9223372036854775807',
  ),
  exactly(
    "timestamp",
    '{"metrics":[{"metricId":"COUNT","value":1}],"timestamp":9007199254740993}',
    '"timestamp":9007199254740993',
  ),
  ...[0, 1].map((state) => ({
    operation: "updateSensor",
    field: "state",
    topic: "P/sensor/SENSOR/update",
    message: `{"name":"conformance","state":${state}}`,
    answerTopic: "P/sensor/SENSOR/update/info/inbox",
    answer: /^Sensor was changed\.$/,
  })),
  {
    operation: "pushValues",
    field: "metrics[].timestamp",
    topic: "P/sensor/beside/metric/pushValues",
    message: '{"metrics":[{"metricId":"t","value":1,"timestamp":1590394246545}]}',
    answerTopic: "P/sensor/beside/livedata",
    answer: /^\{"metrics":\[\{"metricId":"t","value":1\}\],"timestamp":1590394246545\}$/,
  },
  {
    operation: "pushValues",
    field: "timestamp",
    topic: "P/sensor/now/metric/pushValues",
    message: '{"metrics":[{"metricId":"t","value":true}]}',
    answerTopic: "P/sensor/now/livedata",
    answer: /^\{"metrics":\[\{"metricId":"t","value":true\}\],"timestamp":\d{13}\}$/,
  },
  {
    operation: "pushValues",
    field: ":sensorId",
    topic: "P/sensor/a Z_9- 3456789012345678901234567/metric/pushValues",
    message: '{"metrics":[{"metricId":"a Z_9- 3456789012345678901234567","value":"text"}]}',
    answerTopic: "P/sensor/a Z_9- 3456789012345678901234567/info/inbox",
    answer: /^Sensor was updated\.$/,
  },
  {
    operation: "createMetrics",
    field: "metrics[].valueUnit",
    topic: "P/sensor/SENSOR/metric/create",
    message: JSON.stringify({
      metrics: UNITS.map((valueUnit, index) => ({ matchingId: `${index}`, name: valueUnit, valueUnit })),
    }),
    answerTopic: "P/sensor/SENSOR/metric/inbox",
    answer: created(UNITS.length),
  },
  {
    operation: "createMetrics",
    field: "metrics[].valueType",
    topic: "P/sensor/SENSOR/metric/create",
    message: JSON.stringify({
      metrics: TYPES.map((valueType) => ({
        matchingId: valueType,
        name: valueType,
        valueType,
        valueAnnotation: "own",
      })),
    }),
    answerTopic: "P/sensor/SENSOR/metric/inbox",
    answer: created(TYPES.length),
  },
  {
    operation: "updateMetrics",
    field: "metrics[].valueAnnotation",
    topic: "P/sensor/SENSOR/metric/update",
    message: '{"metrics":[{"metricId":"COUNT","valueAnnotation":"boxes"},{"metricId":"METRIC"}]}',
    answerTopic: "P/sensor/SENSOR/metric/update/info/inbox",
    answer: /^All metrics were successfully modified\.$/,
  },
];
