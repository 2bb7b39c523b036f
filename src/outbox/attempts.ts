/** The attempts to send a record, and what is done with it after the next failure. */
import { IotError } from "../protocol/errors";
import type { OutboxRecord } from "./record";

/** What becomes of a record after a failure. */
export type NextStep =
  /** It ends: with the agent's answer, or because it is given up. */
  | { readonly as: "delivered" | "rejected"; readonly error: IotError }
  /** It is sent again after so many milliseconds at most; where the agent does not serve us, a person is told. */
  | { readonly restsAtMost: number; readonly isUnserved?: true };

/** The connection broke; an agent that is killed again and again looks like a record that breaks it, but not for as long. */
const BREAKS: ReadonlySet<string> = new Set(["ConnectionLost", "RequestBreaksConnection"]);
/** These say nothing of the values, though the same request is not likely to succeed soon. */
const PASSING: ReadonlySet<string> = new Set(["BadReply", "AnswerTooLarge", "RequestBreaksConnection"]);
const RETRY_FIRST = 500;
const RETRY_MOST = 60_000;
/** A record during whose sending the connection broke this often, each time, is taken for the reason. */
const BREAKS_MOST = 5;

export class Attempts {
  /** How often it was sent without an answer: then it may be there. */
  unanswered = 0;
  private breaks = 0;
  /** How many records the agent had taken when it first said that it does not serve us. */
  private unservedSince: number | undefined;

  /** `taken`: how many records the agent has taken so far. */
  afterFailure(error: IotError, { metrics }: Pick<OutboxRecord, "metrics">, taken: number): NextStep {
    if (error.name === "PushValuesFailed" && (error.metrics?.length ?? 0) > 0) {
      const refused = new Set(error.metrics);
      return { as: metrics.every(({ metricId }) => refused.has(metricId)) ? "rejected" : "delivered", error };
    }
    const isBreak = BREAKS.has(error.name);
    this.breaks = isBreak ? this.breaks + 1 : 0;
    if (this.breaks >= BREAKS_MOST) {
      const details = { attempts: this.breaks };
      return { as: "rejected", error: new IotError("DeliveryGivenUp", { details, cause: error }) };
    }
    // It says nothing of this record: it stays, and a person is told.
    if (this.isUnserved(error, taken)) return { restsAtMost: RETRY_MOST, isUnserved: true };
    if (error.isUnsent) return { restsAtMost: RETRY_FIRST };
    if (!isPassing(error)) return { as: "rejected", error };
    this.unanswered++;
    // A connection that is not there needs no growing rests of ours, it has its own.
    return { restsAtMost: isBreak ? RETRY_FIRST : ceilingAfter(this.unanswered) };
  }

  /**
   * The agent answers 18 to a client that it does not serve (any more), whatever is asked: the store must not be
   * emptied into it. Only when it takes other pushes meanwhile is it this record that it refuses.
   */
  private isUnserved(error: IotError, taken: number): boolean {
    if (error.name !== "ForbiddenAccess") return false;
    this.unservedSince ??= taken;
    return this.unservedSince === taken;
  }
}

/** The agent said nothing about the values themselves: the same push may succeed later. */
function isPassing(error: IotError): boolean {
  return error.retryable || PASSING.has(error.name);
}

function ceilingAfter(attempts: number): number {
  return Math.min(RETRY_MOST, RETRY_FIRST * 2 ** Math.min(attempts, 8));
}
