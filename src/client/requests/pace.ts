/**
 * How much may be in flight. What is in flight when an agent dies may have arrived, and is sent again: the more it was,
 * the more comes twice. So after a loss it begins with one and doubles, as a network does that has lost packets.
 */
const DOUBLES_MS = 2000;

export class Pace {
  private since: number | undefined;

  /** `most`: while all is well. */
  constructor(private readonly most: number) {}

  /** Something was in flight when a connection was lost, or when the agent fell silent. */
  slowDown(now: number): void {
    this.since = now;
  }

  /** A new connection: the one before has shown nothing. */
  restart(now: number): void {
    if (this.since !== undefined) this.since = now;
  }

  /** Requests that may be in flight. */
  limit(now: number): number {
    if (this.since === undefined) return this.most;
    const limit = 2 ** Math.floor((now - this.since) / DOUBLES_MS);
    if (limit >= this.most) this.since = undefined;
    return Math.min(limit, this.most);
  }

  /** When it may be more. */
  nextRise(now: number): number {
    if (this.since === undefined) return Infinity;
    return now + DOUBLES_MS - ((now - this.since) % DOUBLES_MS);
  }
}
