/**
 * Topics in the API document's own notation (`/:version/:clientId/sensor/:sensorId/livedata`):
 * the only place that builds a topic, so that nothing unchecked reaches one.
 */
import { invalid } from "./input";
import { ID } from "./limits";

export const VERSION = "v1.0";

/** Values for the placeholders of a pattern, besides the version. */
export interface TopicValues {
  clientId?: string;
  hash?: string;
  sensorId?: string;
  metricId?: string;
}

/** Placeholders that users fill: checked against the document's characters. The others are ours or the agent's. */
const USER_PLACEHOLDERS: ReadonlySet<string> = new Set(["sensorId", "metricId"]);

/** Fills a pattern. Throws `InvalidInput` that names the ID which is missing or has a character it must not have. */
export function buildTopic(pattern: string, values: TopicValues): string {
  return pattern.replace(/:(\w+)/g, (_, name: string) => {
    if (name === "version") return VERSION;
    const value = values[name as keyof TopicValues];
    if (USER_PLACEHOLDERS.has(name)) return checkId(name, value);
    if (value === undefined) throw new Error(`no ${name} for the topic ${pattern}`);
    return value;
  });
}

/** The filter that receives a pattern for every sensor and metric of one client: `+` in place of their IDs. */
export function buildFilter(pattern: string, values: Pick<TopicValues, "clientId" | "hash">): string {
  return pattern.replace(/:(sensorId|metricId)/g, "+").replace(/:(\w+)/g, (_, name: string) => {
    if (name === "version") return VERSION;
    const value = values[name as "clientId" | "hash"];
    if (value === undefined) throw new Error(`no ${name} for the filter ${pattern}`);
    return value;
  });
}

/** The placeholder values of a topic that fits a pattern, or `undefined` when it does not fit. */
export function matchTopic(pattern: string, topic: string): Record<string, string> | undefined {
  const wanted = pattern.split("/");
  const levels = topic.split("/");
  if (wanted.length !== levels.length) return undefined;
  const values: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [index, want] of wanted.entries()) {
    const level = levels[index] ?? "";
    if (want === ":version") {
      if (level !== VERSION) return undefined;
    } else if (want.startsWith(":")) {
      if (level === "") return undefined;
      values[want.slice(1)] = level;
    } else if (want !== level) return undefined;
  }
  return values;
}

/** A sensor or metric ID that may stand in a topic, or an `InvalidInput` that names `field`. */
export function checkId(field: string, value: unknown): string {
  if (value === undefined || value === null || value === "") throw invalid("missing", field);
  if (typeof value !== "string") throw invalid("type", field, value, { allowed: "words.text" });
  if (value.length > ID.maxLength)
    throw invalid("length", field, value, { allowed: ID.maxLength, length: value.length });
  if (!ID.pattern.test(value)) {
    throw invalid("characters", field, value, { allowed: "words.idCharacters", characters: ID.characters });
  }
  return value;
}
