/** How the costs grow: each curve is drawn into docs/images, and printed as a table in Markdown. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { BenchAgent } from "./agent";
import type { Keep } from "./parts";
import { bytesHeld } from "./memory";
import { median, ownCpu } from "./measure";
import { BenchNodeRed } from "./node-red";
import { startClient } from "./pushes";
import { fillTo, openEmptyStore, waitInMemory } from "./store";
import { drawSvg, figure, type Curve } from "./svg";

const IMAGES = join(__dirname, "../docs/images");
const TRUST_MS = 15_000;
const MEBIBYTE = 1024 * 1024;
const RATES = [10, 100, 1000, 3000, 10_000];
const SENSORS = [1, 10, 100, 1000, 10_000];
const QUEUED = [0, 1000, 10_000, 50_000, 100_000];
const STORED = [0, 10_000, 100_000, 300_000, 1_000_000];
/** Each point is the median of so many rounds, in which all points take turns. */
const ROUNDS = 3;
/** Seconds of each rate, and the pushes that each other point is measured with. */
const SECONDS = 2;
const PUSHES = 2000;
const ACCEPTED = 5000;

export async function drawCurves(keep: Keep, tell: (line: string) => void): Promise<void> {
  const agent = keep(await BenchAgent.start());
  const curves = { rate, sensors, queue, store };
  for (const [name, measure] of Object.entries(curves)) {
    tell(`curve: ${name} …`);
    const curve = await measure(agent, keep, tell);
    await writeFile(join(IMAGES, `curve-${name}.svg`), drawSvg(curve));
    console.log(`${markdownOf(curve)}\n`);
  }
}

type Measure = (agent: BenchAgent, keep: Keep, tell: (line: string) => void) => Promise<Curve>;

const rate: Measure = async (agent, keep, tell) => {
  const nodeRed = keep(await BenchNodeRed.start({ push: await agent.client() }));
  await during(TRUST_MS, () => nodeRed.push("push", 64, 64));
  const points = await inTurns(RATES, async (perSecond) => {
    const count = perSecond * SECONDS;
    await nodeRed.paced("push", Math.ceil(count / 3), perSecond);
    const before = await nodeRed.cpu();
    const taken = await nodeRed.paced("push", count, perSecond);
    const cpu = ((await nodeRed.cpu()) - before) / count;
    taken.sort((a, b) => a - b);
    tell(`${perSecond} pushes a second: p50 ${figure(median(taken))} ms`);
    return [median(taken), taken[Math.floor(taken.length * 0.99)] ?? NaN, cpu];
  });
  return {
    title: "Push node: pushes a second, to 64 sensors",
    x: RATES.map(figure),
    series: [
      { name: "from the message to the answer, median", unit: "ms", values: points.map(([time]) => time!) },
      { name: "the same, 99 of 100 are faster", unit: "ms", values: points.map(([, most]) => most!) },
      { name: "CPU of Node-RED a push", unit: "µs", values: points.map(([, , cpu]) => cpu!) },
    ],
  };
};

const sensors: Measure = async (agent, keep, tell) => {
  const pushers: { count: number; pusher: ReturnType<typeof startClient> }[] = [];
  const memory: number[] = [];
  for (const count of SENSORS) {
    const pusher = keep(startClient(await agent.client()));
    await pusher.inTurn(1000, 1, 1);
    const empty = bytesHeld();
    await pusher.inTurn(count, count, Math.min(count, 64));
    memory.push(Math.max(0, bytesHeld() - empty) / MEBIBYTE);
    pushers.push({ count, pusher });
  }
  await during(TRUST_MS, () => Promise.all(pushers.map(({ count, pusher }) => pusher.inTurn(8, count, 1))));
  const points = await inTurns(pushers, async ({ count, pusher }) => {
    const [start, before] = [performance.now(), await ownCpu()];
    await pusher.inTurn(PUSHES, count, 1);
    const time = ((performance.now() - start) / PUSHES) * 1000;
    tell(`${count} sensors: ${figure(time)} µs a push`);
    return [time, ((await ownCpu()) - before) / PUSHES];
  });
  return {
    title: "Client: number of sensors, with one push in flight",
    x: SENSORS.map(figure),
    series: [
      { name: "time a push", unit: "µs", values: points.map(([time]) => time!) },
      { name: "CPU a push", unit: "µs", values: points.map(([, cpu]) => cpu!) },
      { name: "memory of all sensors", unit: "MiB", values: memory },
    ],
  };
};

const queue: Measure = async (_agent, _keep, tell) => {
  const [time, memory]: number[][] = [[], []];
  const warmUp = waitInMemory();
  warmUp.push(ACCEPTED);
  await warmUp.stop();
  const waiting = waitInMemory();
  const empty = bytesHeld();
  for (const count of QUEUED) {
    waiting.push(count - waiting.count);
    memory!.push(Math.max(0, bytesHeld() - empty) / MEBIBYTE);
    const before = await ownCpu();
    waiting.push(ACCEPTED);
    time!.push(((await ownCpu()) - before) / ACCEPTED);
    tell(`${count} queued: ${figure(time!.at(-1)!)} µs for one more`);
  }
  await waiting.stop();
  return {
    title: "Queue in memory: pushes that wait for a connection",
    x: QUEUED.map(figure),
    series: [
      { name: "CPU for one more", unit: "µs", values: time! },
      { name: "memory", unit: "MiB", values: memory! },
    ],
  };
};

const store: Measure = async (_agent, keep, tell) => {
  const [rates, seconds, memory]: number[][] = [[], [], []];
  const stored = keep(await openEmptyStore());
  const empty = bytesHeld();
  for (const count of STORED) {
    await fillTo(stored, count);
    await stored.close();
    const start = performance.now();
    await stored.open();
    seconds!.push((performance.now() - start) / 1000);
    memory!.push(Math.max(0, bytesHeld() - empty) / MEBIBYTE);
    const accepting = performance.now();
    await fillTo(stored, count + ACCEPTED);
    rates!.push(ACCEPTED / ((performance.now() - accepting) / 1000));
    tell(`${count} stored: opens in ${figure(seconds!.at(-1)!)} s`);
  }
  return {
    title: "Store on disk: pushes that wait",
    x: STORED.map(figure),
    series: [
      { name: "accepted a second, 256 at a time", unit: "pushes", values: rates! },
      { name: "to open", unit: "s", values: seconds! },
      { name: "memory", unit: "MiB", values: memory! },
    ],
  };
};

/** For so long, five times a second. */
async function during(milliseconds: number, work: () => Promise<unknown>): Promise<void> {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) await Promise.all([work(), pause(200)]);
}

/** The numbers of each point: the median of its rounds. */
async function inTurns<T>(
  points: readonly T[],
  measure: (point: T) => Promise<readonly number[]>,
): Promise<number[][]> {
  const rounds: (readonly number[])[][] = points.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [index, point] of points.entries()) rounds[index]!.push(await measure(point));
  return rounds.map((all) => all[0]!.map((_, number) => median(all.map((numbers) => numbers[number]!))));
}

function markdownOf({ title, x, series }: Curve): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line([title, ...x]),
    line(["---", ...x.map(() => "---:")]),
    ...series.map(({ name, unit, values }) => line([`${name}, ${unit}`, ...values.map(figure)])),
  ].join("\n");
}
