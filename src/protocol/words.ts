/** Fills the blanks of a sentence for a person, in the runtime and in the browser alike. */

/** What fills the blanks of an error's sentence: `__field__`, `__value__`, … */
export type ErrorDetails = Readonly<Record<string, string | number>>;

type TextOf = (key: string) => string | undefined;

/** An error that is reported to a person: an `IotError`, or what a browser gets of one. */
export interface ReportedError {
  readonly name: string;
  /** Where its sentence stands among the errors' texts; behind a dot its reason. */
  readonly textKey: string;
  readonly details: ErrorDetails;
  readonly message: string;
  /** The agent's number, where it is the agent's. */
  readonly code?: number | undefined;
  readonly cause?: unknown;
}

/** Looks a text up in a person's language and fills its blanks; `undefined` where there is none. */
export type LookUp = (key: string, values: ErrorDetails) => string | undefined;

/** The sentence of an error; the English one where the person's language has none. */
export function sentenceOf(error: ReportedError, lookUp: LookUp): string {
  const details = { ...fillWords(error.details, (key) => lookUp(`errors.${key}`, {})) };
  // What caused it is a sentence of its own.
  if (isReported(error.cause)) details.why = sentenceOf(error.cause, lookUp);
  return lookUp(`errors.${error.textKey}`, details) ?? error.message;
}

/** Some words for a badge: what is wrong with a setting or a message, by the name of the field. */
export function shortReasonOf({ name, textKey, details, code }: ReportedError, lookUp: LookUp): string {
  const field = String(details.field ?? "");
  const filled = { ...details, field: lookUp(`errors.shortFields.${fieldName(field)}`, {}) ?? field };
  if (ABOUT_FIELDS.has(name)) {
    const words = lookUp(`errors.shortReasons.${textKey.split(".")[1] ?? ""}`, filled);
    if (words !== undefined) return words;
  }
  const of = (name: string): string | undefined => lookUp(`errors.short.${name}`, filled);
  // An error of the agent that has no words of its own is told by its number.
  return of(name) ?? (code === undefined ? undefined : of("UnknownError")) ?? name;
}
const ABOUT_FIELDS: ReadonlySet<string> = new Set(["SettingMissing", "InvalidInput"]);

/** Of `values[3].metricId`: `values`. */
const fieldName = (path: string): string => /^\w*/.exec(path)?.[0] ?? "";

function isReported(cause: unknown): cause is ReportedError {
  return typeof cause === "object" && cause !== null && "textKey" in cause;
}

/**
 * The details in a person's words. What is wrong, what is allowed and what the system said can be a key of the sentences' `words`.
 * A field keeps its name in `details`, for programs; a person reads what its dialog calls it, from `fields`.
 */
export function fillWords(details: ErrorDetails, textOf: TextOf): ErrorDetails {
  const inWords: [name: string, words: string][] = WORDED.flatMap((name) => {
    const key = details[name];
    const isKey = typeof key === "string" && key.startsWith("words.");
    return isKey ? [[name, fill(textOf(key) ?? key, details)]] : [];
  });
  const { field } = details;
  if (typeof field === "string") inWords.push(["field", fieldInWords(field, textOf)]);
  return { ...details, ...Object.fromEntries(inWords) };
}
const WORDED = ["allowed", "value", "code"] as const;

/** `values[3].metricId` is told as the words for `values`, and the path from there. */
function fieldInWords(field: string, textOf: TextOf): string {
  const [, name = "", path = ""] = /^(\w+)(.*)$/s.exec(field) ?? [];
  const words = textOf(`fields.${name}`);
  if (words === undefined) return field;
  return words + path.replace(/^\.?(?=\S)/, ": ");
}

export function fill(template: string, details: ErrorDetails): string {
  return template.replace(/__(\w+?)__/g, (blank, name: string) => String(details[name] ?? blank));
}
