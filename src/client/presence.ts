/**
 * Whether the agent is there behind its broker. The broker takes what nobody hears: requests that are sent before the
 * agent has come back, too, are gone. So after a new connection, and when an agent falls silent, it is asked by pings,
 * and requests are sent when it has said anything; at first, before a deploy or a restart has been got past, when it
 * has answered a ping.
 */
const ASK_EVERY_MS = 250;
/** An agent that has said nothing for so long after a request is asked before the next one. */
const SILENCE_MS = 500;

export class Presence {
  private doubtedSince: number | undefined;
  private firstAskedAt: number | undefined;
  private askedAt = -Infinity;
  /** Until this is known only the answer to a ping counts: others may be late ones, to requests of an earlier life. */
  private knowsPings: boolean | undefined;
  /** When the first request was sent since it was heard. */
  private unheardSince = Infinity;

  /** `patience`: milliseconds that it is waited for; then a request is risked. */
  constructor(private readonly patience: number) {}

  doubt(now: number): void {
    if (this.knowsPings === false) return;
    this.doubtedSince = now;
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
    if (answered !== undefined) this.knowsPings = true;
    else if (this.knowsPings === undefined) {
      if (doubtedSince !== undefined) return "present";
      // It was asked in vain, and yet it answers: it is not asked again.
      this.knowsPings = false;
    }
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
