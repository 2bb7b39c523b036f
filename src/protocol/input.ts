/** How bad input is told: which field, what was wrong with it, what is allowed. */
import { IotError } from "./errors";
import { cleanText } from "./text";

/** Sentences of `InvalidInput`, one a way in which a field can be wrong. */
export type InputFault =
  | "missing"
  | "noMetric"
  | "nearlyJson"
  | "type"
  | "metricValue"
  | "length"
  | "characters"
  | "value"
  | "empty"
  | "unitAndType"
  | "noChange"
  | "range"
  | "time"
  | "noTime"
  | "size"
  | "duplicate"
  | "environment"
  | "expression"
  | "slow"
  | "deep"
  | "confirm"
  | "row"
  | "rows"
  | "table"
  | "file";

/**
 * An `InvalidInput`: `field` is the property's name, told in the words of the dialog (the sentences' `fields`).
 * `value` is shown as JSON, cut to 60 characters, without control characters. `allowed` is what stands in every language, or a
 * key of the sentences' `words`.
 */
export function invalid(
  reason: InputFault,
  field: string,
  value?: unknown,
  details: Record<string, string | number> = {},
): IotError {
  return new IotError("InvalidInput", { reason, details: { field, value: show(value), ...details } });
}

/** A value as a person of any language can read it in an error: as JSON, short, printable, never throwing. */
export function show(value: unknown): string {
  let text: string;
  try {
    text = typeof value === "string" ? `"${value.slice(0, 80)}"` : describe(value, 0);
  } catch {
    text = typeof value;
  }
  text = cleanText(text);
  return text.length > 62 ? `${text.slice(0, 60)}…` : text;
}

/** More levels, and more entries of each, are not shown. */
const MOST_LEVELS = 3;
const MOST_ENTRIES = 10;

function describe(value: unknown, level: number): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 80));
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "function") return "function() {…}";
  if (typeof value !== "object" || value === null || value instanceof Date) return String(value);
  if (Buffer.isBuffer(value)) return `Buffer(${value.length})`;
  // A Map or an Error has its kind.
  const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
  if (kind !== "Object" && kind !== "Array") return kind;
  return Array.isArray(value) ? `[${entriesOf(value, level)}]` : `{${entriesOf(value, level)}}`;
}

function entriesOf(value: object, level: number): string {
  const keys = Object.keys(value);
  if (level === MOST_LEVELS && keys.length > 0) return "…";
  const shown = keys.slice(0, MOST_ENTRIES).map((key) => {
    const name = Array.isArray(value) ? "" : `${JSON.stringify(key.slice(0, 80))}:`;
    return name + partOf(value, key, level);
  });
  return [...shown, ...(keys.length > MOST_ENTRIES ? ["…"] : [])].join();
}

function partOf(value: object, key: string, level: number): string {
  try {
    return describe((value as Record<string, unknown>)[key], level + 1);
  } catch {
    // A getter that throws.
    return "…";
  }
}
