/** What people have at hand, made into the values of one push. Pure; throws `InvalidInput` that names the metric. */
import { asBigInt, parseExactly } from "../../src/protocol/exact-json";
import { invalid } from "../../src/protocol/input";
import { checkId } from "../../src/protocol/topics";
import { checkMetricValue, type PushedValue } from "../../src/protocol/requests";
import { whatIsWrong } from "./nearly-json";
import { readTimestamp } from "./times";

export interface Values {
  metrics: PushedValue[];
  /** Milliseconds since the epoch. */
  timestamp?: number;
}

/**
 * The forms: `{temp: 21.5, humidity: 40}` · `{metricId, value}` or a list of them · the API's own message
 * `{metrics: […], timestamp}` · one value, with `metric` saying whose it is. Without `metric` a text may be the JSON of
 * one of the other forms.
 * `timestamp` is what the node's field says; it goes before one that stands in the values. `isAnyTime`: it may lie
 * outside of 1990 to 2100.
 */
export function readValues(given: unknown, metric: unknown, timestamp: unknown, isAnyTime = false): Values {
  const values = typeof given === "string" && metric === undefined ? fromJson(given) : given;
  const metrics = new Map<string, PushedValue>();
  let written: unknown = timestamp;
  const add = (name: string, id: unknown, value: unknown): void => {
    const metricId = checkId(name, id);
    if (metrics.has(metricId)) throw invalid("duplicate", "metricId", metricId);
    metrics.set(metricId, { metricId, value: checkMetricValue(metricId, value) });
  };
  const addEntry = (entry: unknown, name: string): void => {
    if (!isRecord(entry)) throw invalid("type", name, entry, { allowed: "{metricId, value}" });
    add(`${name}.metricId`, entry.metricId, entry.value);
    if (timestamp === undefined) written = sameTime(written, entry.timestamp, `${name}.timestamp`, isAnyTime);
  };

  const record = isRecord(values) ? values : undefined;
  if (Array.isArray(values)) {
    for (const [index, entry] of (values as unknown[]).entries()) addEntry(entry, `values[${index}]`);
  } else if (Array.isArray(record?.metrics)) {
    written ??= record.timestamp;
    for (const [index, entry] of (record.metrics as unknown[]).entries())
      addEntry(entry, `values.metrics[${index}]`);
  } else if (record && Object.hasOwn(record, "metricId") && Object.hasOwn(record, "value")) {
    addEntry(record, "values");
  } else if (record) {
    for (const [id, value] of Object.entries(record)) add("metricId", id, value);
  } else if (metric !== undefined) {
    add("metric", metric, values);
  } else if (values === undefined) {
    throw invalid("missing", "values");
  } else if (isSingleValue(values)) {
    throw invalid("noMetric", "metric", values);
  } else {
    throw invalid("type", "values", values, { allowed: "words.values" });
  }
  if (metrics.size === 0) throw invalid("empty", "values");

  const time = readTimestamp(written, isAnyTime);
  return { metrics: [...metrics.values()], ...(time === undefined ? {} : { timestamp: time }) };
}

/** A push has one timestamp: values that carry their own must agree on it. */
function sameTime(known: unknown, value: unknown, field: string, isAnyTime: boolean): unknown {
  if (value === undefined || known === undefined) return value ?? known;
  if (readTimestamp(known, isAnyTime) === readTimestamp(value, isAnyTime)) return known;
  throw invalid("value", field, value, { allowed: "words.oneTimestamp" });
}

/**
 * What the text is the JSON of, if it begins like JSON of values, if only with the wide brackets of a Japanese or Chinese keyboard;
 * else the text. A byte order mark is no part of it.
 */
function fromJson(text: string): unknown {
  const json = text.replace(/^\ufeff/, "");
  if (!/^\s*[[{［｛]/.test(json)) return text;
  try {
    return parseExactly(json, asBigInt);
  } catch (error) {
    throw invalid("nearlyJson", "values", json, whatIsWrong(json, error));
  }
}

/** What a metric could hold, if it were said which. */
function isSingleValue(value: unknown): boolean {
  return ["number", "string", "boolean", "bigint"].includes(typeof value);
}

/** An object whose properties are meant: no Date, Buffer, Map … whatever context made it. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === "[object Object]" && typeof value === "object";
}
