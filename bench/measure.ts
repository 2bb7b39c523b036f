/** Measuring: those who are compared take turns, because a shared machine is never the same for long. */

export interface Contestant {
  /** Something happens so often in a run. */
  readonly count: number;
  /** May give what tidies up afterwards, which does not count. */
  readonly run: (count: number) => Promise<void | (() => Promise<unknown>)>;
}

const WARM_UP_PART = 1 / 5;

/** How often a second it happens, each as the median of its runs. */
export async function race<N extends string>(
  contestants: Record<N, Contestant>,
  rounds: number,
): Promise<Record<N, number>> {
  const entries = Object.entries(contestants) as [N, Contestant][];
  const rates = new Map<N, number[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, { count, run }] of entries) {
      await timed(run, Math.ceil(count * WARM_UP_PART));
      rates.get(name)?.push(count / (await timed(run, count)));
    }
  }
  return Object.fromEntries(entries.map(([name]) => [name, median(rates.get(name) ?? [])])) as Record<
    N,
    number
  >;
}

/** Seconds. */
async function timed(run: Contestant["run"], count: number): Promise<number> {
  const start = performance.now();
  const tidyUp = await run(count);
  const seconds = (performance.now() - start) / 1000;
  await tidyUp?.();
  return seconds;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
