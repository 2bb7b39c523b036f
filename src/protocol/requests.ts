/** What is sent: each `write…` checks every field and gives the JSON text of the document's "Message definition". */
import { invalid } from "./input";
import { MAX_PAYLOAD_BYTES } from "./limits";
import { checkId } from "./topics";
import { VALUE_TYPES, type MetricValue, type ValueType } from "./units";

/** A value for a metric ("Push Metric Values"). */
export interface PushedValue {
  metricId: string;
  value: MetricValue;
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

/** A text that is not empty. */
export function writeText(field: string, value: unknown): string {
  if (value === undefined || value === null || value === "") throw invalid("missing", field);
  if (typeof value !== "string") throw invalid("type", field, value, { allowed: "words.text" });
  if (!value.isWellFormed()) throw invalid("value", field, value, { allowed: "words.unicode" });
  return value;
}

export function writePushedValues(parameters: {
  metrics: readonly PushedValue[];
  timestamp?: number;
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
    values.push(`{"value":${JSON.stringify(checkMetricValue(metricId, value))},"metricId":"${metricId}"}`);
  }
  if (timestamp !== undefined && !(Number.isSafeInteger(timestamp) && timestamp >= 0)) {
    throw invalid("type", "timestamp", timestamp, { allowed: "words.time" });
  }
  const time = timestamp === undefined ? "" : `,"timestamp":${timestamp}`;
  return bounded(`{"metrics":[${values.join()}]${time}}`);
}

/** A metric holds a number, a text or a boolean; the error for anything else names the metric. */
export function checkMetricValue(metricId: string, value: unknown): MetricValue {
  if (typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))) return value;
  if (typeof value === "string" && value.isWellFormed()) return value;
  throw invalid("metricValue", "values", value, { metric: metricId });
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
      return { matchingId, valueUnit: writeText(field("valueUnit"), metric.valueUnit), name };
    }
    if (!(VALUE_TYPES as readonly unknown[]).includes(metric.valueType)) {
      if (metric.valueType === undefined) throw invalid("missing", `${field("valueUnit")} / valueType`);
      throw invalid("value", field("valueType"), metric.valueType, { allowed: VALUE_TYPES.join(", ") });
    }
    const valueAnnotation = writeText(field("valueAnnotation"), metric.valueAnnotation);
    return { matchingId, valueType: metric.valueType, valueAnnotation, name };
  });
  return bounded(JSON.stringify({ metrics: written }));
}

export function writeMetricUpdates(metrics: readonly MetricUpdate[]): string {
  if (metrics.length === 0) throw invalid("empty", "metrics");
  const written = metrics.map(({ metricId, name, valueAnnotation }, index) => {
    checkId(`metrics[${index}].metricId`, metricId);
    if (name === undefined && valueAnnotation === undefined)
      throw invalid("missing", `metrics[${index}].name`);
    return {
      metricId,
      name: name === undefined ? undefined : writeText(`metrics[${index}].name`, name),
      valueAnnotation:
        valueAnnotation === undefined
          ? undefined
          : writeText(`metrics[${index}].valueAnnotation`, valueAnnotation),
    };
  });
  return bounded(JSON.stringify({ metrics: written }));
}

export function writeMetricIds(metricIds: readonly string[]): string {
  if (metricIds.length === 0) throw invalid("empty", "metricIds");
  const metrics = [...new Set(metricIds)].map((metricId) => ({ metricId: checkId("metricId", metricId) }));
  return bounded(JSON.stringify({ metrics }));
}

function bounded(message: string): string {
  const size = Buffer.byteLength(message);
  if (size > MAX_PAYLOAD_BYTES)
    throw invalid("size", "payload", undefined, { size, allowed: MAX_PAYLOAD_BYTES });
  return message;
}
