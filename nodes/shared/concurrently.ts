/** Many requests for one message, a few at a time, so that one message does not fill the queue. */
import { systemClock, type Clock } from "../../src/time/clock";

const AT_ONCE = 16;
/** Where what is waited for takes long, there is time for more: half of what a client has in flight at most. */
const MOST_AT_ONCE = 64;
const LONG_MS = 50;

/** How far long work is, in requests. */
export interface Steps {
  done: number;
  of: number;
}

/**
 * `work` for each entry; the results in the order of the entries. The first error ends it. `steps` is told how far it is;
 * `atOnce`: so many at a time, however long they take.
 */
export function concurrently<T, R>(
  entries: readonly T[],
  work: (entry: T) => Promise<R>,
  steps: Steps = { done: 0, of: 0 },
  { atOnce, clock = systemClock }: { atOnce?: number; clock?: Pick<Clock, "monotonic"> } = {},
): Promise<R[]> {
  const [least, most] = atOnce === undefined ? [AT_ONCE, MOST_AT_ONCE] : [atOnce, atOnce];
  const results: R[] = [];
  const next = entries.entries();
  let running = 0;
  let failed = false;
  steps.of += entries.length;
  return new Promise((resolve, reject) => {
    const worker = async (): Promise<void> => {
      for (const [index, entry] of next) {
        const began = clock.monotonic();
        results[index] = await work(entry);
        if (failed) return;
        steps.done++;
        if (clock.monotonic() - began >= LONG_MS && running < most) begin();
      }
    };
    const begin = (): void => {
      running++;
      worker().then(
        () => {
          if (--running === 0) resolve(results);
        },
        (error) => {
          failed = true;
          reject(error as Error);
        },
      );
    };
    for (let count = Math.min(least, entries.length); count > 0; count--) begin();
    if (running === 0) resolve(results);
  });
}
