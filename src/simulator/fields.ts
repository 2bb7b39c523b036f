/** The fields of request messages as tables ("Message definition"), and the one place that checks them. */
import { isRecord } from "../protocol/json";
import { isLong, parseExactly } from "./digits";
import { Refusal } from "./refusal";

type FieldType = "text" | "name" | "integer" | "list" | "any";

interface Field {
  readonly type: FieldType;
  readonly optional?: true;
  /** The fields of each entry of a list. */
  readonly entries?: Fields;
}

export type Fields = Readonly<Record<string, Field>>;
/** What a request's message must be: an object with fields, any JSON (then it is the field `json`), or anything. */
export type Content = Fields | "json" | "anything";
export type Message = Record<string, unknown>;

/** What fits a type, and the error code for what does not. */
const TYPES: Record<FieldType, { code: number; called: string; fits: (value: unknown) => boolean }> = {
  text: { code: 7, called: "of type string", fits: (value) => typeof value === "string" },
  name: { code: 7, called: "of type string", fits: (value) => typeof value === "string" },
  integer: { code: 11, called: "of type integer", fits: isLong },
  list: { code: 10, called: "an array", fits: Array.isArray },
  any: { code: 0, called: "", fits: () => true },
};

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Reads a request's message and checks it against its table: errors 4, 5, 6, 7, 10 and 11. */
export function readMessage(payload: Uint8Array, content: Content): Message {
  if (content === "anything") return {};
  const message = parse(payload);
  if (content === "json") return { json: message };
  if (!isRecord(message)) throw new Refusal(5, "Content is not a JSON object.");
  checkFields(message, content, "");
  return message;
}

function parse(payload: Uint8Array): unknown {
  try {
    return parseExactly(decoder.decode(payload));
  } catch (error) {
    throw new Refusal(4, `Content is not valid JSON: ${(error as Error).message}.`);
  }
}

function checkFields(message: Message, fields: Fields, path: string): void {
  for (const [key, field] of Object.entries(fields)) {
    const name = path + key;
    if (!Object.hasOwn(message, key)) {
      if (field.optional) continue;
      throw new Refusal(6, `The message does not contain the required key "${name}".`);
    }
    const value = message[key];
    const { code, called, fits } = TYPES[field.type];
    if (!fits(value)) throw new Refusal(code, `The key "${name}" is not ${called}.`);
    if ((field.type === "name" || field.type === "list") && (value as string | unknown[]).length === 0) {
      throw new Refusal(6, `The required key "${name}" is empty.`);
    }
    if (field.entries) checkEntries(value as unknown[], field.entries, name);
  }
}

function checkEntries(list: unknown[], fields: Fields, name: string): void {
  for (const [index, entry] of list.entries()) {
    if (!isRecord(entry)) throw new Refusal(5, `The entry "${name}[${index}]" is not a JSON object.`);
    checkFields(entry, fields, `${name}[${index}].`);
  }
}
