/**
 * What an agent had, as text to be kept over a restart: a line of JSON for the client, then one for each sensor. It has
 * names, IDs and units, and no values. Pure.
 */
import type { MetricDescription } from "../../src/protocol/answers";
import { isRecord } from "../../src/protocol/json";

/** A metric without its value, which nobody knows any more. */
export type RememberedMetric = MetricDescription & { value: null; lastUpdated: null };

export interface RememberedSensor {
  sensorId: string;
  name: string;
  metricIds: readonly string[];
  /** Of a sensor that somebody has opened. */
  metrics?: readonly RememberedMetric[];
}

export interface Remembered {
  clientId: string;
  /** When the list was read, in milliseconds since the epoch. */
  readAt: number;
  sensors: ReadonlyMap<string, RememberedSensor>;
}

const VERSION = 1;
/** Characters: some 3,000 sensors with ten metrics each, described, or three times as many without. */
const MOST = 4_000_000;
/** Bytes that a file of ours can have. */
export const MOST_BYTES = 4 * MOST;

/** Of what is more than there is room for, descriptions are left out first, then sensors. */
export function writeRemembered({ clientId, readAt, sensors }: Remembered): string {
  const lines = [JSON.stringify({ version: VERSION, clientId, readAt })];
  let room = MOST;
  for (const sensor of sensors.values()) {
    const whole = JSON.stringify(sensor);
    const line = whole.length <= room ? whole : JSON.stringify({ ...sensor, metrics: undefined });
    if (line.length > room) break;
    room -= line.length;
    lines.push(line);
  }
  return `${lines.join("\n")}\n`;
}

/** `undefined` for what is not ours; a line that cannot be read is passed over. */
export function readRemembered(text: string): Remembered | undefined {
  const [first = "", ...lines] = text.split("\n");
  const head = parse(first);
  if (head?.version !== VERSION || typeof head.clientId !== "string" || typeof head.readAt !== "number")
    return undefined;
  const sensors = new Map<string, RememberedSensor>();
  for (const line of lines) {
    const sensor = readSensor(parse(line));
    if (sensor !== undefined) sensors.set(sensor.sensorId, sensor);
  }
  return { clientId: head.clientId, readAt: head.readAt, sensors };
}

export function withoutValue({
  metricId,
  name,
  valueUnit,
  valueType,
  valueAnnotation,
}: MetricDescription): RememberedMetric {
  return {
    metricId,
    name,
    value: null,
    lastUpdated: null,
    ...(valueUnit === undefined ? {} : { valueUnit }),
    ...(valueType === undefined ? {} : { valueType }),
    ...(valueAnnotation === undefined ? {} : { valueAnnotation }),
  };
}

function readSensor(line: Record<string, unknown> | undefined): RememberedSensor | undefined {
  if (typeof line?.sensorId !== "string" || typeof line.name !== "string") return undefined;
  const metricIds = list(line.metricIds).filter((id) => typeof id === "string");
  const metrics = list(line.metrics).filter(isMetric);
  return {
    sensorId: line.sensorId,
    name: line.name,
    metricIds,
    ...(metrics.length === 0 ? {} : { metrics: metrics.map(withoutValue) }),
  };
}

function isMetric(value: unknown): value is MetricDescription {
  if (!isRecord(value) || typeof value.metricId !== "string" || typeof value.name !== "string") return false;
  return [value.valueUnit, value.valueType, value.valueAnnotation].every(
    (text) => text === undefined || typeof text === "string",
  );
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function parse(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
