/** A bound on how fast something happens on average, a token bucket; after a rest a burst is let through. Pure: it is told the time. */

/** What a second's rate is saved up to while nothing is taken. */
const BURST_MS = 1000;

/** Times are milliseconds on the monotonic clock. */
export class TokenBucket {
  /** When what was taken is made up for: until then the bucket is in debt. */
  private paidAt = 0;

  /** @param rate a second; `Infinity`: no bound. */
  constructor(private readonly rate: number) {}

  /** Begins anew, with nothing saved up. */
  empty(now: number): void {
    this.paidAt = now;
  }

  /** Takes what is wanted, even if it is more than there is: then the next one waits until that is made up for. */
  take(amount: number, now: number): void {
    this.paidAt = Math.max(this.paidAt, now - BURST_MS) + (amount / this.rate) * 1000;
  }

  /** Milliseconds until something may be taken; 0: now. */
  wait(now: number): number {
    return Math.max(this.paidAt - now, 0);
  }
}
