/** What a message that came says about a request: pure reading, whoever it turns out to be for. */
import { readError } from "../../protocol/answers";
import type { IotError } from "../../protocol/errors";
import { MAX_ANSWER_BYTES } from "../../protocol/limits";
import type { RequestIn } from "./request";

type Request = RequestIn<unknown>;

/** How many bytes of a message on this topic the request awaits; 0 where it awaits none. */
export function awaitedBytes({ topics, route: { operation } }: Request, topic: string): number {
  if (topics?.answers.includes(topic)) return operation.large?.bytes ?? MAX_ANSWER_BYTES;
  return topics?.errors.includes(topic) ? MAX_ANSWER_BYTES : 0;
}

/** The error that an answer is, or `undefined` when it names what this request did not ask for. */
export function readErrorOf({ route, parameters }: Request, payload: Buffer): IotError | undefined {
  const error = readError(payload.toString());
  const named = error.metrics;
  if (named === undefined || named.length === 0 || route.operation.ids === undefined) return error;
  const asked = new Set(route.operation.ids(parameters));
  return named.some((id) => asked.has(id)) ? error : undefined;
}

/** Whether a message can be the answer to this request; its content decides where it can. */
export function canAnswer(
  { topics, route: { operation }, parameters }: Request,
  topic: string,
  payload: Buffer,
): boolean {
  if (topics?.errors.includes(topic)) return true;
  if (!topics?.answers.includes(topic)) return false;
  if (operation.echoes === undefined) return true;
  try {
    return operation.echoes(parameters, operation.read(payload.toString()));
  } catch {
    return false;
  }
}

/** Whether an answer on this topic says itself that it is this request's. */
export function identifiesItself({ route, topics }: Request, topic: string): boolean {
  return route.operation.echoes !== undefined && topics?.answers.includes(topic) === true;
}
