/** What a push takes that is alone: of a few in a second the slowest ones count, not the rate. */
import { setTimeout as pause } from "node:timers/promises";

const EVERY_MS = 50;

/** Milliseconds. */
export interface Durations {
  median: number;
  /** Of a hundred, one takes longer. */
  most: number;
}

/** Those who are compared take turns, a push each. */
export async function lonePushes<N extends string>(
  pushes: Record<N, () => Promise<unknown>>,
  count: number,
): Promise<Record<N, Durations>> {
  const entries = Object.entries(pushes) as [N, () => Promise<unknown>][];
  const taken = new Map<N, number[]>(entries.map(([name]) => [name, []]));
  for (let push = 0; push < count; push++) {
    for (const [name, run] of entries) {
      await pause(EVERY_MS);
      const start = performance.now();
      await run();
      taken.get(name)?.push(performance.now() - start);
    }
  }
  const durations = entries.map(([name]) => {
    const sorted = (taken.get(name) ?? []).sort((a, b) => a - b);
    const at = (part: number) => sorted[Math.floor(sorted.length * part)] ?? NaN;
    return [name, { median: at(0.5), most: at(0.99) }];
  });
  return Object.fromEntries(durations) as Record<N, Durations>;
}
