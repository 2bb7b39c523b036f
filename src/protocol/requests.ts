/**
 * What is sent: each `write…` checks every field and gives the JSON text of the document's "Message definition". How long
 * it may be as a whole, the table checks for all of them.
 */
import { invalid } from "./input";
import { LAST_TIME, MAX_PAYLOAD_BYTES } from "./limits";
import { checkId } from "./topics";
import { VALUE_TYPES, type MetricValue, type ValueType } from "./units";

/** A value for a metric ("Push Metric Values"); a BigInt is sent with all its digits. */
export interface PushedValue {
  metricId: string;
  value: MetricValue | bigint;
}

/** A metric to create: over a predefined unit, or over a unit of one's own ("Create Metric"). */
export type MetricDefinition = { matchingId: string; name: string } & (
  | { valueUnit: string; valueType?: undefined; valueAnnotation?: undefined }
  | { valueType: ValueType; valueAnnotation: string; valueUnit?: undefined }
);

/** A metric to rename or to annotate anew ("Update Metric"). */
export interface MetricUpdate {
  metricId: string;
  name?: string;
  valueAnnotation?: string;
}

/** A whole number. */
export function checkInteger(field: string, value: unknown): number {
  if (!Number.isSafeInteger(value)) throw invalid("type", field, value, { allowed: "words.integer" });
  return value as number;
}

/** A text that is not empty. */
export function writeText(field: string, value: unknown): string {
  if (value === "") throw invalid("missing", field);
  return writeAnyText(field, value);
}

/** A text that may be empty. */
function writeAnyText(field: string, value: unknown): string {
  if (value === undefined || value === null) throw invalid("missing", field);
  if (typeof value !== "string") throw invalid("type", field, value, { allowed: "words.text" });
  if (!value.isWellFormed()) throw invalid("value", field, value, { allowed: "words.unicode" });
  return bounded(value, field);
}

export function writePing({ request }: { request: string }): string {
  return JSON.stringify({ request: writeText("request", request) });
}

/** Of a client or a sensor. */
export function writeName({ name }: { name: string }): string {
  return JSON.stringify({ name: writeText("name", name) });
}

export function writeSensorUpdate({ name, state }: { name: string; state?: number }): string {
  return JSON.stringify({
    name: writeText("name", name),
    state: state === undefined ? undefined : checkInteger("state", state),
  });
}

export function writePushedValues(parameters: {
  metrics: readonly PushedValue[];
  timestamp?: number | null;
}): string {
  const { metrics, timestamp } = parameters;
  if (metrics.length === 0) throw invalid("empty", "metrics");
  const seen = new Set<string>();
  // The text is put together, because that takes half of the time; an ID has no character that has to be escaped.
  const values: string[] = [];
  for (const { metricId, value } of metrics) {
    checkId("metricId", metricId);
    if (seen.has(metricId)) throw invalid("duplicate", "metricId", metricId);
    seen.add(metricId);
    values.push(`{"value":${writeMetricValue(metricId, value)},"metricId":"${metricId}"}`);
  }
  if (!hasNoTime(timestamp) && !(Number.isInteger(timestamp) && timestamp >= 0 && timestamp <= LAST_TIME)) {
    throw invalid("type", "timestamp", timestamp, { allowed: "words.time" });
  }
  const time = hasNoTime(timestamp) ? "" : `,"timestamp":${timestamp}`;
  return `{"metrics":[${values.join()}]${time}}`;
}

function hasNoTime(timestamp: number | null | undefined): timestamp is null | undefined {
  return timestamp === null || timestamp === undefined;
}

/** A metric holds a number, a text or a boolean; the error for anything else names the metric. */
export function checkMetricValue(metricId: string, value: unknown): PushedValue["value"] {
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return value;
  if (typeof value === "string" && value.isWellFormed()) return value;
  if (typeof value === "bigint" && value < MOST && value > -MOST) return value;
  throw invalid("metricValue", "values", value, { metric: metricId });
}
/** What is beyond the range of a double is no number to the agent, a BigInt no more than 1e400. */
const MOST = 2n ** 1024n;

function writeMetricValue(metricId: string, value: unknown): string {
  const checked = checkMetricValue(metricId, value);
  return typeof checked === "bigint" ? checked.toString() : JSON.stringify(checked);
}

export function writeMetricDefinitions(metrics: readonly MetricDefinition[]): string {
  if (metrics.length === 0) throw invalid("empty", "metrics");
  const seen = new Set<string>();
  const written = metrics.map((metric, index) => {
    const field = (name: string) => `metrics[${index}].${name}`;
    const matchingId = writeText(field("matchingId"), metric.matchingId);
    if (seen.has(matchingId)) throw invalid("duplicate", field("matchingId"), matchingId);
    seen.add(matchingId);
    const name = writeText(field("name"), metric.name);
    if (metric.valueUnit !== undefined) {
      // It would be dropped, and the metric not be what was asked for.
      for (const other of ["valueType", "valueAnnotation"] as const) {
        if (metric[other] !== undefined) throw invalid("unitAndType", field(other), metric[other]);
      }
      return { matchingId, valueUnit: writeText(field("valueUnit"), metric.valueUnit), name };
    }
    if (!(VALUE_TYPES as readonly unknown[]).includes(metric.valueType)) {
      if (metric.valueType === undefined) throw invalid("missing", `${field("valueUnit")} / valueType`);
      throw invalid("value", field("valueType"), metric.valueType, { allowed: VALUE_TYPES.join(", ") });
    }
    // The vendor's own examples have empty ones.
    const valueAnnotation = writeAnyText(field("valueAnnotation"), metric.valueAnnotation);
    return { matchingId, valueType: metric.valueType, valueAnnotation, name };
  });
  return JSON.stringify({ metrics: written });
}

export function writeMetricUpdates(metrics: readonly MetricUpdate[]): string {
  if (metrics.length === 0) throw invalid("empty", "metrics");
  const written = metrics.map(({ metricId, name, valueAnnotation }, index) => {
    checkId(`metrics[${index}].metricId`, metricId);
    if (name === undefined && valueAnnotation === undefined)
      throw invalid("noChange", `metrics[${index}].name`);
    return {
      metricId,
      name: name === undefined ? undefined : writeText(`metrics[${index}].name`, name),
      valueAnnotation:
        valueAnnotation === undefined
          ? undefined
          : writeAnyText(`metrics[${index}].valueAnnotation`, valueAnnotation),
    };
  });
  return JSON.stringify({ metrics: written });
}

export function writeMetricIds(metricIds: readonly string[]): string {
  if (metricIds.length === 0) throw invalid("empty", "metricIds");
  const metrics = [...new Set(metricIds)].map((metricId) => ({ metricId: checkId("metricId", metricId) }));
  return JSON.stringify({ metrics });
}

/** What is longer would break the connection that all share, or come back in each list: the one limit of all requests. */
export function bounded(text: string, field = "payload"): string {
  // A character has at most three bytes: what is short is not counted.
  const size = text.length * 3 > MAX_PAYLOAD_BYTES ? Buffer.byteLength(text) : 0;
  if (size > MAX_PAYLOAD_BYTES) throw invalid("size", field, undefined, { size, allowed: MAX_PAYLOAD_BYTES });
  return text;
}
