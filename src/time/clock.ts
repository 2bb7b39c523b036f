/** Time as the package sees it, so that tests can make their own. */
export interface Clock {
  /** Milliseconds since the epoch, as the machine believes: for timestamps and for people. */
  now(): number;
  /** Milliseconds that only grow: for every deadline, because the machine's time can jump (fault 34). */
  monotonic(): number;
  /** Runs once after a while; gives what cancels it. */
  after(milliseconds: number, run: () => void): () => void;
  /** Runs once when what has already arrived is read. */
  soon(run: () => void): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
  soon: (run) => void setImmediate(run),
};

/** The machine's time of a moment on the monotonic clock: for people, and right also when the clock was set since. */
export function wallTime(monotonic: number, clock: Clock): Date {
  return new Date(clock.now() + monotonic - clock.monotonic());
}
