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
const RATES = [10, 100, 1000, 3000, 10_000];
const SENSORS = [1, 10, 100, 1000, 10_000];
const QUEUED = [0, 1000, 10_000, 50_000, 100_000];
const STORED = [0, 10_000, 100_000, 300_000, 1_000_000];
/** Seconds of each rate, and the pushes that each other point is measured with. */
const SECONDS = 3;
const PUSHES = 3000;
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
  const end = performance.now() + TRUST_MS;
  while (performance.now() < end) await Promise.all([nodeRed.push("push", 64, 64), pause(200)]);
  const [medians, most, cpu]: number[][] = [[], [], []];
  for (const perSecond of RATES) {
    const count = perSecond * SECONDS;
    await nodeRed.paced("push", Math.ceil(count / 3), perSecond);
    const before = await nodeRed.cpu();
    const taken = await nodeRed.paced("push", count, perSecond);
    cpu!.push(((await nodeRed.cpu()) - before) / count);
    taken.sort((a, b) => a - b);
    medians!.push(median(taken));
    most!.push(taken[Math.floor(taken.length * 0.99)] ?? NaN);
    tell(`${perSecond} pushes a second: p50 ${figure(median(taken))} ms`);
  }
  return {
    title: "Push node: pushes a second, 64 sensors",
    x: RATES.map(figure),
    series: [
      { name: "from the message to the answer, median", unit: "ms", values: medians! },
      { name: "the same, 99 of 100 are faster", unit: "ms", values: most! },
      { name: "CPU of Node-RED a push", unit: "µs", values: cpu! },
    ],
  };
};

const sensors: Measure = async (agent, keep, tell) => {
  const [time, cpu, memory]: number[][] = [[], [], []];
  for (const count of SENSORS) {
    const pusher = keep(startClient(await agent.client()));
    await pusher.inTurn(1000, 1, 1);
    const empty = bytesHeld();
    const end = performance.now() + TRUST_MS;
    await pusher.inTurn(count, count, Math.min(count, 64));
    memory!.push((bytesHeld() - empty) / 1024);
    while (performance.now() < end) await Promise.all([pusher.inTurn(8, count, 1), pause(200)]);
    const [start, before] = [performance.now(), await ownCpu()];
    await pusher.inTurn(PUSHES, count, 1);
    time!.push(((performance.now() - start) / PUSHES) * 1000);
    cpu!.push(((await ownCpu()) - before) / PUSHES);
    tell(`${count} sensors: ${figure(time!.at(-1)!)} µs a push`);
    await pusher.stop();
  }
  return {
    title: "Client: number of sensors, one push in flight",
    x: SENSORS.map(figure),
    series: [
      { name: "time a push", unit: "µs", values: time! },
      { name: "CPU a push", unit: "µs", values: cpu! },
      { name: "memory of all sensors", unit: "KiB", values: memory! },
    ],
  };
};

const queue: Measure = async (_agent, _keep, tell) => {
  const [time, memory]: number[][] = [[], []];
  const waiting = waitInMemory();
  const empty = bytesHeld();
  for (const count of QUEUED) {
    waiting.push(count - waiting.count);
    memory!.push((bytesHeld() - empty) / 1024 / 1024);
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
    memory!.push((bytesHeld() - empty) / 1024 / 1024);
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

function markdownOf({ title, x, series }: Curve): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line([title, ...x]),
    line(["---", ...x.map(() => "---:")]),
    ...series.map(({ name, unit, values }) => line([`${name}, ${unit}`, ...values.map(figure)])),
  ].join("\n");
}
