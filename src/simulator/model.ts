/**
 * What the agent knows: clients, their sensors, the sensors' metrics and last values, and the rules of each.
 * Pure: no I/O; time and IDs are handed in. Every rule that is broken is a `Refusal`.
 */
import { CLIENT_NAME, ID } from "../protocol/limits";
import { VALUE_TYPES, VALUE_UNITS, type MetricValue, type ValueType } from "../protocol/units";
import type { MetricDefinition, MetricUpdate } from "../protocol/requests";
import { Digits, exactNumber, isLong } from "./digits";
import { Refusal } from "./refusal";

/** A metric's value, to the digit. */
type Value = MetricValue | Digits;

/** "Live Data": the values that a push updated; `timestamp` in milliseconds since the epoch. */
export interface Live {
  metrics: { metricId: string; value: Value }[];
  timestamp: number | Digits;
}

export interface Metric {
  metricId: string;
  name: string;
  valueType: ValueType;
  /** A predefined unit, or a unit of the user's own words. */
  valueUnit?: string;
  valueAnnotation?: string;
  value: Value;
  /** Milliseconds since the epoch; null: never. */
  updated: number | Digits | null;
}

export interface Sensor {
  sensorId: string;
  name: string;
  state?: number | Digits;
  metrics: Map<string, Metric>;
}

interface Client {
  clientId: string;
  name: string;
  /** The serial number of its certificate, by which the certificate can be revoked. */
  serial: number;
  /** It registered on the older topic, and listens for some answers where older agents sent them. */
  isOlder: boolean;
  sensors: Map<string, Sensor>;
  /** IDs of the sensors that were deleted last. */
  deleted: Set<string>;
}

/** The model as it is kept on disk. */
export interface ModelState {
  nextSerial: number;
  revoked: number[];
  clients: (Omit<Client, "sensors" | "deleted"> & {
    sensors: (Omit<Sensor, "metrics"> & { metrics: Metric[] })[];
    deleted?: string[];
  })[];
}

export interface ModelCounts {
  clients: number;
  sensors: number;
  metrics: number;
}

interface Sources {
  now: () => number;
  /** 32 hexadecimal digits, never the same twice. */
  newId: () => string;
}

/** How a value becomes one of a metric's type. The document calls values strings, so a text may stand for one. */
const READ_VALUE: Record<ValueType, (value: unknown) => Value | undefined> = {
  double: (value) => readNumber(value),
  integer: (value) => {
    const number = readNumber(value);
    return isLong(number) ? number : undefined;
  },
  bool: (value) =>
    typeof value === "boolean" ? value : value === "true" ? true : value === "false" ? false : undefined,
  string: (value) => (typeof value === "string" ? value : undefined),
};

const FIRST_VALUE: Record<ValueType, MetricValue> = { double: 0, integer: 0, bool: false, string: "" };

/** The type of a metric that a push creates. */
const TYPE_OF_VALUE: Partial<Record<string, ValueType>> = {
  number: "double",
  boolean: "bool",
  string: "string",
};

/** Of so many deleted sensors a client's model knows that they were deleted. */
const MAX_DELETED = 10_000;

const NUMBER = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

function readNumber(value: unknown): number | Digits | undefined {
  const number = typeof value === "string" && NUMBER.test(value) ? exactNumber(value) : value;
  const isNumber = typeof number === "number" || number instanceof Digits;
  return isNumber && Number.isFinite(Number(number)) ? number : undefined;
}

export class Model {
  private readonly clients = new Map<string, Client>();
  private nextSerial: number;
  /** Serial numbers of the certificates of deleted clients. */
  readonly revoked: number[];

  constructor(
    private readonly sources: Sources,
    state: ModelState = { nextSerial: 0, revoked: [], clients: [] },
  ) {
    this.nextSerial = state.nextSerial;
    this.revoked = [...state.revoked];
    for (const client of state.clients) {
      const sensors = client.sensors.map((sensor) => ({
        ...sensor,
        metrics: new Map(sensor.metrics.map((metric) => [metric.metricId, metric])),
      }));
      this.clients.set(client.clientId, {
        ...client,
        sensors: new Map(sensors.map((sensor) => [sensor.sensorId, sensor])),
        deleted: new Set(client.deleted),
      });
    }
  }

  toState(): ModelState {
    const clients = [...this.clients.values()].map((client) => ({
      ...client,
      sensors: [...client.sensors.values()].map((sensor) => ({
        ...sensor,
        metrics: [...sensor.metrics.values()],
      })),
      deleted: [...client.deleted],
    }));
    return { nextSerial: this.nextSerial, revoked: this.revoked, clients };
  }

  isOlder(clientId: string): boolean {
    return this.clients.get(clientId)?.isOlder === true;
  }

  get counts(): ModelCounts {
    const counts = { clients: this.clients.size, sensors: 0, metrics: 0 };
    for (const client of this.clients.values()) {
      counts.sensors += client.sensors.size;
      for (const sensor of client.sensors.values()) counts.metrics += sensor.metrics.size;
    }
    return counts;
  }

  hasClient(clientId: string): boolean {
    return this.clients.has(clientId);
  }

  /** "Create Client": the certificate with this serial number will name the client by this ID. */
  createClient(name: string, isOlder = false): { clientId: string; serial: number } {
    const client = {
      clientId: this.sources.newId(),
      name,
      serial: this.nextSerial++,
      isOlder,
      sensors: new Map<string, Sensor>(),
      deleted: new Set<string>(),
    };
    this.clients.set(client.clientId, client);
    return client;
  }

  /** "Update Client". The document's own example has spaces, which the common name of a request may not have. */
  renameClient(clientId: string, name: string): void {
    const client = this.client(clientId);
    if (!CLIENT_NAME.pattern.test(name.replaceAll(" ", "_"))) {
      throw new Refusal(
        25,
        `Client name is not valid. Allowed are the characters ${CLIENT_NAME.characters} and space.`,
      );
    }
    client.name = name;
  }

  deleteClient(clientId: string): void {
    this.revoked.push(this.client(clientId).serial);
    this.clients.delete(clientId);
  }

  createSensor(clientId: string, name: string): Sensor {
    const { sensors } = this.client(clientId);
    checkSensorName(sensors, name);
    const sensor = { sensorId: this.sources.newId(), name, metrics: new Map<string, Metric>() };
    sensors.set(sensor.sensorId, sensor);
    return sensor;
  }

  listSensors(clientId: string): Sensor[] {
    return [...this.client(clientId).sensors.values()];
  }

  updateSensor(clientId: string, sensorId: string, name: string, state?: number | Digits): void {
    const sensor = this.sensor(clientId, sensorId);
    checkSensorName(this.client(clientId).sensors, name, sensor);
    sensor.name = name;
    if (state !== undefined) sensor.state = state;
  }

  deleteSensor(clientId: string, sensorId: string): void {
    this.sensor(clientId, sensorId);
    const { sensors, deleted } = this.client(clientId);
    sensors.delete(sensorId);
    deleted.add(sensorId);
    const [oldest = ""] = deleted;
    if (deleted.size > MAX_DELETED) deleted.delete(oldest);
  }

  /** "Create Metric": a lone definition answers its own error; of several, error 26 names those that failed. */
  createMetrics(
    clientId: string,
    sensorId: string,
    definitions: readonly MetricDefinition[],
  ): { matchingId: string; metricId: string }[] {
    const sensor = this.sensor(clientId, sensorId);
    const create = (definition: MetricDefinition) => {
      const metric = { ...readDefinition(definition), metricId: this.sources.newId() };
      sensor.metrics.set(metric.metricId, metric);
      return { matchingId: definition.matchingId, metricId: metric.metricId };
    };
    if (definitions.length === 1) return definitions.map(create);
    const outcome = each(definitions, (definition) => definition.matchingId, create);
    refuseFailed(26, "Failed to create the following metrics.", outcome.failed);
    return outcome.done;
  }

  metric(clientId: string, sensorId: string, metricId: string): Metric {
    return findMetric(this.sensor(clientId, sensorId), metricId);
  }

  updateMetrics(clientId: string, sensorId: string, updates: readonly MetricUpdate[]): void {
    const sensor = this.sensor(clientId, sensorId);
    const { failed } = each(updates, byMetricId, ({ metricId, name, valueAnnotation }) => {
      const metric = findMetric(sensor, metricId);
      if (name !== undefined) metric.name = name;
      if (valueAnnotation !== undefined && metric.valueUnit === undefined)
        metric.valueAnnotation = valueAnnotation;
    });
    refuseFailed(24, "Failed to modify some metrics.", failed);
  }

  deleteMetrics(clientId: string, sensorId: string, metrics: readonly { metricId: string }[]): void {
    const sensor = this.sensor(clientId, sensorId);
    const { failed } = each(metrics, byMetricId, ({ metricId }) => {
      findMetric(sensor, metricId);
      sensor.metrics.delete(metricId);
    });
    refuseFailed(23, "Failed to delete the following metrics.", failed);
  }

  /**
   * "Push Metric Values": creates the sensor and the metrics that are missing; what was updated is the live data.
   * A failed metric does not keep the others from being updated. A deleted sensor is missing only with `deletedReturns`.
   */
  pushValues(
    clientId: string,
    sensorId: string,
    values: readonly { metricId: string; value: unknown }[],
    options: { timestamp?: number | Digits; deletedReturns?: boolean } = {},
  ): { live: Live | undefined; refusal: Refusal | undefined } {
    const { timestamp = this.sources.now(), deletedReturns = false } = options;
    const { sensors, deleted } = this.client(clientId);
    if (!ID.pattern.test(sensorId)) {
      throw new Refusal(15, `The provided sensor ID does not exist, and ${NOT_A_NEW_ID}.`);
    }
    if (deleted.has(sensorId) && !deletedReturns) {
      throw new Refusal(15, "The sensor was deleted. After deletion no updates are possible for it.");
    }
    const sensor = sensors.get(sensorId) ?? { sensorId, name: sensorId, metrics: new Map<string, Metric>() };
    const { done, failed } = each(values, byMetricId, ({ metricId, value }) => {
      const metric = sensor.metrics.get(metricId) ?? newMetric(metricId, value);
      const read = READ_VALUE[metric.valueType](value);
      if (read === undefined) throw new Refusal(27, `value is not of type ${metric.valueType}`);
      sensor.metrics.set(metricId, Object.assign(metric, { value: read, updated: timestamp }));
      return { metricId, value: value as Value };
    });
    if (done.length > 0) {
      sensors.set(sensorId, sensor);
      deleted.delete(sensorId);
    }
    return {
      live: done.length > 0 ? { metrics: done, timestamp } : undefined,
      refusal: refusalOf(27, "Failed to push values to some metrics.", failed),
    };
  }

  private client(clientId: string): Client {
    const client = this.clients.get(clientId);
    if (client === undefined) throw new Refusal(18, "The requested resource does not exist.");
    return client;
  }

  sensor(clientId: string, sensorId: string): Sensor {
    const sensor = this.client(clientId).sensors.get(sensorId);
    if (sensor === undefined) throw new Refusal(15, "The provided sensor ID does not exist.");
    return sensor;
  }
}

const NOT_A_NEW_ID = `a new one may have at most ${ID.maxLength} of the characters ${ID.characters} and space`;

function checkSensorName(sensors: Map<string, Sensor>, name: string, except?: Sensor): void {
  for (const sensor of sensors.values()) {
    if (sensor !== except && sensor.name === name) throw new Refusal(28, "Sensor name already exists.");
  }
}

function findMetric(sensor: Sensor, metricId: string): Metric {
  const metric = sensor.metrics.get(metricId);
  if (metric === undefined) throw new Refusal(16, "The provided metric ID does not exist.");
  return metric;
}

/** A metric that a push creates: of its value's type, named like its ID, with a unit of no words. */
function newMetric(metricId: string, value: unknown): Metric {
  if (!ID.pattern.test(metricId)) throw new Refusal(27, `it does not exist, and ${NOT_A_NEW_ID}`);
  const valueType = value instanceof Digits ? "double" : TYPE_OF_VALUE[typeof value];
  if (valueType === undefined) throw new Refusal(27, "value is not a string, a number or a bool");
  return { metricId, name: metricId, valueType, valueAnnotation: "", value: "", updated: null };
}

/** A definition over a predefined unit is a double; otherwise type and annotation are needed: errors 12, 13, 14. */
function readDefinition({ name, valueUnit, valueType, valueAnnotation }: MetricDefinition) {
  if (valueUnit !== undefined) {
    if (!(VALUE_UNITS as readonly string[]).includes(valueUnit)) {
      throw new Refusal(12, `Given valueUnit ${valueUnit} is not valid.`);
    }
    return { name, valueUnit, valueType: "double" as const, value: FIRST_VALUE.double, updated: null };
  }
  if (valueType === undefined || valueAnnotation === undefined) {
    throw new Refusal(14, "valueUnit or valueType and valueAnnotation is missing.");
  }
  if (!VALUE_TYPES.includes(valueType)) {
    // In the words of a real agent.
    throw new Refusal(
      13,
      `Given metricType ${String(valueType)} is not valid. Supported types:\n[\n${VALUE_TYPES.join("\n")}\n]`,
    );
  }
  return { name, valueType, valueAnnotation, value: FIRST_VALUE[valueType], updated: null };
}

const byMetricId = ({ metricId }: { metricId: string }) => metricId;

interface Failure {
  id: string;
  why: string;
}

/** Does something for each entry; an entry that is refused does not stop the others. */
function each<T, R>(entries: readonly T[], id: (entry: T) => string, act: (entry: T) => R) {
  const done: R[] = [];
  const failed: Failure[] = [];
  for (const entry of entries) {
    try {
      done.push(act(entry));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failed.push({ id: id(entry), why: error.message });
    }
  }
  return { done, failed };
}

function refusalOf(code: number, text: string, failed: readonly Failure[]): Refusal | undefined {
  if (failed.length === 0) return undefined;
  const reasons = failed.slice(0, 10).map(({ id, why }) => `${id}: ${why.split("\n", 1)[0]}`);
  return new Refusal(
    code,
    [text, ...reasons].join("\n"),
    failed.map(({ id }) => id),
  );
}

function refuseFailed(code: number, text: string, failed: readonly Failure[]): void {
  const refusal = refusalOf(code, text, failed);
  if (refusal !== undefined) throw refusal;
}
