/**
 * Requests during whose sending the connection broke, again and again: one of them may be what breaks it, for its size,
 * say, and would take all others with it (fault 55). So they go after the others, each with nothing else in flight, and
 * a few breaks say which one it is.
 */
import type { Chain } from "../../collections/chain";
import { Fifo } from "../../collections/fifo";
import type { Lane, PendingRequest } from "./lane";

/** The first break can be anybody's doing; after it one request is in flight at a time, and the next break tells more. */
const SUSPICIOUS = 2;
/** So many breaks end a request; more of them would look like another client that takes our place (fault 11). */
export const MOST_BREAKS = 4;
/** Others go first, but not for longer. */
const LATEST_MS = 2000;
/** A broker that hangs up does so at once: so long nothing is sent beside a suspect, nor before it, while it is waited for its turn. */
const ALONE_MS = 500;

export function isSuspect(request: PendingRequest | undefined): boolean {
  return request !== undefined && request.breaks >= SUSPICIOUS;
}

export class Suspects {
  private readonly lanes = new Fifo<Lane>();
  private dueAt = Infinity;
  private alone: PendingRequest | undefined;

  get length(): number {
    return this.lanes.length;
  }

  /** The others' time begins anew with each connection. */
  restart(now: number): void {
    if (this.length > 0) this.dueAt = now + LATEST_MS;
  }

  /** A lane whose next request is suspect. */
  add(lane: Lane, now: number): void {
    if (this.length === 0) this.dueAt = now + LATEST_MS;
    this.lanes.push(lane);
  }

  /** Until when nothing may be sent, because a suspect is in flight, or has waited long enough. */
  holdsUntil(now: number, inFlight: Chain<PendingRequest>): number {
    const { alone, dueAt } = this;
    if (alone && inFlight.has(alone)) return alone.sentAt + ALONE_MS;
    if (now < dueAt) return now;
    // What is in flight does not get answered: the others must not wait for that.
    if (now >= dueAt + ALONE_MS) this.dueAt = now + LATEST_MS;
    return dueAt + ALONE_MS;
  }

  /** When it has waited long enough. */
  get due(): number {
    return this.dueAt;
  }

  /** The lane whose suspect is sent now, with nothing else in flight. */
  take(now: number): Lane | undefined {
    const lane = this.lanes.shift();
    this.alone = lane?.next;
    this.dueAt = this.length > 0 ? now + LATEST_MS : Infinity;
    return lane;
  }
}
