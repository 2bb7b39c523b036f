/** Where the time of a row goes: its CPU profile, and the functions that it spends most of it in. */
import { writeFile } from "node:fs/promises";
import type { Profiler as V8 } from "node:inspector";
import { basename, dirname, join } from "node:path";
import type { Contestant } from "./measure";

export type Profile = V8.Profile;

/** Of one process. */
export interface Profiler {
  start(): Promise<unknown>;
  stop(): Promise<Profile>;
}

/** Before it is looked at, everything has been compiled. */
const WARM_UPS = 3;
const MOST_SHOWN = 30;
const LEAST_SECONDS = 3;

/** Writes `<name>.cpuprofile`, which the developer tools of a browser open, and gives the functions with the most time. */
export async function profile(
  name: string,
  { count, run }: Contestant,
  profiler: Profiler,
): Promise<FunctionTime[]> {
  const runOnce = async () => (await run(count))?.();
  for (let round = 0; round < WARM_UPS; round++) await runOnce();
  await profiler.start();
  const end = performance.now() + LEAST_SECONDS * 1000;
  let rounds = 0;
  for (; performance.now() < end; rounds++) await runOnce();
  const taken = await profiler.stop();
  await writeFile(`${name}.cpuprofile`, JSON.stringify(taken));
  return timesOf(taken, rounds * count).slice(0, MOST_SHOWN);
}

/** What one function does itself, without those that it calls. */
export interface FunctionTime {
  what: string;
  where: string;
  /** Microseconds each time. */
  "CPU µs": number;
  /** Part of what the process was busy. */
  "%": number;
}

/** The functions of a profile in which something happened so often, those with the most time first. Pure. */
export function timesOf({ nodes, samples = [], timeDeltas = [] }: Profile, count: number): FunctionTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, { what: string; where: string; time: number }>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    const time = timeDeltas[index] ?? 0;
    if (frame === undefined || frame.functionName === "(idle)") continue;
    busy += time;
    const { functionName: what, url, lineNumber } = frame;
    const where = url === "" ? "" : `${shortened(url)}:${lineNumber + 1}`;
    const entry = times.get(`${what} ${where}`) ?? { what: what === "" ? "(no name)" : what, where, time: 0 };
    entry.time += time;
    times.set(`${what} ${where}`, entry);
  }
  return [...times.values()]
    .sort((a, b) => b.time - a.time)
    .map(({ what, where, time }) => ({
      what,
      where,
      "CPU µs": Number((time / count).toFixed(2)),
      "%": Number(((100 * time) / busy).toFixed(1)),
    }));
}

function shortened(url: string): string {
  return url.startsWith("node:") ? url : join(basename(dirname(url)), basename(url));
}
