/**
 * Whether the agent is there behind its broker. The broker takes what nobody hears: requests that are sent before the
 * agent has come back, too, are gone. So after a new connection, and when an agent falls silent, it is asked by pings,
 * and requests are sent when it has said anything.
 */
const ASK_EVERY_MS = 250;
/** An agent that has said nothing for so long after a request is asked before the next one. */
const SILENCE_MS = 500;

export class Presence {
  private doubtedSince: number | undefined;
  /** Only the answer to a ping counts: others may be late ones. */
  private isStrict = false;
  private firstAskedAt: number | undefined;
  private askedAt = -Infinity;
  private knowsPings: boolean | undefined;
  /** When the first request was sent since it was heard. */
  private unheardSince = Infinity;

  /** `patience`: milliseconds that it is waited for; then a request is risked. */
  constructor(private readonly patience: number) {}

  /** `isStrict`: answers to requests that nobody knows any more can come before the one to a ping. */
  doubt(now: number, isStrict = false): void {
    if (this.knowsPings === false) return;
    this.doubtedSince = now;
    this.isStrict = isStrict;
    this.firstAskedAt = undefined;
    this.askedAt = -Infinity;
  }

  /** Something that it answers was sent. */
  sent(now: number): void {
    if (this.unheardSince === Infinity) this.unheardSince = now;
  }

  /**
   * The agent has said something; `answered` is when the ping was sent that it answers, if it is one. An answer to a
   * later ping than the first says more: the first one reached nobody, nor did what was sent about that time.
   */
  heard(answered: number | undefined): "present" | "back" | "back after a gap" {
    const { doubtedSince, firstAskedAt } = this;
    if (this.isStrict && doubtedSince !== undefined && answered === undefined) return "present";
    if (answered !== undefined) this.knowsPings = true;
    this.unheardSince = Infinity;
    this.doubtedSince = undefined;
    if (doubtedSince === undefined) return "present";
    const isGap = answered !== undefined && firstAskedAt !== undefined && answered > firstAskedAt;
    return isGap ? "back after a gap" : "back";
  }

  isCertain(now: number): boolean {
    if (this.doubtedSince === undefined && now - this.unheardSince >= SILENCE_MS) this.doubt(now);
    if (this.doubtedSince === undefined) return true;
    if (now < this.doubtedSince + this.patience) return false;
    // One that has never answered a ping is not asked again.
    this.knowsPings ??= false;
    this.doubtedSince = undefined;
    this.unheardSince = Infinity;
    return true;
  }

  /** When to ask it (again). */
  nextAsk(now: number): number {
    return this.isCertain(now) ? Infinity : this.askedAt + ASK_EVERY_MS;
  }

  asked(now: number): void {
    this.firstAskedAt ??= now;
    this.askedAt = now;
  }
}
