/** How a message ends: in output 1 or output 2, never both, and in one `done`. */
import { isReport, reportError, throwable } from "./error-report";
import type { Done, FlowNode, Message, NodeAPI, Send } from "./node-red";

/** An answer: the new payload, and other properties that it sets; `undefined` takes a property away. */
export interface Answer {
  payload: unknown;
  set?: Readonly<Record<string, unknown>>;
}

/** A failure that sets properties of the message, as an answer does. */
export class FailureWith extends Error {
  constructor(
    override readonly cause: unknown,
    readonly set: NonNullable<Answer["set"]>,
  ) {
    super("", { cause });
  }
}

/** Ends messages for one node. Its methods never throw, whatever the message is. */
export class Outputs {
  constructor(
    private readonly RED: NodeAPI,
    private readonly node: FlowNode,
  ) {}

  /** Output 1. */
  respond(message: Message, answer: Answer, send: Send, done: Done): void {
    try {
      setProperties(message, answer.set ?? {});
      // A flow that sent the message again: why an earlier attempt failed is not true any more.
      if (isReport(message.error)) delete message.error;
      message.payload = answer.payload;
      send([message, null]);
    } catch (cause) {
      // A frozen message, a Proxy that refuses: nothing was sent.
      return this.fail(message, cause, send, done);
    }
    this.finish(done);
  }

  /** Output 2; where nothing is wired to it, the error goes to the Catch nodes, so that it never vanishes. */
  fail(message: Message, thrown: unknown, send: Send, done: Done): void {
    if (thrown instanceof FailureWith) {
      try {
        setProperties(message, thrown.set);
      } catch {
        // The error still has to be told.
      }
      return this.fail(message, thrown.cause, send, done);
    }
    const report = reportError(this.RED, thrown);
    if (this.errorsAreWired && this.sendError(message, report, send)) this.finish(done);
    else this.finish(done, throwable(report));
  }

  /** An error that no message caused. */
  raise(error: unknown, properties: Record<string, unknown> = {}): void {
    const report = reportError(this.RED, error);
    const message = { ...properties };
    if (this.errorsAreWired) this.sendError(message, report, (messages) => this.node.send(messages));
    else this.node.error(throwable(report), message);
  }

  private get errorsAreWired(): boolean {
    return (this.node.wires[1]?.length ?? 0) > 0;
  }

  private sendError(message: Message, report: object, send: Send): boolean {
    try {
      message.error = report;
      send([null, message]);
      return true;
    } catch {
      return false;
    }
  }

  private finish(done: Done, error?: Error): void {
    try {
      done(error);
    } catch {
      // Node-RED clones the message for Catch and Complete nodes, which a hostile one can prevent.
      if (error !== undefined) this.node.error(error);
    }
  }
}

function setProperties(message: Message, set: Readonly<Record<string, unknown>>): void {
  const properties = message as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(set)) {
    if (value === undefined) delete properties[name];
    else properties[name] = value;
  }
}
