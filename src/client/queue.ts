/**
 * What waits to be sent, oldest first, bounded by count, bytes and age. Pure: it says who has to go, and why;
 * telling them is the owner's. A linked list, because a request can leave from anywhere.
 */
import { IotError } from "../protocol/errors";

export interface QueueLimits {
  count: number;
  bytes: number;
  /** Milliseconds; 0 is no limit. */
  age: number;
  whenFull: "reject" | "dropOldest";
}

/** An entry knows its neighbours; `queued` says whether it is in a queue at all. */
export abstract class Queueable {
  abstract readonly bytes: number;
  /** When it was first queued, on the owner's clock. */
  since = 0;
  queued = false;
  older: Queueable | undefined;
  newer: Queueable | undefined;
}

export class Queue<T extends Queueable> {
  private oldest: T | undefined;
  private newest: T | undefined;
  count = 0;
  bytes = 0;

  constructor(private readonly limits: QueueLimits) {}

  /**
   * Makes room for an entry and takes it. Gives those that were dropped for it; throws `QueueFull`, and takes
   * nothing, when there is no room to be made.
   */
  add(entry: T): T[] {
    const { count, bytes, whenFull } = this.limits;
    const dropped: T[] = [];
    if (this.count + 1 > count || this.bytes + entry.bytes > bytes) {
      if (whenFull === "reject" || entry.bytes > bytes || count < 1) throw this.full();
      while (this.oldest && (this.count + 1 > count || this.bytes + entry.bytes > bytes)) {
        dropped.push(this.oldest);
        this.remove(this.oldest);
      }
    }
    this.append(entry);
    return dropped;
  }

  /** Takes an entry back that was here before: it was accepted once and is not refused now. */
  putBack(entry: T): void {
    const next = this.oldest;
    this.link(entry, undefined, next);
  }

  remove(entry: T): void {
    if (!entry.queued) return;
    const older = entry.older as T | undefined;
    const newer = entry.newer as T | undefined;
    if (older) older.newer = newer;
    else this.oldest = newer;
    if (newer) newer.older = older;
    else this.newest = older;
    entry.older = entry.newer = undefined;
    entry.queued = false;
    this.count--;
    this.bytes -= entry.bytes;
  }

  /** Removes and gives what has waited longer than is allowed. */
  expire(now: number): T[] {
    const expired: T[] = [];
    while (this.oldest && this.limits.age > 0 && now - this.oldest.since >= this.limits.age) {
      expired.push(this.oldest);
      this.remove(this.oldest);
    }
    return expired;
  }

  /** When the next entry will be too old. */
  nextExpiry(): number {
    return this.oldest && this.limits.age > 0 ? this.oldest.since + this.limits.age : Infinity;
  }

  /** Removes and gives everything. */
  clear(): T[] {
    const all: T[] = [];
    while (this.oldest) {
      all.push(this.oldest);
      this.remove(this.oldest);
    }
    return all;
  }

  private append(entry: T): void {
    this.link(entry, this.newest, undefined);
  }

  private link(entry: T, older: T | undefined, newer: T | undefined): void {
    entry.older = older;
    entry.newer = newer;
    entry.queued = true;
    if (older) older.newer = entry;
    else this.oldest = entry;
    if (newer) newer.older = entry;
    else this.newest = entry;
    this.count++;
    this.bytes += entry.bytes;
  }

  private full(): IotError {
    const { count, bytes } = this.limits;
    return new IotError("QueueFull", { details: { count, bytes } });
  }
}
