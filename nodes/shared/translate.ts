/** Texts for a person, in the language of the runtime. */
import type { IotError } from "../../src/protocol/errors";
import { sentenceOf, shortReasonOf } from "../../src/protocol/words";
import type { NodeAPI } from "./node-red";
import { SHARED } from "./texts";

type Values = Readonly<Record<string, string | number>>;

/** A text of the shared catalogue, or its key where the catalogue is not loaded. */
export function translate(RED: NodeAPI, key: string, values: Values = {}): string {
  return lookUp(RED, key, values) ?? key;
}

/** The sentence of an error; in English where the catalogue is not loaded. */
export function sentence(RED: NodeAPI, error: IotError): string {
  return sentenceOf(error, (key, values) => lookUp(RED, key, values));
}

/** What the API document says about an error of the agent. */
export function description(RED: NodeAPI, error: IotError): string | undefined {
  return error.code === undefined ? undefined : lookUp(RED, `errors.${error.name}`, {});
}

/** Some words for a badge. */
export function shortReason(RED: NodeAPI, error: IotError): string {
  return shortReasonOf(error, (key, values) => lookUp(RED, key, values));
}

/** Texts that nothing is filled into, by key: a badge is written several times a second, in one language. */
const known = new WeakMap<NodeAPI, Map<string, string>>();

function lookUp(RED: NodeAPI, key: string, values: Values): string | undefined {
  if (Object.keys(values).length > 0) return ask(RED, key, values);
  let texts = known.get(RED);
  if (texts === undefined) known.set(RED, (texts = new Map<string, string>()));
  const text = texts.get(key) ?? ask(RED, key, values);
  if (text !== undefined) texts.set(key, text);
  return text;
}

function ask(RED: NodeAPI, key: string, values: Values): string | undefined {
  const text: unknown = RED._(SHARED + key, values);
  // A key that is not known comes back, with or without its namespace.
  return typeof text !== "string" || text.endsWith(key) ? undefined : text;
}
