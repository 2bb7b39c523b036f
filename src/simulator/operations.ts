/**
 * What the simulated agent can be asked, a row an operation: the topics on which it is asked and answers,
 * the fields of the message, and what is done. `createClient` is not here: see `register` in `index.ts`.
 */
import { OPERATIONS, type OperationName } from "../protocol/operations";
import { isRecord } from "../protocol/json";
import type { MetricDefinition, MetricUpdate } from "../protocol/requests";
import { Digits, integerOf, writeJson } from "./digits";
import type { Faults } from "./faults";
import type { Content, Fields, Message } from "./fields";
import type { Live, Metric, Model, Sensor } from "./model";
import type { Refusal } from "./refusal";

/** The IDs in the topic of a request. */
export interface Target {
  clientId: string;
  sensorId: string;
  metricId: string;
}

/** The answer: a text for a person, or JSON; nothing where the document has no answer. */
export interface Outcome {
  text?: string;
  json?: string;
  live?: Live;
  /** A part of the request failed. */
  refusal?: Refusal;
}

/** A topic on which something is asked, and those on which it is answered. */
export interface Route {
  readonly publish: string;
  readonly answers: readonly string[];
  readonly errors: readonly string[];
  /** Where clients that registered on the older topic listen. Nobody else gets these copies: they could be misread. */
  readonly older?: { readonly answers: readonly string[]; readonly errors: readonly string[] };
}

export interface Row {
  readonly routes: readonly Route[];
  readonly fields: Content;
  /** It leaves the model as it is. */
  readonly reads?: true;
  /** It needs the agent's server, so it fails with error 1 while that is gone. */
  readonly backend: boolean;
  run(model: Model, target: Target, message: Message, faults: ModelFaults): Outcome;
}

/** What of the faults concerns the model. */
export type ModelFaults = Pick<Faults, "deletedReturns">;

type Documented = Exclude<OperationName, "createClient">;
/** The document's operations, and the older one by which a client tells of an error of its own. */
export type Answerable = Documented | "announceError";

const CLIENT = "/:version/:clientId";
const SENSOR = `${CLIENT}/sensor/:sensorId`;
const METRIC = `${SENSOR}/metric`;

const PUSHED: Fields = {
  metrics: {
    type: "list",
    entries: {
      metricId: { type: "text" },
      value: { type: "any" },
      timestamp: { type: "integer", optional: true },
    },
  },
  timestamp: { type: "integer", optional: true },
};

const DEFINED: Fields = {
  metrics: {
    type: "list",
    entries: {
      matchingId: { type: "text" },
      name: { type: "name" },
      valueUnit: { type: "text", optional: true },
      valueType: { type: "text", optional: true },
      valueAnnotation: { type: "text", optional: true },
    },
  },
};

const UPDATED: Fields = {
  metrics: {
    type: "list",
    entries: {
      metricId: { type: "text" },
      name: { type: "name", optional: true },
      valueAnnotation: { type: "text", optional: true },
    },
  },
};

const NAMED_BY_ID: Fields = { metrics: { type: "list", entries: { metricId: { type: "text" } } } };

/** The document's topics of an operation, as both sides of the API have them, and an older topic to ask on. */
function documented(name: Documented, ...older: string[]) {
  const { publish, answers, errors, reads } = OPERATIONS[name];
  const routes: Route[] = [publish, ...older].map((topic) => ({ publish: topic, answers, errors }));
  return { routes, reads, backend: true, fields: {} };
}

export const ROWS: Readonly<Record<Answerable, Row>> = {
  ping: {
    ...documented("ping"),
    backend: false,
    fields: "json",
    run: (_model, _target, { json }) => ({ json: writeJson({ answer: requestOf(json) }) }),
  },
  updateClient: {
    ...documented("updateClient"),
    fields: { name: { type: "text" } },
    run(model, { clientId }, { name }) {
      model.renameClient(clientId, name as string);
      return { text: "Client name was successfully updated." };
    },
  },
  deleteClient: {
    ...documented("deleteClient"),
    run(model, { clientId }) {
      model.deleteClient(clientId);
      return {};
    },
  },
  pushValues: {
    ...documented("pushValues", SENSOR),
    fields: PUSHED,
    run(model, { clientId, sensorId }, message, { deletedReturns }) {
      const values = message.metrics as { metricId: string; value: unknown; timestamp?: Timestamp }[];
      // The document's table has the timestamp beside the value, its example at the top.
      const timestamp = (message.timestamp as Timestamp | undefined) ?? values.find(hasTimestamp)?.timestamp;
      const { live, refusal } = model.pushValues(clientId, sensorId, values, { timestamp, deletedReturns });
      return { text: "Sensor was updated.", live, refusal };
    },
  },
  createSensor: {
    ...documented("createSensor"),
    fields: { name: { type: "name" } },
    run(model, { clientId }, message) {
      const { name, sensorId } = model.createSensor(clientId, message.name as string);
      return { json: JSON.stringify({ name, sensorId }) };
    },
  },
  listSensors: {
    ...documented("listSensors", `${CLIENT}/inventory`),
    run: (model, { clientId }) => ({ json: writeList(clientId, model.listSensors(clientId)) }),
  },
  updateSensor: {
    ...documented("updateSensor"),
    fields: { name: { type: "name" }, state: { type: "integer", optional: true } },
    run(model, { clientId, sensorId }, { name, state }) {
      model.updateSensor(clientId, sensorId, name as string, state as number | Digits | undefined);
      return { text: "Sensor was changed." };
    },
  },
  deleteSensor: {
    ...documented("deleteSensor"),
    run(model, { clientId, sensorId }) {
      model.deleteSensor(clientId, sensorId);
      return { text: "Sensor was deleted." };
    },
  },
  createMetrics: {
    ...documented("createMetrics", METRIC),
    fields: DEFINED,
    run(model, { clientId, sensorId }, { metrics }) {
      const created = model.createMetrics(clientId, sensorId, metrics as MetricDefinition[]);
      return { json: JSON.stringify(created) };
    },
  },
  describeMetric: {
    ...documented("describeMetric"),
    // The document's table says `inventory`, its example `describe`. The vendor's SDKs listen for errors of the first
    // at the sensor.
    routes: [
      {
        publish: `${METRIC}/:metricId/inventory`,
        answers: OPERATIONS.describeMetric.answers,
        errors: [`${METRIC}/:metricId/inventory/error/inbox`],
        older: { answers: [], errors: [`${SENSOR}/inventory/error/inbox`] },
      },
      {
        publish: `${METRIC}/:metricId/describe`,
        answers: OPERATIONS.describeMetric.answers,
        errors: [`${METRIC}/:metricId/inventory/error/inbox`],
      },
    ],
    run: (model, { clientId, sensorId, metricId }) => ({
      json: writeDescription(model.metric(clientId, sensorId, metricId)),
    }),
  },
  updateMetrics: {
    ...documented("updateMetrics"),
    fields: UPDATED,
    run(model, { clientId, sensorId }, { metrics }) {
      model.updateMetrics(clientId, sensorId, metrics as MetricUpdate[]);
      return { text: "All metrics were successfully modified." };
    },
  },
  deleteMetrics: {
    ...documented("deleteMetrics"),
    routes: [
      {
        publish: OPERATIONS.deleteMetrics.publish,
        answers: OPERATIONS.deleteMetrics.answers,
        // Where a real agent answers, not where the document says.
        errors: [`${METRIC}/delete/error/inbox`],
        // The vendor's Node SDK listens on the first, its Python SDK at the sensor.
        older: {
          answers: [`${METRIC}/delete/inbox`, `${SENSOR}/delete/info/inbox`],
          errors: [`${SENSOR}/delete/error/inbox`],
        },
      },
    ],
    fields: NAMED_BY_ID,
    run(model, { clientId, sensorId }, { metrics }) {
      model.deleteMetrics(clientId, sensorId, metrics as { metricId: string }[]);
      return { text: "All metrics were successfully deleted." };
    },
  },
  announceError: {
    routes: [CLIENT, SENSOR, `${METRIC}/:metricId`].map((announcer) => {
      const answers = [`${announcer}/error/inbox`];
      return { publish: `${announcer}/error`, answers, errors: answers };
    }),
    reads: true,
    backend: true,
    fields: "anything",
    run(model, { clientId, sensorId, metricId }) {
      if (metricId !== "") model.metric(clientId, sensorId, metricId);
      else if (sensorId !== "") model.sensor(clientId, sensorId);
      return { text: "Error was announced." };
    },
  },
};

/** "The same message published to the request": of the document's `{"request": …}` it answers what stands there. */
function requestOf(json: unknown): unknown {
  const isDocumented = isRecord(json) && Object.keys(json).length === 1 && Object.hasOwn(json, "request");
  return isDocumented ? json.request : json;
}

type Timestamp = number | Digits;

const hasTimestamp = ({ timestamp }: { timestamp?: Timestamp }) => timestamp !== undefined;

/** "List Sensors", with exactly its fields; what `store` means is not known, it is always true. */
function writeList(clientId: string, sensors: readonly Sensor[]): string {
  const list = sensors.map(({ metrics, name, sensorId }) => ({
    metrics: [...metrics.keys()].map((metricId) => ({
      link: `/v1.0/${clientId}/sensor/${sensorId}/metric/${metricId}/inventory`,
      metricId,
    })),
    name,
    sensorId,
    store: true,
  }));
  return JSON.stringify(list);
}

/** "Describe Metric": microseconds since the epoch are beyond JavaScript's exact numbers. */
function writeDescription({ metricId, name, value, valueUnit, ...metric }: Metric): string {
  const unit =
    valueUnit === undefined
      ? { valueType: metric.valueType, valueAnnotation: metric.valueAnnotation }
      : { valueUnit };
  // "Never" is the largest 64-bit integer over 1000, as in the document's example.
  const lastUpdated = metric.updated === null ? 9223372036854775n : (integerOf(metric.updated) ?? 0n) * 1000n;
  return writeJson({ lastUpdated: new Digits(String(lastUpdated)), metricId, name, value, ...unit });
}
