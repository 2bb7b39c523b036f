/** What an endpoint is: a row of the table, and the call that it serves. */
import type { IotError } from "../../src/protocol/errors";
import type { AgentConfigurationNode, SharedAgent } from "../../nodes/agent/shared-agent";
import type { NodeAPI } from "../../nodes/shared/node-red";

export interface Endpoint {
  readonly method: "get" | "post";
  /** Below the package's path; `:agent` is the ID of an agent node that is deployed. */
  readonly path: string;
  /**
   * `read` for looking; `write` for what is changed on an agent; `deploy` for what only a deploy could do otherwise:
   * choosing where this machine connects, which of its files and variables are read, and whose name is registered.
   */
  readonly permission: keyof typeof PERMISSIONS;
  /** Calls at a time, over all editors. */
  readonly atOnce?: number;
  /** Milliseconds. */
  readonly within?: number;
  /** Off, unless Node-RED's settings file sets this to `true`. */
  readonly setting?: string;
  /** The answer as JSON; a `TextAnswer` as it is; something that comes bit by bit is sent as a line of JSON each. */
  serve(call: Call): unknown;
}

/** A text of its own type. */
export class TextAnswer {
  constructor(
    readonly contentType: string,
    readonly text: string,
  ) {}
}

/** In Node-RED's words; of several, all are needed. */
export const PERMISSIONS = {
  read: ["teamviewer-iot.read"],
  write: ["teamviewer-iot.write"],
  deploy: ["teamviewer-iot.write", "flows.write"],
};

/** A request, with what its path names looked up. */
export interface Call {
  readonly RED: NodeAPI;
  /** The agent that the path names. Throws `NoSuchAgent` where it names none that is deployed. */
  readonly agent: () => SharedAgent;
  readonly node: () => AgentConfigurationNode;
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  /** The types of answers that whoever asks can read, as the header says. */
  readonly accept: string;
  /** Of a POST: an object. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Aborted when whoever asked has gone, or when it took too long. */
  readonly signal: AbortSignal;
}

/** An error as a browser gets it: it finds the sentence in its own language, and `message` is the English one. */
export interface ErrorAnswer {
  name: string;
  textKey: string;
  details: Readonly<Record<string, string | number>>;
  message: string;
  code?: number;
  /** The agent's errors: what the API document says of them stands under the name. */
  cause?: ErrorAnswer;
}

export function answerError(error: IotError): ErrorAnswer {
  const { name, textKey, details, message, code, cause } = error;
  return {
    name,
    textKey,
    details,
    message,
    ...(code === undefined ? {} : { code }),
    ...(isIotError(cause) ? { cause: answerError(cause) } : {}),
  };
}

function isIotError(value: unknown): value is IotError {
  return value instanceof Error && "textKey" in value;
}
