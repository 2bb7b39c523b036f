/**
 * What waits to be sent, oldest first, bounded by count, bytes and age. Pure: it says who has to go, and why;
 * telling them is the owner's.
 */
import { IotError } from "../protocol/errors";
import { Chain, Link } from "../collections/chain";

export interface QueueLimits {
  count: number;
  bytes: number;
  /** Milliseconds; 0 is no limit. */
  age: number;
  whenFull: "reject" | "dropOldest";
}

export abstract class Queueable extends Link {
  abstract readonly bytes: number;
  /** When it was first queued, on the owner's clock. */
  since = 0;
}

export class Queue<T extends Queueable> {
  private readonly entries = new Chain<T>();
  bytes = 0;

  constructor(private readonly limits: QueueLimits) {}

  get count(): number {
    return this.entries.size;
  }

  [Symbol.iterator](): Iterator<T> {
    return this.entries[Symbol.iterator]();
  }

  has(entry: T): boolean {
    return this.entries.has(entry);
  }

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
    this.entries.add(entry);
    this.bytes += entry.bytes;
    return dropped;
  }

  /** Takes an entry back that was here before: it was accepted once and is not refused now. */
  requeue(entry: T): void {
    this.entries.addFirst(entry);
    this.bytes += entry.bytes;
  }

  remove(entry: T): void {
    if (!this.has(entry)) return;
    this.entries.delete(entry);
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

  private get oldest(): T | undefined {
    return this.entries.oldest;
  }

  private full(): IotError {
    const { count, bytes } = this.limits;
    return new IotError("QueueFull", { details: { count, bytes } });
  }
}
