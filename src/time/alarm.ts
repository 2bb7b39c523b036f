/** One timer for whatever is due next: requests are many, and nearly all of them are answered before it rings. */
import type { Clock } from "./clock";

const STEP_MS = 5;

export class Alarm {
  private timer: { at: number; cancel: () => void } | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly ring: () => void,
  ) {}

  /** Rings at this time of the monotonic clock, or before it. */
  setFor(at: number): void {
    if (at === Infinity || (this.timer && this.timer.at <= at)) return;
    this.cancel();
    const wait = Math.max(STEP_MS, at - this.clock.monotonic());
    const cancel = this.clock.after(wait, () => {
      this.timer = undefined;
      this.ring();
    });
    this.timer = { at, cancel };
  }

  cancel(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
