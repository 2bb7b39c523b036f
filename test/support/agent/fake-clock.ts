/** Time that stands still until it is told to go on. */
import type { Clock } from "../../../src/time/clock";

interface Timer {
  at: number;
  run: () => void;
}

export class FakeClock implements Clock {
  /** Milliseconds since the epoch when the clock started. */
  constructor(private epoch = 1_700_000_000_000) {}

  private elapsed = 0;
  private readonly timers = new Set<Timer>();
  private soonDue: (() => void)[] = [];

  now(): number {
    return this.epoch + this.elapsed;
  }

  monotonic(): number {
    return this.elapsed;
  }

  after(milliseconds: number, run: () => void): () => void {
    const timer = { at: this.elapsed + milliseconds, run };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  soon(run: () => void): void {
    this.soonDue.push(run);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.timers.size;
  }

  /** The machine's time jumps; what has elapsed does not. */
  jump(milliseconds: number): void {
    this.epoch += milliseconds;
  }

  /** Runs what is to be run soon. */
  settle(): void {
    while (this.soonDue.length > 0) for (const run of this.soonDue.splice(0)) run();
  }

  advance(milliseconds: number): void {
    const end = this.elapsed + milliseconds;
    for (;;) {
      this.settle();
      const next = [...this.timers].sort((a, b) => a.at - b.at).find(({ at }) => at <= end);
      if (next === undefined) break;
      this.timers.delete(next);
      this.elapsed = Math.max(this.elapsed, next.at);
      next.run();
    }
    this.elapsed = end;
    this.settle();
  }
}
