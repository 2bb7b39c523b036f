/**
 * Whether the answers that come are only those that were asked for here. Another process with the same
 * certificate, or an agent that answers twice, makes an answer that says nothing of its request worth little
 * (fault 18). A new client does not know yet, so it looks for a while before it trusts.
 */
const TRIAL_MS = 2000;
const TRIAL_ANSWERS = 200;
const DISTRUST_MS = 600_000;

export class Trust {
  private triedSince: number | undefined;
  private answers = 0;
  private deceivedUntil = 0;

  /** Answers can come from now on. */
  begin(now: number): void {
    this.triedSince ??= now;
  }

  answered(): void {
    this.answers++;
  }

  /** An answer came that nobody here asked for. */
  deceived(now: number): void {
    this.deceivedUntil = now + DISTRUST_MS;
  }

  isDeceived(now: number): boolean {
    return now < this.deceivedUntil;
  }

  /** Also before it is known. */
  isDoubtful(now: number): boolean {
    return (
      this.isDeceived(now) ||
      this.answers < TRIAL_ANSWERS ||
      this.triedSince === undefined ||
      now - this.triedSince < TRIAL_MS
    );
  }
}
