/**
 * The process's own timers and time, in the test's hands: for libraries that take no clock. Sockets go on as they are.
 * (`node:test` has such timers, but in Node.js 20 clearing one of several clears another.)
 */
import { FakeClock } from "./agent/fake-clock";

export class FakeTimers {
  private readonly clock = new FakeClock(Date.now());
  private readonly cancels = new Map<number, () => void>();
  private readonly real = { setTimeout, clearTimeout, setInterval, clearInterval, now: Date.now };
  private count = 0;

  constructor() {
    const clear = (id?: unknown): void => {
      this.cancels.get(id as number)?.();
      this.cancels.delete(id as number);
    };
    const start = (run: () => void, milliseconds = 0, again: boolean): number => {
      const id = ++this.count;
      const next = (): void => {
        const cancel = this.clock.after(milliseconds, () => {
          if (again) next();
          else this.cancels.delete(id);
          run();
        });
        this.cancels.set(id, cancel);
      };
      next();
      return id;
    };
    Object.assign(globalThis, {
      setTimeout: (run: () => void, milliseconds?: number) => start(run, milliseconds, false),
      setInterval: (run: () => void, milliseconds?: number) => start(run, milliseconds, true),
      clearTimeout: clear,
      clearInterval: clear,
    });
    Date.now = () => this.clock.now();
  }

  /** What is due in this time runs, in order. */
  tick(milliseconds: number): void {
    this.clock.advance(milliseconds);
  }

  /** Gives the process its own back; what is not over is forgotten. */
  end(): void {
    const { now, ...timers } = this.real;
    Object.assign(globalThis, timers);
    Date.now = now;
  }
}
