/**
 * The requests that could get each other's answers, in order: one in flight, and none while an answer to a
 * request that was given up can still come. The API has no correlation ID; without this closing a late answer
 * is taken for the next request's, and shifts every one after it (measurement M13 in docs/decisions/measurements.md).
 */
import type { IotError } from "../protocol/errors";
import { Fifo } from "../collections/fifo";
import type { RequestIn } from "./request";
import type { RequestTopics } from "./routes";

/** An answer can come twice in a row: after one that was not expected, the lane sends nothing for so long. */
export const REST_MS = 250;
/** How long a late answer is waited for, in timeouts from when its request was sent, */
const LATEST = 3;
/** and where the agent answers nothing at all. */
const LATEST_OF_ALL = 10;
/** So many unanswered requests are remembered; that there are more makes no difference. */
const MOST_UNANSWERED = 256;
/** From so many waiting pushes of one sensor on, more than one in flight is worth a second connection. */
const MANY_WAITING = 16;

/** A request on its way, in its lane. */
export type PendingRequest = RequestIn<Lane>;

export class Lane {
  readonly waiting = new Fifo<PendingRequest>();
  readonly inFlight: PendingRequest[] = [];
  /** Requests that ended without their answer, or their echo, oldest first: each can still be answered, once. */
  readonly unanswered: PendingRequest[] = [];
  /** Topics by request, of the client that is connected now. */
  readonly topics = new Map<string, RequestTopics>();
  /** Waits for its turn to send. */
  isReady = false;
  /** The message sent last: an answer that repeats it tells nothing about a request that says the same. */
  lastPayload: string | undefined;
  /** Pushes are told apart by their echoes: many may be in flight, and their answers only get counted. */
  isByEcho = false;
  /** Answers to pushes told apart by their echoes, in flight or told already, that have not come. */
  answersDue = 0;
  /** Errors of pushes told apart by their echoes: an error does not say of which it is. */
  readonly heldErrors: IotError[] = [];
  /** One of these errors may be a late one, of a push that was given up. */
  hasLateError = false;
  /** What the agent said of a push that went well; of the one in flight, where there is but one. */
  text: string | undefined;
  private closedUntil = 0;
  /** When it opens even though nothing shows that the agent has got so far: it may not know pings. */
  private closedAtMost = 0;
  /** When the last of what is owed an answer was sent. */
  private owedSince = 0;
  private restsUntil = 0;

  constructor(readonly sensorId: string | undefined) {}

  /** Answers can come to requests that nobody waits for any more. */
  get isOwed(): boolean {
    return this.unanswered.length > 0 || this.answersDue > 0;
  }

  /** When this lane may send again, as far as time decides it. */
  opensAt(now: number): number {
    if (this.isByEcho || !this.isOwed) return this.restsUntil;
    return Math.max(this.restsUntil, now < this.closedUntil ? this.closedUntil : this.closedAtMost);
  }

  /** A late answer should have come by now, but nothing shows that the agent has got so far. */
  needsFence(now: number): boolean {
    return !this.isByEcho && this.isOwed && now >= this.closedUntil;
  }

  /**
   * Whether the next request may be sent now. One that is sent again may go while the answer to its first
   * sending can still come: that would be an answer to the same request, and true.
   */
  maySend(now: number, passed: number, isEchoLearned: boolean): boolean {
    const next = this.next();
    if (next === undefined) return false;
    if (this.isByEcho && isEchoLearned && next.canEcho) return this.heldErrors.length === 0;
    if (this.inFlight.length > 0 || now < this.restsUntil) return false;
    if (this.isByEcho) return true;
    this.forgetOwed(now, passed);
    return !this.owesOthers(next);
  }

  /** Whether an answer can come to another request than this one, with nothing in flight. */
  owesOthers(request: PendingRequest | undefined): boolean {
    return this.answersDue > 0 || this.unanswered.some((other) => other !== request);
  }

  /** Whether there is reason to tell pushes apart by their echoes; `isBusy`: there is enough to send without that. */
  shouldUseEcho(now: number, passed: number, isBusy: boolean): boolean {
    if (this.inFlight.length === 0) this.forgetOwed(now, passed);
    return this.isOwed || (!isBusy && this.waiting.length >= MANY_WAITING);
  }

  /** The request that is to be sent next; those that ended while they waited are passed over. */
  next(): PendingRequest | undefined {
    while (this.waiting.peek()?.ended) this.waiting.shift();
    return this.waiting.peek();
  }

  /** A sent request ends without an answer: the lane is closed until it came, or surely does not come any more. */
  abandon(request: PendingRequest): void {
    // Where it is certain whose the answer is that is due, it is counted once.
    if (request.answerCounts) this.takeDue();
    this.unanswered.push(request);
    if (this.unanswered.length > MOST_UNANSWERED) this.unanswered.shift();
    this.close(request);
  }

  /** Of a push that its echo tells apart, the answer only has to come before answers count again. */
  send(request: PendingRequest, isEchoLearned: boolean): void {
    request.answerCounts = this.isByEcho && !isEchoLearned && !this.owesOthers(request);
    if (this.isByEcho) {
      if (request.answerCounts) this.text = undefined;
      // The answer that comes next can be the new one's.
      if (this.inFlight[0]) this.inFlight[0].answerCounts = false;
      this.answersDue++;
      this.close(request);
    }
    this.inFlight.push(request);
  }

  /** One of the answers that are due has come; false when none is. */
  takeDue(): boolean {
    if (this.answersDue === 0) return false;
    this.answersDue--;
    return true;
  }

  /** Takes off the list the request that a late answer was for. False when there may be more than the list has: only time tells then. */
  takeLate(request: PendingRequest): boolean {
    if (this.unanswered.length >= MOST_UNANSWERED) return false;
    this.unanswered.splice(this.unanswered.indexOf(request), 1);
    return true;
  }

  removeFromFlight(request: PendingRequest): void {
    this.inFlight.splice(this.inFlight.indexOf(request), 1);
    if (this.inFlight.length === 0) this.forgetErrors();
  }

  /** One of two answers to a request that was sent twice has come. */
  stayClosed(request: PendingRequest): void {
    if (this.isOwed) this.close(request);
  }

  private close({ timeout, sentAt }: PendingRequest): void {
    this.closedUntil = Math.max(this.closedUntil, sentAt + LATEST * timeout);
    this.closedAtMost = Math.max(this.closedAtMost, sentAt + LATEST_OF_ALL * timeout);
    this.owedSince = Math.max(this.owedSince, sentAt);
  }

  rest(until: number): void {
    this.restsUntil = Math.max(this.restsUntil, until);
  }

  /** `passed`: everything that was sent before this time has been handled by the agent. */
  private forgetOwed(now: number, passed: number): void {
    if (now < this.closedUntil || (passed <= this.owedSince && now < this.closedAtMost)) return;
    this.unanswered.length = 0;
    this.answersDue = 0;
  }

  /** Whether an answer that comes now can be one to a request that was given up, and not sent again. */
  mayBeLate(now: number, passed: number): boolean {
    return this.unanswered.some((request) => {
      const { sentAt, timeout } = request;
      if (this.inFlight.includes(request)) return false;
      const isOver = now >= sentAt + LATEST * timeout && passed > sentAt;
      return !isOver && now < sentAt + LATEST_OF_ALL * timeout;
    });
  }

  forgetErrors(): IotError[] {
    this.hasLateError = false;
    return this.heldErrors.splice(0);
  }

  isIdle(now: number): boolean {
    if (this.inFlight.length > 0 || this.next() !== undefined) return false;
    return now >= this.restsUntil && (!this.isOwed || now >= this.closedAtMost);
  }
}
