/**
 * Answers that nobody here asked for. Where another process has the same certificate, or the agent answers twice, an
 * answer that does not name its request proves little (fault 18). A new client cannot know yet: it watches for a while
 * before it trusts its answers.
 */
const WATCH_MS = 2000;
const WATCH_ANSWERS = 200;
const ABOUT_MS = 600_000;

export class Strangers {
  /** Answers that belong to no request in flight, and those of them that nobody here can have asked for. */
  readonly count = { strays: 0, unasked: 0 };
  private watchedSince: number | undefined;
  private answers = 0;
  private aboutUntil = 0;

  /** Answers can come from now on. */
  watch(now: number): void {
    this.watchedSince ??= now;
  }

  /** A request of ours was answered. */
  noteOurs(): void {
    this.answers++;
  }

  /** A late answer came, to a request of ours that was abandoned. */
  noteLate(): void {
    this.count.strays++;
  }

  /** An answer came on a topic that nobody here uses: it cannot be taken for another. */
  noteHarmless(): void {
    this.count.strays++;
    this.count.unasked++;
  }

  /** An answer came that nobody here asked for. */
  noteUnasked(now: number): void {
    this.noteHarmless();
    this.aboutUntil = now + ABOUT_MS;
  }

  /** Such answers came of late. */
  areAbout(now: number): boolean {
    return now < this.aboutUntil;
  }

  /** Also true while it is not known yet. */
  mayBeAbout(now: number): boolean {
    return (
      this.areAbout(now) ||
      this.answers < WATCH_ANSWERS ||
      this.watchedSince === undefined ||
      now - this.watchedSince < WATCH_MS
    );
  }
}
