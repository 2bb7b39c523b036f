/**
 * Whether the agent is there behind its broker. The broker accepts messages while the agent is away, and they are lost.
 * So after a new connection, and when the agent falls silent, it is pinged, and requests wait until it has said anything.
 * Of the first connection only the answer to a ping counts: anything else can answer what was asked before a restart.
 */
const ASK_EVERY_MS = 250;
/** An agent that has said nothing for so long after a request is asked before the next one. */
const SILENCE_MS = 500;

export class Presence {
  private uncertainSince: number | undefined;
  private firstAskedAt: number | undefined;
  private askedAt = -Infinity;
  /** Until this is known only the answer to a ping counts: others may be late ones, to requests from before a restart. */
  private knowsPings: boolean | undefined;
  /** When the first request was sent since it was heard. */
  private unheardSince = Infinity;

  /** `patience`: milliseconds that it is waited for; then a request is risked. */
  constructor(private readonly patience: number) {}

  /** It may be away: requests wait until it is heard. */
  becomeUncertain(now: number): void {
    if (this.knowsPings === false) return;
    this.uncertainSince = now;
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
    const { uncertainSince, firstAskedAt } = this;
    if (answered !== undefined) this.knowsPings = true;
    else if (this.knowsPings === undefined) {
      if (uncertainSince !== undefined) return "present";
      // It was asked in vain, and yet it answers: it is not asked again.
      this.knowsPings = false;
    }
    this.unheardSince = Infinity;
    this.uncertainSince = undefined;
    if (uncertainSince === undefined) return "present";
    const isGap = answered !== undefined && firstAskedAt !== undefined && answered > firstAskedAt;
    return isGap ? "back after a gap" : "back";
  }

  isCertain(now: number): boolean {
    if (this.uncertainSince === undefined && now - this.unheardSince >= SILENCE_MS) this.becomeUncertain(now);
    if (this.uncertainSince === undefined) return true;
    if (now < this.uncertainSince + this.patience) return false;
    this.uncertainSince = undefined;
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
