/** The machine's time, of which a test can skip some: sockets go on as they are, and nobody waits for a wait. */
import { systemClock, type Clock } from "../../src/time/clock";

interface Timer {
  readonly at: number;
  readonly run: () => void;
  cancel: () => void;
}

export class SkippingClock implements Clock {
  private skipped = 0;
  private held: number | undefined;
  private readonly timers = new Set<Timer>();

  now(): number {
    return Math.round(systemClock.now() + this.skipped);
  }

  monotonic(): number {
    return this.held ?? systemClock.monotonic() + this.skipped;
  }

  /** From now on, a whole number, nothing passes but what is skipped. */
  hold(): void {
    this.held = Math.ceil(this.monotonic());
  }

  /** Time passes by itself again. */
  release(): void {
    if (this.held !== undefined) this.skipped = this.held - systemClock.monotonic();
    this.held = undefined;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.monotonic() + milliseconds, run, cancel: () => undefined };
    this.timers.add(timer);
    this.arm(timer);
    return () => this.forget(timer);
  }

  soon(run: () => void): void {
    systemClock.soon(run);
  }

  /** Whatever is due within this time runs now, in order. */
  skip(milliseconds: number): void {
    const end = this.monotonic() + milliseconds;
    for (let next = this.next(end); next !== undefined; next = this.next(end)) {
      this.goTo(next.at);
      this.ring(next);
    }
    this.goTo(end);
    for (const timer of this.timers) this.arm(timer);
  }

  private next(end: number): Timer | undefined {
    return [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }

  private goTo(time: number): void {
    const passed = Math.max(0, time - this.monotonic());
    this.skipped += passed;
    if (this.held !== undefined) this.held += passed;
  }

  private arm(timer: Timer): void {
    timer.cancel();
    timer.cancel = systemClock.after(Math.max(0, timer.at - this.monotonic()), () => this.ring(timer));
  }

  private ring(timer: Timer): void {
    this.forget(timer);
    timer.run();
  }

  private forget(timer: Timer): void {
    timer.cancel();
    this.timers.delete(timer);
  }
}
