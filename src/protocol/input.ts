/** How bad input is told: which field, what was wrong with it, what is allowed. */
import { IotError } from "./errors";

/** Sentences of `InvalidInput`, one a way in which a field can be wrong. */
export type InputFault =
  | "missing"
  | "noMetric"
  | "type"
  | "metricValue"
  | "length"
  | "characters"
  | "value"
  | "empty"
  | "range"
  | "size"
  | "duplicate"
  | "environment"
  | "expression"
  | "confirm";

/**
 * An `InvalidInput`: `field` is the property's name, told in the words of the dialog (the sentences' `fields`).
 * `value` is shown cut to 60 characters, without control characters. `allowed` is what stands in every language, or a
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

/** A value as a person of any language can read it in an error: short, printable, never throwing. */
export function show(value: unknown): string {
  let text: string;
  try {
    if (typeof value === "string") text = `"${value.slice(0, 80)}"`;
    else if (typeof value === "bigint") text = `${value}n`;
    else if (typeof value === "function") text = "function() {…}";
    else if (Buffer.isBuffer(value)) text = `Buffer(${value.length})`;
    else if (Array.isArray(value)) text = `[…] (${value.length})`;
    else if (value !== null && typeof value === "object" && !(value instanceof Date))
      text = showObject(value);
    else text = String(value);
  } catch {
    text = typeof value;
  }
  // eslint-disable-next-line no-control-regex -- control characters are what must not reach a log or a badge
  text = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "�");
  return text.length > 62 ? `${text.slice(0, 60)}…` : text;
}

/** What an object has tells best where it came from: `{value, unit}`; a Map or an Error has its kind. */
function showObject(value: object): string {
  const kind = Object.prototype.toString.call(value).slice("[object ".length, -1);
  return kind === "Object" ? `{${Object.keys(value).slice(0, 20).join(", ")}}` : kind;
}
