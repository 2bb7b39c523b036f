/** Timers that end with their owner. */
import type { Clock } from "./clock";

export class Timers {
  private readonly running = new Set<() => void>();
  private closed = false;

  constructor(private readonly clock: Pick<Clock, "after">) {}

  get isClosed(): boolean {
    return this.closed;
  }

  after(delay: number, callback: () => void): void {
    if (this.closed) return;
    const cancel = this.clock.after(delay, () => {
      this.running.delete(cancel);
      callback();
    });
    this.running.add(cancel);
  }

  close(): void {
    this.closed = true;
    for (const cancel of this.running) cancel();
    this.running.clear();
  }
}
