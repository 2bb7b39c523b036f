/** Measuring: those who are compared take turns, because a shared machine is never the same for long. */
import { Lost } from "./lost";

export interface Contestant {
  /** Something happens so often in a run. */
  readonly count: number;
  /** May give what tidies up afterwards, which does not count. */
  readonly run: (count: number) => Promise<void | (() => Promise<unknown>)>;
  /** The microseconds of CPU that its process has used so far. */
  readonly cpu: () => Promise<number>;
}

/** What it takes that something happens, each as the median of the runs. */
export interface Cost {
  /** How often a second it happens. */
  rate: number;
  /** Microseconds each. */
  cpu: number;
}

const WARM_UP_PART = 1 / 5;
const MOST_ATTEMPTS = 5;

export async function race<N extends string>(
  contestants: Record<N, Contestant>,
  rounds: number,
  /** Part of the counts: 1 is all of them. */
  part: number,
  tell: (line: string) => void,
): Promise<Record<N, Cost>> {
  const entries = Object.entries(contestants) as [N, Contestant][];
  const costs = new Map<N, Cost[]>(entries.map(([name]) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, contestant] of entries) {
      const count = Math.ceil(contestant.count * part);
      const cost = await whole(async () => {
        await measure(contestant, Math.ceil(count * WARM_UP_PART));
        return measure(contestant, count);
      }, tell);
      costs.get(name)?.push(cost);
      tell(
        `round ${round + 1} of ${rounds}: ${name} ${Math.round(cost.rate)}/s, CPU ${cost.cpu.toFixed(1)} µs`,
      );
    }
  }
  const medians = entries.map(([name]) => {
    const all = costs.get(name) ?? [];
    return [name, { rate: median(all.map(({ rate }) => rate)), cpu: median(all.map(({ cpu }) => cpu)) }];
  });
  return Object.fromEntries(medians) as Record<N, Cost>;
}

/** Once more where messages were lost. */
async function whole<T>(work: () => Promise<T>, tell: (line: string) => void): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof Lost) || attempt === MOST_ATTEMPTS) throw error;
      tell(`${error.message}; once more`);
    }
  }
}

async function measure({ run, cpu }: Contestant, count: number): Promise<Cost> {
  const before = await cpu();
  const start = performance.now();
  const tidyUp = await run(count);
  const seconds = (performance.now() - start) / 1000;
  const used = (await cpu()) - before;
  await tidyUp?.();
  return { rate: count / seconds, cpu: used / count };
}

/** Of this process. */
export function ownCpu(): Promise<number> {
  const { user, system } = process.cpuUsage();
  return Promise.resolve(user + system);
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
