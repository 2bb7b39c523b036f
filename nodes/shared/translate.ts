/** Texts for a person, in the language of the runtime. */
import { IotError } from "../../src/protocol/errors";
import { fillWords } from "../../src/protocol/words";
import type { NodeAPI } from "./node-red";
import { SHARED } from "./texts";

type Values = Readonly<Record<string, string | number>>;

/** A text of the shared catalogue, or its key where the catalogue is not loaded. */
export function translate(RED: NodeAPI, key: string, values: Values = {}): string {
  return lookUp(RED, key, values) ?? key;
}

/** The sentence of an error; in English where the catalogue is not loaded. */
export function sentence(RED: NodeAPI, error: IotError): string {
  const details = { ...fillWords(error.details, (key) => lookUp(RED, `errors.${key}`, {})) };
  // What caused it is a sentence of its own.
  if (error.cause instanceof IotError) details.why = sentence(RED, error.cause);
  return lookUp(RED, `errors.${error.textKey}`, details) ?? error.message;
}

/** What the API document says about an error of the agent. */
export function description(RED: NodeAPI, error: IotError): string | undefined {
  return error.code === undefined ? undefined : lookUp(RED, `errors.${error.name}`, {});
}

/** Some words for a badge: what is wrong with a setting or a message, by the name of the field. */
export function shortReason(RED: NodeAPI, error: IotError): string {
  const field = String(error.details.field ?? "");
  const details = { ...error.details, field: lookUp(RED, `status.field.${fieldName(field)}`, {}) ?? field };
  if (isAboutField(error)) {
    const words = lookUp(RED, `status.reason.${error.reason ?? ""}`, details);
    if (words !== undefined) return words;
  }
  const of = (name: string): string | undefined => lookUp(RED, `status.failure.${name}`, details);
  // An error of the agent that has no words of its own is told by its number.
  return of(error.name) ?? (error.code === undefined ? undefined : of("UnknownError")) ?? error.name;
}

const isAboutField = ({ name }: IotError): boolean => name === "SettingMissing" || name === "InvalidInput";

/** Of `values[3].metricId`: `values`. */
const fieldName = (path: string): string => /^\w*/.exec(path)?.[0] ?? "";

function lookUp(RED: NodeAPI, key: string, values: Values): string | undefined {
  const text: unknown = RED._(SHARED + key, values);
  // A key that is not known comes back, with or without its namespace.
  return typeof text !== "string" || text.endsWith(key) ? undefined : text;
}
