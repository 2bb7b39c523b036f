/** Timers that end with their owner. */

/** Runs something once after so many milliseconds; gives what cancels it. */
export type SetTimer = (callback: () => void, delay: number) => () => void;

export class Timers {
  private readonly running = new Set<() => void>();
  private closed = false;

  constructor(private readonly setTimer: SetTimer) {}

  get isClosed(): boolean {
    return this.closed;
  }

  after(delay: number, callback: () => void): void {
    if (this.closed) return;
    const cancel = this.setTimer(() => {
      this.running.delete(cancel);
      callback();
    }, delay);
    this.running.add(cancel);
  }

  close(): void {
    this.closed = true;
    for (const cancel of this.running) cancel();
    this.running.clear();
  }
}

export const systemTimer: SetTimer = (callback, delay) => {
  const timer = setTimeout(callback, delay);
  return () => clearTimeout(timer);
};
