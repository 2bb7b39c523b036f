/** How a message ends: in output 1 or output 2, never both, and in one `done`. */
import type { IotError } from "../../src/protocol/errors";
import { isReport, reportError, throwable, failureOf } from "./error-report";
import { changed, cloneable, cloneablePart, setAll, setOne, shallowCopy } from "./messages";
import type { Done, FlowNode, Message, NodeAPI, Send } from "./node-red";

/** An answer: the new payload, and other properties that it sets; `undefined` takes a property away. */
export interface Answer {
  payload: unknown;
  set?: Readonly<Record<string, unknown>>;
  /** What the message wanted is still to be done: its end is told later. */
  isAccepted?: true;
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

/** What the error of a message is, whatever was thrown. */
export function reasonOf(thrown: unknown): IotError {
  return failureOf(thrown instanceof FailureWith ? thrown.cause : thrown);
}

/** Ends messages for one node. Its methods never throw, whatever the message is. */
export class Outputs {
  constructor(
    private readonly RED: NodeAPI,
    private readonly node: FlowNode,
  ) {}

  /** Output 1. */
  respond(message: Message, answer: Answer, send: Send, done: Done): void {
    const change = (message: Message): void => {
      // A flow that sent the message again: why an earlier attempt failed is not true any more.
      if (hasReport(message)) setOne(message, "error", undefined);
      if (answer.set !== undefined) setAll(message, answer.set);
      setOne(message, "payload", answer.payload);
    };
    try {
      this.sendOn(0, message, change, send);
    } catch (cause) {
      return this.fail(message, cause, send, done);
    }
    this.finish(message, done);
  }

  /** Output 2; where nothing is wired to it, the error goes to the Catch nodes, so that it never vanishes. */
  fail(message: Message, thrown: unknown, send: Send, done: Done): void {
    if (thrown instanceof FailureWith) {
      return this.fail(
        changed(message, (message) => setAll(message, thrown.set)),
        thrown.cause,
        send,
        done,
      );
    }
    const report = reportError(this.RED, thrown);
    if (this.errorsAreWired && this.sendError(message, report, send)) this.finish(message, done);
    else this.finish(message, done, throwable(report));
  }

  /** An error that no message caused. */
  raise(error: unknown, properties: Record<string, unknown> = {}): void {
    const report = reportError(this.RED, error);
    const message = { ...properties };
    if (this.errorsAreWired) this.sendError(message, report, (messages) => this.node.send(messages));
    else this.node.error(throwable(report), message);
  }

  private get errorsAreWired(): boolean {
    return this.wiresOf(1) > 0;
  }

  private wiresOf(output: number): number {
    return this.node.wires[output]?.length ?? 0;
  }

  private sendError(message: Message, report: object, send: Send): boolean {
    try {
      this.sendOn(1, message, (message) => setOne(message, "error", report), send);
      return true;
    } catch {
      return false;
    }
  }

  /** A message that cannot be cloned would reach the first wire, and end there and as an error. */
  private sendOn(output: 0 | 1, message: Message, change: (message: Message) => void, send: Send): void {
    const whole = changed(message, change);
    const sent = this.wiresOf(output) > 1 ? changed(cloneable(this.RED, whole), change) : whole;
    send(output === 0 ? [sent, null] : [null, sent]);
  }

  private finish(message: Message, done: Done, error?: Error): void {
    // Where Node-RED fails to clone a message, it has taken away `req` and `res` for good.
    const before = error === undefined ? message : shallowCopy(message);
    try {
      done(error);
    } catch {
      // It clones the message for Catch and Complete nodes; the Catch nodes get what can be cloned of it.
      if (error !== undefined) this.node.error(error, cloneablePart(this.RED, before));
    }
  }
}

function hasReport(message: Message): boolean {
  try {
    return isReport(message.error);
  } catch {
    return false;
  }
}
