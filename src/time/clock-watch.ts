/**
 * Tells that the machine's clock was set: a certificate that was not yet valid, or not any more, may be valid now, so
 * whoever waits tries again at once. A machine without a battery gets its time minutes after Node-RED has started.
 */
import type { Clock } from "./clock";

/** Milliseconds between two looks. */
const LOOK_MS = 5_000;
/** Milliseconds between what the two clocks say went by that are no setting, but a slow look. */
const TOLERANCE_MS = 2_000;

/**
 * Calls `onSet` within five seconds of each change of the clock by more than two, in either direction and also when
 * it comes in small steps. Waking from sleep counts, too. Gives what ends the watch.
 */
export function watchClock(clock: Clock, onSet: () => void): () => void {
  const difference = (): number => clock.now() - clock.monotonic();
  let known = difference();
  let cancel = clock.after(LOOK_MS, look);

  function look(): void {
    cancel = clock.after(LOOK_MS, look);
    const now = difference();
    if (Math.abs(now - known) <= TOLERANCE_MS) return;
    known = now;
    onSet();
  }

  return () => cancel();
}
