/** How long to wait before the next attempt to connect: at random up to a limit that doubles (full jitter), so that many clients do not come back in the same moment (fault 10). */

export const SHORTEST_MS = 500;
export const LONGEST_MS = 60_000;
/** A session that lived this long was a good one: the next wait is short again. */
export const GOOD_SESSION_MS = 30_000;
/** A session that ended sooner counts as a failed attempt. */
export const SHORT_SESSION_MS = 1000;

export interface PastSession {
  /** Milliseconds. */
  lived: number;
  /** The agent, or anybody, has said something in it. */
  heard: boolean;
}

export class BackOff {
  private ceiling = 2 * SHORTEST_MS;

  constructor(private readonly random: () => number) {}

  /** The wait after an attempt that failed: each can be twice as long as the one before. */
  afterFailure(): number {
    const wait = this.wait();
    this.ceiling = Math.min(LONGEST_MS, this.ceiling * 2);
    return wait;
  }

  /** The wait after a session: one that was of no use is a failure, or it would be made anew for ever (fault 50). */
  afterSession({ lived, heard }: PastSession): number {
    if (lived >= GOOD_SESSION_MS) this.reset();
    else if (lived < SHORT_SESSION_MS || !heard) return this.afterFailure();
    return this.wait();
  }

  reset(): void {
    this.ceiling = 2 * SHORTEST_MS;
  }

  private wait(): number {
    return SHORTEST_MS + this.random() * (this.ceiling - SHORTEST_MS);
  }
}
