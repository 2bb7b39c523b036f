/** Something that is done again and again. */
import type { Clock } from "./clock";

/** Runs after each such while, for the first time after one; gives what ends it. */
export function every(clock: Pick<Clock, "after">, milliseconds: number, run: () => void): () => void {
  let cancel: () => void;
  const wait = (): void => {
    cancel = clock.after(milliseconds, () => {
      wait();
      run();
    });
  };
  wait();
  return () => cancel();
}
