/** A count of things that are of interest while they happen: what happened a while ago does not count any more. */
const WHILE = 60_000;

export class FadingCount {
  private total = 0;
  private faded = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly changed: () => void) {}

  get value(): number {
    return this.total - this.faded;
  }

  /** `total` since the beginning. */
  note(total: number): void {
    if (total === this.total) return;
    this.total = total;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.faded = this.total;
      this.changed();
    }, WHILE);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.faded = this.total;
  }
}
