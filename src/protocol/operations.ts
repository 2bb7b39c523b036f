/**
 * The API as data: a row per operation, in the document's own notation. What is particular to an
 * operation stands in its row and nowhere else; the client, the nodes and the connection read the rows.
 */
import type { Steps } from "./large-json";
import { MAX_LIST_BYTES } from "./limits";
import {
  bounded,
  writeMetricDefinitions,
  writeMetricIds,
  writeMetricUpdates,
  writeName,
  writePing,
  writePushedValues,
  writeSensorUpdate,
} from "./requests";
import type { MetricDefinition, MetricUpdate, PushedValue } from "./requests";
import {
  readCertificate,
  readDescription,
  readLargeSensorList,
  readMatches,
  readPing,
  readSensor,
  readSensorList,
  readText,
} from "./answers";
import type { MatchedMetric, MetricDescription, Sensor, SensorWithMetrics } from "./answers";

/** A row of the table: `P` is what the operation takes, `R` what it gives. */
export interface Operation<P, R> {
  /** The heading in the API document. */
  readonly section: string;
  readonly publish: string;
  readonly answers: readonly string[];
  readonly errors: readonly string[];
  /** Sent twice, it leaves the agent as if sent once: it may be sent again when its outcome is unknown. */
  readonly repeatable: boolean;
  /** It leaves the agent as it is. */
  readonly reads?: true;
  /** The message to publish, no longer than `MAX_PAYLOAD_BYTES`. Throws `InvalidInput` that names the field. */
  write(parameters: P): string;
  /** The answer as JavaScript values. Throws `BadReply`. */
  read(payload: string): R;
  /**
   * Where an answer can have many megabytes: how many at most, and how it is read in steps. Of others
   * `MAX_ANSWER_BYTES` are taken. Throws `BadReply`.
   */
  readonly large?: { readonly bytes: number; read(payload: Buffer): Steps<R> };
  /**
   * Whether an answer carries what the request said, so that it can be told from another request's.
   * Absent where the answer says nothing of its request.
   */
  echoes?(parameters: P, result: R): boolean;
  /** The IDs that an error about this request can name: one that names others is not for this request. */
  ids?(parameters: P): readonly string[];
}

const CLIENT = "/:version/:clientId";
const SENSOR = `${CLIENT}/sensor/:sensorId`;
const METRIC = `${SENSOR}/metric`;

export const LIVE_DATA_TOPIC = `${SENSOR}/livedata`;

/** Each row says its types once; the rest of the house has them from here. No row can write too long a message. */
const operation = <P, R>(row: Operation<P, R>): Operation<P, R> => ({
  ...row,
  write: (parameters) => bounded(row.write(parameters)),
});

const ROWS = {
  /** `csr` is the PEM text, published byte for byte; gives the PEM certificate. */
  createClient: operation<{ csr: string }, string>({
    section: "Create Client",
    publish: "/:version/createClient",
    answers: ["/certBack/:hash"],
    errors: ["/certBack/:hash/error"],
    repeatable: false,
    write: ({ csr }) => bounded(csr, "csr"),
    read: readCertificate,
  }),
  /** The agent answers the text that it was sent. */
  ping: operation<{ request: string }, { answer: string }>({
    section: "Ping",
    publish: `${CLIENT}/ping`,
    answers: [`${CLIENT}/ping/info/inbox`],
    errors: [`${CLIENT}/ping/error/inbox`],
    repeatable: true,
    reads: true,
    write: writePing,
    read: readPing,
    echoes: ({ request }, { answer }) => request === answer,
  }),
  /** Gives the agent's text. */
  updateClient: operation<{ name: string }, string>({
    section: "Update Client",
    publish: `${CLIENT}/update`,
    answers: [`${CLIENT}/update/info/inbox`],
    errors: [`${CLIENT}/update/error/inbox`],
    repeatable: true,
    write: writeName,
    read: readText,
  }),
  /** The agent does not answer; its result is never read. */
  deleteClient: operation<object, string>({
    section: "Delete Client",
    publish: `${CLIENT}/delete`,
    // The document has none; the vendor's Node SDK listens on both, its Python SDK on the second.
    answers: [`${CLIENT}/delete/info/inbox`],
    errors: [`${CLIENT}/delete/error/inbox`],
    // Its answer is that the connection ends.
    repeatable: false,
    write: () => "{}",
    read: readText,
  }),
  /**
   * `timestamp` in milliseconds since the epoch, the client makes one where there is none; null: it is sent without one.
   * Gives the agent's text.
   */
  pushValues: operation<
    { sensorId: string; metrics: readonly PushedValue[]; timestamp?: number | null },
    string
  >({
    section: "Push Metric Values",
    publish: `${METRIC}/pushValues`,
    answers: [`${SENSOR}/info/inbox`],
    errors: [`${SENSOR}/error/inbox`],
    repeatable: true,
    write: writePushedValues,
    read: readText,
    ids: ({ metrics }) => metrics.map((metric) => metric.metricId),
  }),
  createSensor: operation<{ name: string }, Sensor>({
    section: "Create Sensor",
    publish: `${CLIENT}/sensor/create`,
    answers: [`${CLIENT}/sensor/inbox`],
    errors: [`${CLIENT}/sensor/error/inbox`],
    repeatable: false,
    write: writeName,
    read: readSensor,
    echoes: (parameters, { name }) => parameters.name === name,
  }),
  listSensors: operation<object, SensorWithMetrics[]>({
    section: "List Sensors",
    publish: `${CLIENT}/sensor/list`,
    answers: [`${CLIENT}/inventory/inbox`],
    errors: [`${CLIENT}/inventory/error/inbox`],
    repeatable: true,
    reads: true,
    write: () => "{}",
    read: readSensorList,
    large: { bytes: MAX_LIST_BYTES, read: readLargeSensorList },
  }),
  /** `state` is an integer whose meaning the document lost; gives the agent's text. */
  updateSensor: operation<{ sensorId: string; name: string; state?: number }, string>({
    section: "Update Sensor",
    publish: `${SENSOR}/update`,
    answers: [`${SENSOR}/update/info/inbox`],
    errors: [`${SENSOR}/update/error/inbox`],
    repeatable: true,
    write: writeSensorUpdate,
    read: readText,
  }),
  /** Gives the agent's text. */
  deleteSensor: operation<{ sensorId: string }, string>({
    section: "Delete Sensor",
    publish: `${SENSOR}/delete`,
    answers: [`${SENSOR}/delete/info/inbox`],
    errors: [`${SENSOR}/delete/error/inbox`],
    repeatable: false,
    write: () => "{}",
    read: readText,
  }),
  /** One answer a definition, joined by `matchingId`. */
  createMetrics: operation<{ sensorId: string; metrics: readonly MetricDefinition[] }, MatchedMetric[]>({
    section: "Create Metric",
    publish: `${METRIC}/create`,
    answers: [`${METRIC}/inbox`],
    errors: [`${METRIC}/error/inbox`],
    repeatable: false,
    write: ({ metrics }) => writeMetricDefinitions(metrics),
    read: readMatches,
    echoes: ({ metrics }, matches) => {
      const asked = new Set(metrics.map((metric) => metric.matchingId));
      return matches.length > 0 && matches.every((match) => asked.has(match.matchingId));
    },
    ids: ({ metrics }) => metrics.flatMap(({ matchingId, name }) => [matchingId, name]),
  }),
  describeMetric: operation<{ sensorId: string; metricId: string }, MetricDescription>({
    section: "Describe Metric",
    // The document's table says `inventory`, its example `describe`; every known client uses `inventory`.
    publish: `${METRIC}/:metricId/inventory`,
    answers: [`${METRIC}/:metricId/inventory/inbox`],
    // The second is where the vendor's SDKs listen.
    errors: [`${METRIC}/:metricId/inventory/error/inbox`, `${SENSOR}/inventory/error/inbox`],
    repeatable: true,
    reads: true,
    write: () => "{}",
    read: readDescription,
    echoes: ({ metricId }, description) => description.metricId === metricId,
  }),
  /** Gives the agent's text. */
  updateMetrics: operation<{ sensorId: string; metrics: readonly MetricUpdate[] }, string>({
    section: "Update Metric",
    publish: `${METRIC}/update`,
    answers: [`${METRIC}/update/info/inbox`],
    errors: [`${METRIC}/update/error/inbox`],
    repeatable: true,
    write: ({ metrics }) => writeMetricUpdates(metrics),
    read: readText,
    ids: ({ metrics }) => metrics.map((metric) => metric.metricId),
  }),
  /** Gives the agent's text. */
  deleteMetrics: operation<{ sensorId: string; metricIds: readonly string[] }, string>({
    section: "Delete Metric",
    publish: `${METRIC}/delete`,
    answers: [`${METRIC}/delete/info/inbox`],
    // The first is documented and shared with "Create Metric"; the second is where a real agent answers.
    errors: [`${METRIC}/error/inbox`, `${METRIC}/delete/error/inbox`],
    repeatable: false,
    write: ({ metricIds }) => writeMetricIds(metricIds),
    read: readText,
    ids: ({ metricIds }) => metricIds,
  }),
};

type TypesOf<O> = O extends Operation<infer P, infer R> ? { parameters: P; result: R } : never;
type Types = { readonly [N in keyof typeof ROWS]: TypesOf<(typeof ROWS)[N]> };

export type OperationName = keyof Types;
export type Parameters<N extends OperationName> = Types[N]["parameters"];
export type Result<N extends OperationName> = Types[N]["result"];

export const OPERATIONS: { readonly [N in OperationName]: Operation<Parameters<N>, Result<N>> } = ROWS;
