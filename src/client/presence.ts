/**
 * Whether the agent is there behind its broker. The broker takes what nobody hears: requests that are sent before the
 * agent has come back, too, are gone. So after a new connection, and when an agent falls silent, it is asked by pings,
 * and requests are sent when it has said anything.
 */
const ASK_EVERY_MS = 250;

export class Presence {
  private doubtedSince: number | undefined;
  private askedAt = -Infinity;
  private knowsPings: boolean | undefined;

  /** `patience`: milliseconds that it is waited for; then a request is risked. */
  constructor(private readonly patience: number) {}

  doubt(now: number): void {
    if (this.knowsPings === false) return;
    this.doubtedSince = now;
    this.askedAt = -Infinity;
  }

  /** The agent has said something; true when that was in doubt. */
  heard(isAnswerToPing: boolean): boolean {
    if (isAnswerToPing) this.knowsPings = true;
    const wasInDoubt = this.doubtedSince !== undefined;
    this.doubtedSince = undefined;
    return wasInDoubt;
  }

  isCertain(now: number): boolean {
    if (this.doubtedSince === undefined) return true;
    if (now < this.doubtedSince + this.patience) return false;
    // One that has never answered a ping is not asked again.
    this.knowsPings ??= false;
    this.doubtedSince = undefined;
    return true;
  }

  /** When to ask it (again). */
  nextAsk(now: number): number {
    return this.isCertain(now) ? Infinity : this.askedAt + ASK_EVERY_MS;
  }

  asked(now: number): void {
    this.askedAt = now;
  }
}
