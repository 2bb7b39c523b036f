/**
 * What the product costs, beside the least that could do the same. Rates mean something only beside each other, in one
 * run, on one machine: that is why nothing fails here, however slow it is.
 */
import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { BenchAgent } from "./agent";
import { race } from "./measure";
import { NodeRedPushers } from "./node-red";
import { startBareLoop, startClient } from "./pushes";
import { acceptInMemory, acceptOnDisk, makeFullStore } from "./store";

const ROUNDS = 5;
/** A new client looks at live data for a while before it trusts answers alone; what comes then is the rule. */
const TRUST_MS = 15_000;
const PENDING = 100_000;

type Runner = Awaited<ReturnType<typeof start>>;
type Rates = Awaited<ReturnType<typeof measure>>;

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
  return race(
    {
      bare64: { count: 20_000, run: (count) => bare.toEach(count, 64) },
      client64: { count: 20_000, run: (count) => many.toEach(count, 64) },
      bareOne: { count: 2000, run: (count) => bare.toEach(count, 1) },
      clientOne: { count: 2000, run: (count) => one.toEach(count, 1) },
      clientEcho: { count: 10_000, run: (count) => echo.toOne(count, 256) },
      node64: { count: 10_000, run: (count) => nodeRed.push("product", count, 64) },
      core64: { count: 10_000, run: (count) => nodeRed.push("coreQos0", count, 64) },
      nodeOne: { count: 1000, run: (count) => nodeRed.push("product", count, 1) },
      coreOne: { count: 1000, run: (count) => nodeRed.push("coreQos0", count, 1) },
      coreOneQos1: { count: 20, run: (count) => nodeRed.push("coreQos1", count, 1) },
      memory: { count: 20_000, run: acceptInMemory },
      disk: { count: 20_000, run: acceptOnDisk },
      reopen: { count: 1, run: store.open },
    },
    ROUNDS,
  );
}

function show(rates: Rates): void {
  const row = (what: string, ours: keyof Rates, than: string, other: keyof Rates, target: string) => ({
    what,
    "a second": Math.round(rates[ours]),
    beside: than,
    "a second ": Math.round(rates[other]),
    ratio: Number((rates[ours] / rates[other]).toPrecision(2)),
    target,
  });
  console.table([
    row("client, 64 sensors, 64 in flight", "client64", "bare mqtt.js loop", "bare64", "≥ 0.75"),
    row("client, 1 sensor, 1 in flight", "clientOne", "bare mqtt.js loop", "bareOne", "≥ 0.6"),
    row("client, 1 sensor, echo learned", "clientEcho", "client, 1 in flight", "clientOne", "≥ 4"),
    row("push node, 64 in flight", "node64", "core nodes, 64, QoS 0", "core64", "≥ 2.5"),
    row("push node, 1 in flight", "nodeOne", "core nodes, 1, QoS 0", "coreOne", "–"),
    row("push node, 64 in flight", "node64", "core nodes, 1, QoS 1", "coreOneQos1", "≥ 400"),
    row("store and forward, accepted", "disk", "memory queue", "memory", "≥ 0.3"),
  ]);
  const seconds = (1 / rates.reopen).toFixed(2);
  console.log(`A store with ${PENDING} pending pushes opens in ${seconds} s; target ≤ 2 s.`);
  console.log(`Medians of ${ROUNDS} rounds, in which all take turns; load ${load()} at the end.`);
}

function load(): string {
  return loadavg()[0]?.toFixed(1) ?? "";
}

void main();
