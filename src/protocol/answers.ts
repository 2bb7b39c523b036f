/** What the agent sends: each `read…` takes the message's text and gives JavaScript values, or throws `BadReply`. */
import { agentError, IotError } from "./errors";
import { asText } from "./exact-json";
import { show } from "./input";
import { isRecord, parseJson } from "./json";
import { parseLargeList, type Steps } from "./large-json";
import { MAX_ANSWER_BYTES } from "./limits";
import { cleanText } from "./text";
import type { MetricValue } from "./units";

/** A sensor that the agent created. */
export interface Sensor {
  sensorId: string;
  name: string;
}

/** A sensor of the list; `store` is in the document's example and nowhere explained. */
export interface SensorWithMetrics extends Sensor {
  metrics: { metricId: string; link: string }[];
  store?: boolean;
}

/** A created metric, joined to its definition by `matchingId`. */
export interface MatchedMetric {
  matchingId: string;
  metricId: string;
}

/** A metric's definition and last value; `lastUpdated` is null when it never had one. */
export interface MetricDescription {
  metricId: string;
  name: string;
  value: MetricValue | null;
  lastUpdated: Date | null;
  valueUnit?: string;
  valueType?: string;
  valueAnnotation?: string;
}

/** Values that were pushed to a sensor; `timestamp` in milliseconds since the epoch. */
export interface LiveData {
  metrics: { metricId: string; value: MetricValue }[];
  timestamp?: number;
}

/**
 * Sensors and metrics of a list of many megabytes: as the agent writes them, 32 MiB have room for fewer. Shorter ones
 * would need several times as much memory as their text.
 */
const MOST_LISTED = 250_000;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;

/** The first PEM certificate in the message; the document prints it with its lines joined by spaces. */
export function readCertificate(payload: string): string {
  const block = CERTIFICATE.exec(payload)?.[0];
  if (block === undefined) throw badReply(payload);
  const base64 = block.slice(27, -25).replace(/\s+/g, "");
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

/**
 * The agent's text, with or without the quotes that the document prints, made fit to be shown. It informs; the topic
 * decides.
 */
export function readText(payload: string): string {
  return cleanText(withoutQuotes(payload));
}

function withoutQuotes(payload: string): string {
  if (payload.startsWith('"')) {
    try {
      const text: unknown = JSON.parse(payload);
      if (typeof text === "string") return text;
    } catch {
      // Not JSON: then it is the text itself.
    }
  }
  return payload;
}

/** The document's example answers `answer`; its words, and other clients, say that the message itself comes back. */
export function readPing(payload: string): { answer: string } {
  const message = parse(payload);
  const answer = isRecord(message) ? (message.answer ?? message.request) : undefined;
  if (typeof answer === "string") return { answer };
  throw badReply(payload);
}

export function readSensor(payload: string): Sensor {
  const sensor = parse(payload);
  if (isRecord(sensor) && typeof sensor.sensorId === "string" && typeof sensor.name === "string") {
    return { sensorId: sensor.sensorId, name: sensor.name };
  }
  throw badReply(payload);
}

export function readSensorList(payload: string): SensorWithMetrics[] {
  return parseList(payload, readListed).map((sensor) => sensor ?? fail(payload));
}

/** The same of a list of many megabytes, in steps. */
export function* readLargeSensorList(payload: Buffer): Steps<SensorWithMetrics[]> {
  const start = () => payload.toString("utf8", 0, 100);
  const sensors: SensorWithMetrics[] = [];
  let left = MOST_LISTED;
  try {
    yield* parseLargeList(payload, (entry) => {
      const sensor = (isRecord(entry) ? readListed(entry) : undefined) ?? fail(start());
      left -= 1 + sensor.metrics.length;
      if (left < 0) fail(start());
      sensors.push(sensor);
    });
  } catch (error) {
    throw error instanceof IotError ? error : badReply(start(), error);
  }
  return sensors;
}

/** `undefined`: it is no sensor. */
function readListed(entry: Record<string, unknown>): SensorWithMetrics | undefined {
  const { sensorId, name, store } = entry;
  if (typeof sensorId !== "string" || typeof name !== "string") return undefined;
  const metrics = [];
  for (const metric of Array.isArray(entry.metrics) ? (entry.metrics as unknown[]) : []) {
    if (!isRecord(metric) || typeof metric.metricId !== "string") return undefined;
    metrics.push({ metricId: metric.metricId, link: typeof metric.link === "string" ? metric.link : "" });
  }
  return { sensorId, name, ...(typeof store === "boolean" ? { store } : {}), metrics };
}

export function readMatches(payload: string): MatchedMetric[] {
  return parseList(payload, ({ matchingId, metricId }) => {
    if (typeof matchingId !== "string" || typeof metricId !== "string") throw badReply(payload);
    return { matchingId, metricId };
  });
}

export function readDescription(payload: string): MetricDescription {
  const metric = parse(payload);
  if (!isRecord(metric) || typeof metric.metricId !== "string" || typeof metric.name !== "string") {
    throw badReply(payload);
  }
  const description: MetricDescription = {
    metricId: metric.metricId,
    name: metric.name,
    value: isMetricValue(metric.value) ? metric.value : null,
    lastUpdated: readMicroseconds(metric.lastUpdated),
  };
  for (const field of ["valueUnit", "valueType", "valueAnnotation"] as const) {
    const text = metric[field];
    if (typeof text === "string") description[field] = text;
  }
  return description;
}

/** Live data; the timestamp stands beside `metrics`, or beside a metric's value as the document's table has it. */
export function readLiveData(payload: string): LiveData {
  const message = parse(payload);
  if (!isRecord(message) || !Array.isArray(message.metrics)) throw badReply(payload);
  let timestamp = message.timestamp;
  const metrics: LiveData["metrics"] = [];
  for (const metric of message.metrics as unknown[]) {
    if (!isRecord(metric) || typeof metric.metricId !== "string" || !isMetricValue(metric.value)) {
      throw badReply(payload);
    }
    timestamp ??= metric.timestamp;
    metrics.push({ metricId: metric.metricId, value: metric.value });
  }
  return typeof timestamp === "number" ? { metrics, timestamp } : { metrics };
}

/** An error answer ("Error Response Structure") as an error; one without a code or that is no JSON is a `BadReply`. */
export function readError(payload: string): IotError {
  let message: unknown;
  try {
    message = parse(payload);
  } catch (error) {
    return error as IotError;
  }
  if (!isRecord(message)) return badReply(payload);
  const code = message.errorcode ?? message.errorCode;
  if (typeof code !== "number") return badReply(payload);
  const text = typeof message.errorMessage === "string" ? message.errorMessage : "";
  const metrics = Array.isArray(message.metrics) ? (message.metrics as unknown[]).flatMap(idOf) : undefined;
  return agentError(code, text, { metrics });
}

function idOf(metric: unknown): string[] {
  const id = isRecord(metric) ? (metric.metricId ?? metric.matchingId) : metric;
  return typeof id === "string" ? [id] : [];
}

function isMetricValue(value: unknown): value is MetricValue {
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean";
}

/** Microseconds since the epoch; the largest 64-bit integer over 1000 means "never" and is not a safe integer. */
function readMicroseconds(value: unknown): Date | null {
  const microseconds = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
  return Number.isSafeInteger(microseconds) ? new Date(Math.floor((microseconds as number) / 1000)) : null;
}

function parse(payload: string): unknown {
  try {
    return parseJson(payload, asText, MAX_ANSWER_BYTES);
  } catch (cause) {
    throw badReply(payload, cause);
  }
}

function parseList<T>(payload: string, read: (entry: Record<string, unknown>) => T): T[] {
  const list = parse(payload);
  if (!Array.isArray(list)) throw badReply(payload);
  return (list as unknown[]).map((entry) => {
    if (!isRecord(entry)) throw badReply(payload);
    return read(entry);
  });
}

function fail(payload: string): never {
  throw badReply(payload);
}

function badReply(payload: string, cause?: unknown): IotError {
  return new IotError("BadReply", { details: { value: show(payload) }, cause });
}
