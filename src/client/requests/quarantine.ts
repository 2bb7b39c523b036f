/**
 * The answers of a lane that can still come to requests that nobody waits for any more, and how long a request must not
 * be sent that could get one of them. The API has no correlation ID; without this a late answer is taken for the next
 * request's, and shifts every one after it (measurement M13 in docs/decisions/measurements.md).
 */
import { canAnswer } from "./replies";
import type { RequestIn } from "./request";

/** How long a late answer is waited for, in timeouts from when its request was sent, */
const LATEST = 3;
/** and where the agent answers nothing at all. */
const LATEST_OF_ALL = 10;
/** So many are remembered; that there are more makes no difference. */
const MOST_OWED = 256;
/** An answer can come twice in a row: after one that was not expected, the lane sends nothing for so long. */
const REST_MS = 250;

type Request = RequestIn<unknown>;

export class Quarantine {
  /**
   * Requests that were abandoned, oldest first: each can still be answered, once. One that is sent again is among them,
   * for its first sending.
   */
  private readonly owed: Request[] = [];
  /** Answers to pushes told apart by their echoes, in flight or ended, that have not come. */
  private due = 0;
  private closedUntil = 0;
  /** When it is over even though nothing shows that the agent has got so far: it may not know pings. */
  private closedAtMost = 0;
  /** When the last of what is owed an answer was sent. */
  private owedSince = 0;
  private restsUntil = 0;

  /** Answers can come to requests that nobody waits for any more. */
  get isOwed(): boolean {
    return this.owed.length > 0 || this.due > 0;
  }

  get answersDue(): number {
    return this.due;
  }

  /** Until when the lane rests, whatever is owed. */
  get restEnd(): number {
    return this.restsUntil;
  }

  /** When the lane is to be asked again whether it may send; `passed` as in `forget`. */
  nextLook(now: number, passed: number): number {
    if (now < this.restsUntil || !this.isOwed) return this.restsUntil;
    if (now < this.closedUntil) return this.closedUntil;
    return passed > this.owedSince ? now : this.closedAtMost;
  }

  /** A late answer should have come by now, but nothing shows that the agent has got so far: a ping would. */
  needsPing(now: number, passed: number): boolean {
    const isDue = this.isOwed && now >= this.closedUntil && now >= this.restsUntil;
    return isDue && passed <= this.owedSince;
  }

  /** Whether an answer can come to another request than this one, with nothing in flight. */
  owesOthers(request: Request | undefined): boolean {
    return this.due > 0 || this.owed.some((other) => other !== request);
  }

  /** A request that was sent is waited for no more; its answer can still come. */
  abandon(request: Request): void {
    // Where it is certain whose the answer is that is due, it is counted once.
    if (request.answerCounts) this.takeDue();
    this.owed.push(request);
    if (this.owed.length > MOST_OWED) this.owed.shift();
    this.close(request);
  }

  /** A push was sent that its echo tells apart: its answer only has to come before answers count again. */
  expect(request: Request): void {
    this.due++;
    this.close(request);
  }

  /** One of the answers that are due has come; false when none is. */
  takeDue(): boolean {
    if (this.due === 0) return false;
    this.due--;
    return true;
  }

  /** The request that an answer which nobody waits for can be a late one to. */
  findLate(topic: string, payload: Buffer): Request | undefined {
    return this.owed.find((request) => canAnswer(request, topic, payload));
  }

  /** Its late answer has come, and can come twice. Where there may be more than are remembered, only time tells. */
  takeLate(request: Request, now: number): void {
    if (this.owed.length >= MOST_OWED) return;
    this.owed.splice(this.owed.indexOf(request), 1);
    this.rest(now);
  }

  /** One of two answers to a request that was sent twice has come. */
  prolong(request: Request): void {
    if (this.isOwed) this.close(request);
  }

  rest(now: number): void {
    this.restsUntil = now + REST_MS;
  }

  /** `passed`: everything that was sent before this time has been handled by the agent. */
  forget(now: number, passed: number): void {
    if (now < this.closedUntil || (passed <= this.owedSince && now < this.closedAtMost)) return;
    this.owed.length = 0;
    this.due = 0;
  }

  /** Whether an answer that comes now can be one to a request that was abandoned, and not sent again. */
  mayBeLate(now: number, passed: number): boolean {
    return this.owed.some(({ state, sentAt, timeout }) => {
      if (state === "inFlight") return false;
      const isOver = now >= sentAt + LATEST * timeout && passed > sentAt;
      return !isOver && now < sentAt + LATEST_OF_ALL * timeout;
    });
  }

  isOver(now: number): boolean {
    return now >= this.restsUntil && (!this.isOwed || now >= this.closedAtMost);
  }

  private close({ timeout, sentAt }: Request): void {
    this.closedUntil = Math.max(this.closedUntil, sentAt + LATEST * timeout);
    this.closedAtMost = Math.max(this.closedAtMost, sentAt + LATEST_OF_ALL * timeout);
    this.owedSince = Math.max(this.owedSince, sentAt);
  }
}
