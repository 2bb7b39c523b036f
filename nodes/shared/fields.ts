/** Typed fields: what a field of the dialog stands for when a message comes in. */
import { IotError } from "../../src/protocol/errors";
import { asBigInt, parseExactly, parseNumber } from "../../src/protocol/exact-json";
import { invalid, show } from "../../src/protocol/input";
import type { Message, Node, NodeAPI } from "./node-red";
import { EXPRESSION_MS, ExpressionEnded, timedExpression } from "./timed-expression";

export interface TypedField {
  /** How errors name it. */
  name: string;
  value: unknown;
  type: string;
}

/** Node-RED puts the value of `${NAME}` in its place before a node sees it; what is still there is not set. */
const UNSET_VARIABLE = /^\$[{(]([^})]+)[})]$/;

/**
 * What a field stands for in a message: the value, or a promise of it where Node-RED works it out later; `undefined`
 * where the field is empty or the message lacks it. Throws, or rejects with, `InvalidInput` naming the field.
 */
export type FieldReader = (message: Message | undefined) => unknown;

/** A field, looked at once: of what stays the same nothing is worked out anew for each message. */
export function fieldReader(RED: NodeAPI, node: Node, field: TypedField): FieldReader {
  const { name, value, type } = field;
  const unset = unsetVariable(value);
  if (unset !== undefined && type !== "env") return throwing(() => invalid("environment", name, unset));
  if (value === "" && type !== "date") return () => undefined;
  if (type === "str") return () => String(value);
  if (type === "num") return numberReader(name, value);
  if (type === "env") return environmentReader(RED, node, field, unset ?? value);
  if (type !== "msg") return (message) => evaluate(RED, node, field, message);
  const path = pathOf(String(value));
  // Without a message Node-RED would hand back the property's name in place of its value.
  return (message) => {
    if (message === undefined) return undefined;
    return path === undefined ? evaluate(RED, node, field, message) : readPath(name, message, path);
  };
}

/** Node-RED rounds long numbers; this is the one that was entered, as a BigInt where JavaScript has no other for it. */
function numberReader(name: string, value: unknown): FieldReader {
  const number = parseNumber(String(value));
  if (number === undefined) return throwing(() => invalid("type", name, value, { allowed: "words.number" }));
  return () => number;
}

function environmentReader(RED: NodeAPI, node: Node, field: TypedField, variable: unknown): FieldReader {
  return async (message) => {
    const found = await evaluate(RED, node, field, message);
    if (found === undefined || found === "") throw invalid("environment", field.name, variable);
    return found;
  };
}

function throwing(makeError: () => IotError): FieldReader {
  return () => {
    throw makeError();
  };
}

const PLAIN_PATH = /^[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*$/;

/** The names of a property without brackets, as in `payload.sensor`: Node-RED would take it apart for each message. */
function pathOf(property: string): readonly string[] | undefined {
  const path = property.replace(/^msg\./, "");
  return PLAIN_PATH.test(path) ? path.split(".") : undefined;
}

function readPath(name: string, message: Message, path: readonly string[]): unknown {
  let value: unknown = message;
  try {
    for (const key of path) {
      if (value === undefined || value === null) return undefined;
      value = (value as Record<string, unknown>)[key];
    }
    return value;
  } catch (cause) {
    if (cause instanceof TypeError) return undefined;
    throw notWorkedOut(name, cause);
  }
}

/** The name of the variable that a text refers to and that is not set. */
export function unsetVariable(value: unknown): string | undefined {
  return typeof value === "string" ? UNSET_VARIABLE.exec(value)?.[1] : undefined;
}

function evaluate(
  RED: NodeAPI,
  node: Node,
  field: TypedField,
  message: Message | undefined,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      // `msg.payload.sensor` of a message whose payload is not an object: it is not there.
      if (field.type === "msg" && cause instanceof TypeError) resolve(undefined);
      else reject(notWorkedOut(field.name, cause));
    };
    try {
      const answer = (error: unknown, result: unknown): void => {
        if (error === null || error === undefined) resolve(result);
        else fail(error);
      };
      if (field.type === "jsonata") {
        const expression = timedExpression(RED, String(field.value), node);
        return RED.util.evaluateJSONataExpression(expression, message ?? {}, answer);
      }
      // Node-RED would round long numbers.
      if (field.type === "json") return resolve(parseExactly(String(field.value), asBigInt));
      // The callback form: some context stores answer later.
      RED.util.evaluateNodeProperty(field.value as string, field.type, node, message ?? {}, answer);
    } catch (error) {
      fail(error);
    }
  });
}

function notWorkedOut(field: string, cause: unknown): IotError {
  if (cause instanceof ExpressionEnded)
    return invalid(cause.reason, field, undefined, { seconds: EXPRESSION_MS / 1000 });
  let reason: unknown = cause;
  try {
    reason = (cause as { message?: unknown }).message ?? cause;
  } catch {
    // An error whose message cannot be read says nothing more.
  }
  return new IotError("InvalidInput", {
    reason: "expression",
    details: { field, value: show(reason) },
    cause,
  });
}
