/** What a message that came says about a request: pure reading, whoever it turns out to be for. */
import { readError } from "../protocol/answers";
import { IotError } from "../protocol/errors";
import { show } from "../protocol/input";
import { MAX_PAYLOAD_BYTES } from "../protocol/limits";
import type { PendingRequest } from "./request";

/** The text of a message that is not too long. */
export function readable(payload: Buffer): string {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new IotError("BadReply", { details: { value: show(payload) } });
  }
  return payload.toString();
}

/** For a message that only gets counted, or whose error is read: one that is too long says nothing. */
export function readableOrEmpty(payload: Buffer): string {
  return payload.length > MAX_PAYLOAD_BYTES ? "" : payload.toString();
}

/** The error that an answer is, or `undefined` when it names what this request did not ask for. */
export function readErrorOf({ route, parameters }: PendingRequest, payload: Buffer): IotError | undefined {
  let text: string;
  try {
    text = readable(payload);
  } catch (error) {
    return error as IotError;
  }
  const error = readError(text);
  const named = error.metrics;
  if (named === undefined || named.length === 0 || route.operation.ids === undefined) return error;
  const asked = new Set(route.operation.ids(parameters));
  return named.some((id) => asked.has(id)) ? error : undefined;
}

/** Whether a message can be the answer to this request; its content decides where it can. */
export function canAnswer(
  { topics, route: { operation }, parameters }: PendingRequest,
  topic: string,
  payload: Buffer,
): boolean {
  if (topics?.errors.includes(topic)) return true;
  if (!topics?.answers.includes(topic)) return false;
  if (operation.echoes === undefined) return true;
  try {
    return operation.echoes(parameters, operation.read(readable(payload)));
  } catch {
    return false;
  }
}

/** Whether an answer on this topic says itself that it is this request's. */
export function tellsItself({ route, topics }: PendingRequest, topic: string): boolean {
  return route.operation.echoes !== undefined && topics?.answers.includes(topic) === true;
}
