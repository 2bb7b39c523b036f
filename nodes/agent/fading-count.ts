/** A count of things that are of interest while they happen: what happened a while ago does not count any more. */
import type { Clock } from "../../src/time/clock";

const WHILE = 60_000;

export class FadingCount {
  private total = 0;
  private faded = 0;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly changed: () => void,
    private readonly clock: Clock,
  ) {}

  get value(): number {
    return this.total - this.faded;
  }

  /** `total` since the beginning. */
  note(total: number): void {
    if (total === this.total) return;
    this.total = total;
    this.cancel?.();
    this.cancel = this.clock.after(WHILE, () => {
      this.faded = this.total;
      this.changed();
    });
  }

  stop(): void {
    this.cancel?.();
    this.faded = this.total;
  }
}
