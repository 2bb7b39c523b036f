/**
 * Whether the answers that come are only those that were asked for here. Where another process has the same
 * certificate, or the agent answers twice, an answer that does not name its request proves little (fault 18). A new
 * client cannot know yet: it watches for a while before it trusts its answers.
 */
const WATCH_MS = 2000;
const WATCH_ANSWERS = 200;
const DISTRUST_MS = 600_000;

export class Trust {
  private watchedSince: number | undefined;
  private answers = 0;
  private distrustedUntil = 0;

  /** Answers can come from now on. */
  begin(now: number): void {
    this.watchedSince ??= now;
  }

  answered(): void {
    this.answers++;
  }

  /** An answer came that nobody here asked for. */
  noteUnasked(now: number): void {
    this.distrustedUntil = now + DISTRUST_MS;
  }

  /** Answers came of late that nobody here asked for. */
  isDistrusted(now: number): boolean {
    return now < this.distrustedUntil;
  }

  /** Also true while it is not known yet. */
  isUncertain(now: number): boolean {
    return (
      this.isDistrusted(now) ||
      this.answers < WATCH_ANSWERS ||
      this.watchedSince === undefined ||
      now - this.watchedSince < WATCH_MS
    );
  }
}
