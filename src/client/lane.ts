/**
 * The requests that could get each other's answers, in order: one in flight, and none while an answer to a
 * request that was given up can still come. The API has no correlation ID; without this closing a late answer
 * is taken for the next request's, and shifts every one after it (measurement M13).
 */
import { Fifo } from "./fifo";
import type { PendingRequest } from "./request";
import type { RequestTopics } from "./routes";

/** An answer can come twice in a row: a lane that an odd answer came to rests so long. */
export const REST_MS = 250;

export class Lane {
  readonly waiting = new Fifo<PendingRequest>();
  readonly inFlight: PendingRequest[] = [];
  /** Requests that ended without their answer, oldest first: each can still be answered. */
  readonly unanswered: PendingRequest[] = [];
  /** Topics by request, of the client that is connected now. */
  readonly topics = new Map<string, RequestTopics>();
  /** Waits for its turn to send. */
  isReady = false;
  /** The message sent last: an answer that repeats it tells nothing about a request that says the same. */
  lastPayload: string | undefined;
  /** The last timestamp that was made for this sensor. */
  lastTimestamp = 0;
  private closedUntil = 0;
  private restsUntil = 0;

  constructor(readonly sensorId: string | undefined) {}

  /** When this lane may send again, as far as time decides it. */
  opensAt(): number {
    return Math.max(this.restsUntil, this.unanswered.length > 0 ? this.closedUntil : 0);
  }

  /**
   * Whether the next request may be sent now. One that is sent again may go while the answer to its first
   * sending can still come: that would be an answer to the same request, and true.
   */
  maySend(now: number): boolean {
    if (this.inFlight.length > 0 || now < this.restsUntil) return false;
    if (this.unanswered.length > 0 && now >= this.closedUntil) this.unanswered.length = 0;
    const next = this.next();
    return next !== undefined && (this.unanswered.length === 0 || next.attempts > 0);
  }

  /** The request that is to be sent next; those that ended while they waited are passed over. */
  next(): PendingRequest | undefined {
    while (this.waiting.peek()?.ended) this.waiting.shift();
    return this.waiting.peek();
  }

  /** A sent request ends without an answer: the lane is closed until it came, or surely does not come any more. */
  giveUp(request: PendingRequest, until: number): void {
    this.unanswered.push(request);
    this.closedUntil = Math.max(this.closedUntil, until);
  }

  rest(until: number): void {
    this.restsUntil = Math.max(this.restsUntil, until);
  }

  isIdle(now: number): boolean {
    return this.inFlight.length === 0 && this.next() === undefined && now >= this.opensAt();
  }
}
