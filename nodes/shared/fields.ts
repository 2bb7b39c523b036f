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

/** The field's value; `undefined` where it is empty or the message lacks it. Throws `InvalidInput` naming the field. */
export async function resolveField(
  RED: NodeAPI,
  node: Node,
  field: TypedField,
  message: Message | undefined,
): Promise<unknown> {
  const { name, value, type } = field;
  const unset = unsetVariable(value);
  if (unset !== undefined && type !== "env") throw invalid("environment", name, unset);
  if (value === "" && type !== "date") return undefined;
  // Without a message Node-RED would hand back the property's name in place of its value.
  if (type === "msg" && message === undefined) return undefined;
  if (type === "num") return readNumber(name, value);

  const resolved = await evaluate(RED, node, field, message);
  if (type === "env" && (resolved === undefined || resolved === ""))
    throw invalid("environment", name, unset ?? value);
  return resolved;
}

/** Node-RED rounds long numbers; this is the one that was entered, as a BigInt where JavaScript has no other for it. */
function readNumber(name: string, value: unknown): number | bigint {
  const number = parseNumber(String(value));
  if (number === undefined) throw invalid("type", name, value, { allowed: "words.number" });
  return number;
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
