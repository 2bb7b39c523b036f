/**
 * What the product costs, beside the least that could do the same. Rates mean something only beside each other, in one
 * run, on one machine: that is why nothing fails here, however slow it is.
 */
import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { BenchAgent } from "./agent";
import { ownCpu, race, type Contestant } from "./measure";
import { NodeRedPushers, type Way } from "./node-red";
import { startBareLoop, startClient } from "./pushes";
import { acceptInMemory, acceptOnDisk, makeFullStore } from "./store";

const ROUNDS = 5;
/** A new client looks at live data for a while before it trusts answers alone; what comes then is the rule. */
const TRUST_MS = 15_000;
const PENDING = 100_000;

type Runner = Awaited<ReturnType<typeof start>>;
type Costs = Awaited<ReturnType<typeof measure>>;

async function main(): Promise<void> {
  console.log(`Node.js ${process.version}, load ${load()}; this takes two minutes or so …`);
  const running: { stop(): Promise<unknown> }[] = [];
  try {
    const runner = await start((started) => {
      running.unshift(started);
      return started;
    });
    await gainTrust(runner);
    show(await measure(runner));
  } finally {
    for (const started of running) await started.stop();
  }
}

async function start(keep: <T extends { stop(): Promise<unknown> }>(started: T) => T) {
  const store = keep(await makeFullStore(PENDING));
  const agent = keep(await BenchAgent.start());
  return {
    store,
    bare: keep(await startBareLoop(await agent.client())),
    many: keep(startClient(await agent.client())),
    one: keep(startClient(await agent.client())),
    echo: keep(startClient(await agent.clientWithLiveData())),
    nodeRed: keep(
      await NodeRedPushers.start({
        product: await agent.client(),
        coreQos0: await agent.client(),
        coreQos1: await agent.client(),
      }),
    ),
  };
}

async function gainTrust({ many, one, echo, nodeRed }: Runner): Promise<void> {
  const end = performance.now() + TRUST_MS;
  while (performance.now() < end) {
    const pushes = [many.toEach(64, 64), one.toEach(64, 1), echo.toOne(64, 64)];
    await Promise.all([...pushes, nodeRed.push("product", 64, 64), pause(200)]);
  }
}

function measure({ bare, many, one, echo, nodeRed, store }: Runner) {
  const here = (count: number, run: Contestant["run"]) => ({ count, run, cpu: ownCpu });
  const inNodeRed = (way: Way, count: number, sensors: number) => ({
    count,
    run: (count: number) => nodeRed.push(way, count, sensors),
    cpu: () => nodeRed.cpu(),
  });
  return race(
    {
      bare64: here(20_000, (count) => bare.toEach(count, 64)),
      client64: here(20_000, (count) => many.toEach(count, 64)),
      bareOne: here(2000, (count) => bare.toEach(count, 1)),
      clientOne: here(2000, (count) => one.toEach(count, 1)),
      clientEcho: here(10_000, (count) => echo.toOne(count, 256)),
      node64: inNodeRed("product", 10_000, 64),
      core64: inNodeRed("coreQos0", 10_000, 64),
      nodeOne: inNodeRed("product", 1000, 1),
      coreOne: inNodeRed("coreQos0", 1000, 1),
      coreOneQos1: inNodeRed("coreQos1", 20, 1),
      memory: here(20_000, acceptInMemory),
      disk: here(20_000, acceptOnDisk),
      reopen: here(1, store.open),
    },
    ROUNDS,
  );
}

function show(costs: Costs): void {
  const ratio = (a: number, b: number) => Number((a / b).toPrecision(2));
  const row = (what: string, ours: keyof Costs, than: string, other: keyof Costs, target: string) => ({
    what,
    "a second": Math.round(costs[ours].rate),
    "CPU µs": Math.round(costs[ours].cpu),
    beside: than,
    "a second ": Math.round(costs[other].rate),
    "CPU µs ": Math.round(costs[other].cpu),
    ratio: ratio(costs[ours].rate, costs[other].rate),
    "of CPU": ratio(costs[ours].cpu, costs[other].cpu),
    target,
  });
  console.table([
    row("client, 64 sensors, 64 in flight", "client64", "bare mqtt.js loop", "bare64", "≥ 0.75"),
    row("client, 1 sensor, 1 in flight", "clientOne", "bare mqtt.js loop", "bareOne", "≥ 0.6"),
    row("client, 1 sensor, echo learned", "clientEcho", "client, 1 in flight", "clientOne", "≥ 4"),
    row("push node, 64 in flight", "node64", "core nodes, 64, QoS 0", "core64", "≥ 2.5; CPU ≤ 0.4"),
    row("push node, 1 in flight", "nodeOne", "core nodes, 1, QoS 0", "coreOne", "–"),
    row("push node, 64 in flight", "node64", "core nodes, 1, QoS 1", "coreOneQos1", "≥ 400"),
    row("store and forward, accepted", "disk", "memory queue", "memory", "≥ 0.3"),
  ]);
  const seconds = (1 / costs.reopen.rate).toFixed(2);
  console.log(`A store with ${PENDING} pending pushes opens in ${seconds} s; target ≤ 2 s.`);
  console.log(`Medians of ${ROUNDS} rounds, in which all take turns; load ${load()} at the end.`);
}

function load(): string {
  return loadavg()[0]?.toFixed(1) ?? "";
}

void main();
