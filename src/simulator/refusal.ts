/** How the simulated agent refuses a request: one of the document's error codes, with a text that says why. */
import { AGENT_ERRORS, IotError, type AgentErrorCode, type AgentErrorName } from "../protocol/errors";

export class Refusal extends Error {
  constructor(
    readonly code: number,
    message: string,
    /** The metrics that failed: codes 23, 24, 26 and 27 ("Error Response Structure"). */
    readonly metrics?: readonly string[],
  ) {
    super(message);
  }
}

/** The document's own description of an error code, or a text that names the number. */
export function describeCode(code: number): string {
  const name = AGENT_ERRORS[code as AgentErrorCode] as AgentErrorName | undefined;
  return name === undefined ? `Error ${code}.` : new IotError(name).message;
}

/** "Error Response Structure". */
export function writeError({ code, message, metrics }: Refusal): string {
  return JSON.stringify({ errorMessage: message, errorcode: code, metrics });
}
