/**
 * What waits to be sent, over all and by lane, oldest first, bounded by count, bytes and age. Nobody else keeps a request
 * that waits. Pure: it says who has to go, and why; telling them is the owner's.
 */
import { Chain } from "../../collections/chain";
import { IotError } from "../../protocol/errors";
import type { PendingRequest } from "./lane";

export interface QueueLimits {
  count: number;
  bytes: number;
  /** Milliseconds; 0 is no limit. */
  age: number;
  whenFull: "reject" | "dropOldest";
}

export class RequestQueue {
  /** Those of one lane are in `lane.waiting` too, in the same order. */
  private readonly all = new Chain<PendingRequest>();
  private size = 0;

  constructor(private readonly limits: QueueLimits) {}

  get count(): number {
    return this.all.size;
  }

  get bytes(): number {
    return this.size;
  }

  [Symbol.iterator](): Iterator<PendingRequest> {
    return this.all[Symbol.iterator]();
  }

  /**
   * Makes room for a request and takes it. Gives those that were dropped for it; throws `QueueFull`, and takes
   * nothing, when there is no room to be made.
   */
  add(request: PendingRequest): readonly PendingRequest[] {
    const dropped = this.hasRoom(request) ? NONE : this.makeRoom(request);
    this.all.add(request);
    request.lane.waiting.add(request.place);
    this.size += request.bytes;
    return dropped;
  }

  /** Takes a request back that was here before: it was accepted once and is not refused now. */
  requeue(request: PendingRequest): void {
    this.all.addFirst(request);
    request.lane.waiting.addFirst(request.place);
    this.size += request.bytes;
  }

  remove(request: PendingRequest): void {
    this.all.delete(request);
    request.lane.waiting.delete(request.place);
    this.size -= request.bytes;
  }

  /** Removes and gives what has waited longer than is allowed. */
  expire(now: number): PendingRequest[] {
    return this.removeWhile(() => this.nextExpiry() <= now);
  }

  /** When the next one will be too old. */
  nextExpiry(): number {
    const { oldest } = this.all;
    return oldest && this.limits.age > 0 ? oldest.since + this.limits.age : Infinity;
  }

  /** Removes and gives everything. */
  clear(): PendingRequest[] {
    return this.removeWhile(() => true);
  }

  private hasRoom({ bytes }: PendingRequest): boolean {
    return this.count + 1 <= this.limits.count && this.size + bytes <= this.limits.bytes;
  }

  private makeRoom(request: PendingRequest): PendingRequest[] {
    const { count, bytes, whenFull } = this.limits;
    if (whenFull === "reject" || request.bytes > bytes || count < 1)
      throw new IotError("QueueFull", { details: { count, bytes } });
    return this.removeWhile(() => !this.hasRoom(request));
  }

  /** Oldest first. */
  private removeWhile(mustGo: () => boolean): PendingRequest[] {
    const removed: PendingRequest[] = [];
    while (this.all.oldest && mustGo()) {
      removed.push(this.all.oldest);
      this.remove(this.all.oldest);
    }
    return removed;
  }
}

const NONE: readonly PendingRequest[] = [];
