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

/**
 * Writes `<name>.cpuprofile`, which the developer tools of a browser open; gives the functions with the most time, and the
 * microseconds each time by whose code it is.
 */
export async function profile(
  name: string,
  { count, run }: Contestant,
  profiler: Profiler,
): Promise<{ functions: FunctionTime[]; owners: Record<string, number> }> {
  const runOnce = async () => (await run(count))?.();
  for (let round = 0; round < WARM_UPS; round++) await runOnce();
  await profiler.start();
  const end = performance.now() + LEAST_SECONDS * 1000;
  let rounds = 0;
  for (; performance.now() < end; rounds++) await runOnce();
  const taken = await profiler.stop();
  await writeFile(`${name}.cpuprofile`, JSON.stringify(taken));
  const functions = timesOf(taken, rounds * count);
  return { functions: functions.slice(0, MOST_SHOWN), owners: byOwner(functions) };
}

/** What one function does itself, without those that it calls. */
export interface FunctionTime {
  what: string;
  where: string;
  whose: string;
  /** Microseconds each time. */
  "CPU µs": number;
  /** Part of what the process was busy. */
  "%": number;
}

/** The functions of a profile in which something happened so often, those with the most time first. Pure. */
export function timesOf({ nodes, samples = [], timeDeltas = [] }: Profile, count: number): FunctionTime[] {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const times = new Map<string, { what: string; where: string; whose: string; time: number }>();
  let busy = 0;
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    const time = timeDeltas[index] ?? 0;
    if (frame === undefined || isNoWork(frame)) continue;
    busy += time;
    const { functionName: what, url, lineNumber } = frame;
    const where = url === "" ? "" : `${shortened(url)}:${lineNumber + 1}`;
    const key = `${what} ${where}`;
    const entry = times.get(key) ?? {
      what: what === "" ? "(no name)" : what,
      where,
      whose: ownerOf(what, url),
      time: 0,
    };
    entry.time += time;
    times.set(key, entry);
  }
  return [...times.values()]
    .sort((a, b) => b.time - a.time)
    .map(({ what, where, whose, time }) => ({
      what,
      where,
      whose,
      "CPU µs": Number((time / count).toFixed(2)),
      "%": Number(((100 * time) / busy).toFixed(1)),
    }));
}

/** Idleness, and what it takes to begin and to end a profile. */
function isNoWork({ functionName, url }: V8.ProfileNode["callFrame"]): boolean {
  return functionName === "(idle)" || (functionName === "dispatch" && url === "");
}

function byOwner(functions: readonly FunctionTime[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const { whose, "CPU µs": time } of functions) sums.set(whose, (sums.get(whose) ?? 0) + time);
  return Object.fromEntries([...sums].map(([whose, time]) => [whose, Number(time.toFixed(2))]));
}

/** By where it stands; the first that fits. */
const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/^$|^node:|^wasm:/, "Node.js"],
  [/\/dist\/(?:src|nodes|explorer)\//, "ours"],
  [/\/node_modules\/(?:@node-red|node-red)\//, "Node-RED"],
  [/\/node_modules\//, "other packages"],
  [/./, "the bench"],
];

function ownerOf(name: string, url: string): string {
  if (name === "(garbage collector)") return "garbage collector";
  return OWNERS.find(([sign]) => sign.test(url))?.[1] ?? "";
}

function shortened(url: string): string {
  return url.startsWith("node:") ? url : join(basename(dirname(url)), basename(url));
}
