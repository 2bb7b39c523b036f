/**
 * What the product costs, beside the least that could do the same. Rates mean something only beside each other, in one
 * run, on one machine: that is why nothing fails here, however slow it is.
 */
import { loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { BenchAgent } from "./agent";
import { atRest, type Additions } from "./at-rest";
import type { Way } from "./flows";
import { lonePushes, type Durations } from "./lone";
import { ownCpu, race, type Contestant, type Cost } from "./measure";
import { BenchNodeRed } from "./node-red";
import { SENSOR_IDS, startBareLoop, startClient } from "./pushes";
import { acceptInMemory, acceptOnDisk, makeFullStore } from "./store";

const ROUNDS = 5;
/** A new client looks at live data for a while before it trusts answers alone; what comes then is the rule. */
const TRUST_MS = 15_000;
const PENDING = 100_000;
const LONE_PUSHES = 100;
const LIVE_DATA_A_SECOND = 10_000;

type Contestants = Awaited<ReturnType<typeof start>>;
type Name = keyof ReturnType<typeof contestants>;

/** Ours, what it is compared with, and what the ratio is to be. */
const ROWS: readonly (readonly [what: string, ours: Name, than: string, other: Name, target: string])[] = [
  ["client, 64 sensors, 64 in flight", "client64", "bare mqtt.js loop", "bare64", "≥ 0.75"],
  ["client, 1 sensor, 1 in flight", "clientOne", "bare mqtt.js loop", "bareOne", "≥ 0.6"],
  ["client, 1 sensor, echo learned", "clientEcho", "client, 1 in flight", "clientOne", "≥ 4"],
  ["push node, 64 in flight", "push64", "core nodes, 64, QoS 0", "core64", "≥ 2.5; CPU ≤ 0.4"],
  ["push node, 1 in flight", "pushOne", "core nodes, 1, QoS 0", "coreOne", "–"],
  ["push node, 64 in flight", "push64", "core nodes, 1, QoS 1", "coreOneQos1", "≥ 400"],
  ["push node, 64 in flight", "push64", "exec, mosquitto_pub", "exec", "≥ 800; CPU ≤ 0.004"],
  ["push node, 20,000 at once", "pushBurst", "mqtt out, unconfirmed", "coreBurst", "≥ 4"],
  ["livedata node", "liveData", "mqtt in", "coreLiveData", "CPU ≤ 0.85"],
  ["store and forward, 256 at a time", "disk", "memory queue", "memory", "≥ 0.3"],
];

async function main(): Promise<void> {
  console.log(`Node.js ${process.version}, load ${load()}; this takes three minutes or so …`);
  const running: { stop(): Promise<unknown> }[] = [];
  try {
    const started = await start((part) => {
      running.unshift(part);
      return part;
    });
    await gainTrust(started);
    showRace(await race(contestants(started), ROUNDS));
    const { bare, one } = started;
    showLone(await lonePushes({ ours: () => one.toEach(1, 1), bare: () => bare.toEach(1, 1) }, LONE_PUSHES));
    showAtRest(await atRest(await started.agent.client()));
  } finally {
    for (const part of running) await part.stop();
  }
  console.log(`Medians of ${ROUNDS} rounds, in which all take turns; load ${load()} at the end.`);
}

async function start(keep: <T extends { stop(): Promise<unknown> }>(part: T) => T) {
  const store = keep(await makeFullStore(PENDING));
  const agent = keep(await BenchAgent.start());
  const live = { liveData: await agent.client(), coreLiveData: await agent.client() };
  return {
    store,
    agent,
    live,
    bare: keep(await startBareLoop(await agent.client())),
    many: keep(startClient(await agent.client())),
    one: keep(startClient(await agent.client())),
    echo: keep(startClient(await agent.clientWithLiveData())),
    nodeRed: keep(
      await BenchNodeRed.start({
        push: await agent.client(),
        pushLive: await agent.clientWithLiveData(),
        core: await agent.client(),
        coreQos1: await agent.client(),
        coreUnconfirmed: await agent.client(),
        exec: await agent.client(),
        ...live,
      }),
    ),
  };
}

async function gainTrust({ many, one, echo, nodeRed }: Contestants): Promise<void> {
  const end = performance.now() + TRUST_MS;
  while (performance.now() < end) {
    const pushes = [many.toEach(64, 64), one.toEach(64, 1), echo.toOne(64, 64)];
    const inNodeRed = [nodeRed.push("push", 64, 64), nodeRed.push("pushLive", 64, 64)];
    await Promise.all([...pushes, ...inNodeRed, pause(200)]);
  }
}

function contestants({ bare, many, one, echo, nodeRed, store, agent, live }: Contestants) {
  const here = (count: number, run: Contestant["run"]) => ({ count, run, cpu: ownCpu });
  const inNodeRed = (count: number, run: Contestant["run"]) => ({ count, run, cpu: () => nodeRed.cpu() });
  const pushing = (way: Way, count: number, sensors: number) =>
    inNodeRed(count, (count) => nodeRed.push(way, count, sensors));
  const receiving = (way: keyof typeof live) =>
    inNodeRed(LIVE_DATA_A_SECOND / 2, (count) =>
      nodeRed.receive(way, count, () =>
        agent.sendLiveData(live[way], SENSOR_IDS[0] ?? "", count, LIVE_DATA_A_SECOND),
      ),
    );
  return {
    bare64: here(20_000, (count) => bare.toEach(count, 64)),
    client64: here(20_000, (count) => many.toEach(count, 64)),
    bareOne: here(2000, (count) => bare.toEach(count, 1)),
    clientOne: here(2000, (count) => one.toEach(count, 1)),
    clientEcho: here(10_000, (count) => echo.toOne(count, 256)),
    push64: pushing("push", 10_000, 64),
    core64: pushing("core", 10_000, 64),
    pushOne: pushing("push", 1000, 1),
    coreOne: pushing("core", 1000, 1),
    coreOneQos1: pushing("coreQos1", 20, 1),
    exec: pushing("exec", 10, 1),
    pushBurst: inNodeRed(20_000, (count) => nodeRed.burst("pushLive", count)),
    coreBurst: inNodeRed(20_000, (count) => nodeRed.burst("coreUnconfirmed", count)),
    liveData: receiving("liveData"),
    coreLiveData: receiving("coreLiveData"),
    memory: here(20_000, acceptInMemory),
    disk: here(20_000, acceptOnDisk),
    reopen: here(1, store.open),
  };
}

function showRace(costs: Record<Name, Cost>): void {
  const ratio = (a: number, b: number) => Number((a / b).toPrecision(2));
  console.table(
    ROWS.map(([what, ours, than, other, target]) => ({
      what,
      "a second": Math.round(costs[ours].rate),
      "CPU µs": Math.round(costs[ours].cpu),
      beside: than,
      "a second ": Math.round(costs[other].rate),
      "CPU µs ": Math.round(costs[other].cpu),
      ratio: ratio(costs[ours].rate, costs[other].rate),
      "of CPU": ratio(costs[ours].cpu, costs[other].cpu),
      target,
    })),
  );
  const seconds = (1 / costs.reopen.rate).toFixed(2);
  console.log(`A store with ${PENDING} pending pushes opens in ${seconds} s; target ≤ 2 s.`);
}

function showLone({ ours, bare }: Record<"ours" | "bare", Durations>): void {
  const inWords = ({ median, most }: Durations) => `${median.toFixed(2)} ms, of 99 % ${most.toFixed(2)} ms`;
  const ratio = (ours.most / bare.most).toFixed(2);
  console.log(`A lone push takes ${inWords(ours)}; in a bare loop ${inWords(bare)}: ${ratio}; target ≤ 1.5.`);
}

function showAtRest({ start, memory }: Additions): void {
  const mebibytes = (memory / 1024 / 1024).toFixed(1);
  console.log(
    `The package adds ${Math.round(start)} ms to Node-RED's start (target ≤ 150) and ${mebibytes} MiB at rest (≤ 15).`,
  );
}

function load(): string {
  return loadavg()[0]?.toFixed(1) ?? "";
}

void main();
