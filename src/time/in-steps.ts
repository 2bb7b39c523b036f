/** Long work in steps: after a few milliseconds of it everything else has its turn. */
import type { Clock } from "./clock";

const LONGEST_MS = 10;

/** Takes all steps; gives what the last gives, or `undefined` when `isOver` says meanwhile that nobody waits any more. */
export async function inSteps<T>(
  work: Generator<undefined, T>,
  clock: Clock,
  isOver: () => boolean,
): Promise<T | undefined> {
  while (!isOver()) {
    const until = clock.monotonic() + LONGEST_MS;
    do {
      const step = work.next();
      if (step.done === true) return step.value;
    } while (clock.monotonic() < until);
    await new Promise<void>((resolve) => clock.soon(resolve));
  }
  return undefined;
}
