/**
 * What the product costs, beside the least that could do the same. Rates mean something only beside each other, in one
 * run, on one machine: that is why nothing fails here, however slow it is.
 * `--quick`: one short round, in under a minute; `--json FILE`: the table and the targets; `--curves`: nothing but the
 * curves of docs/performance.md; `--only NAME`, several times: nothing but these of the contestants below (`push64`);
 * `--profile NAME`: the same with a CPU profile of each.
 */
import { writeFile } from "node:fs/promises";
import { cpus, loadavg } from "node:os";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { BenchAgent } from "./agent";
import { manyAgents } from "./agents";
import { atRest } from "./at-rest";
import { drawCurves } from "./curves";
import type { Way } from "./flows";
import { lonePushes } from "./lone";
import { ownCpu, race, type Contestant, type Cost } from "./measure";
import { BenchNodeRed } from "./node-red";
import { withParts, type Keep } from "./parts";
import { profile, type Profiler } from "./profile";
import * as ownProfiler from "./profiler.cjs";
import { SENSOR_IDS, startBareLoop, startClient } from "./pushes";
import { replay } from "./replay";
import { MANY_SENSORS, scale } from "./scale";
import { acceptInMemory, acceptOnDisk, makeFullStore } from "./store";
import { tableAgainstCore } from "./table";
import { inWords, judge, rounded, type Bound, type Target } from "./targets";

/** A new client looks at live data for a while before it trusts answers alone; what comes then is the rule. */
const TRUST_MS = 15_000;
const LIVE_DATA_A_SECOND = 10_000;
const WHOLE = { rounds: 5, part: 1, pending: 100_000, lonePushes: 100 };
const QUICK = { rounds: 1, part: 1 / 4, pending: 20_000, lonePushes: 30 };
type Size = typeof WHOLE;

type Contestants = Awaited<ReturnType<typeof start>>;
type Name = keyof ReturnType<typeof contestants>;

/** Ours, what it is compared with, and what the ratio is to be. */
interface Row {
  what: string;
  ours: Name;
  than: string;
  other: Name;
  rate?: Bound;
  cpu?: Bound;
}

const [FEW, PUSH] = ["client, 64 sensors, 64 in flight", "push node, 64 in flight"];
const ROWS: readonly Row[] = [
  row(FEW, "client64", "bare mqtt.js loop", "bare64", { atLeast: 1 }, { atMost: 0.8 }),
  row("client, 1 sensor, 1 in flight", "clientOne", "bare mqtt.js loop", "bareOne", { atLeast: 0.95 }),
  row("client, 1 sensor, echo learned", "clientEcho", "client, 1 in flight", "clientOne", { atLeast: 4 }),
  row(
    "client, 10,000 sensors, 1 in flight",
    "clientMany",
    "1 sensor",
    "clientOne",
    { atLeast: 0.9 },
    { atMost: 1.1 },
  ),
  row(PUSH, "push64", "our client in a node that does nothing", "bareClient64", { atLeast: 0.8 }),
  row(PUSH, "push64", "core nodes, 64, QoS 0", "core64", { atLeast: 2.5 }, { atMost: 0.4 }),
  row("push node, 1 in flight", "pushOne", "core nodes, 1, QoS 0", "coreOne"),
  row(PUSH, "push64", "core nodes, 1, QoS 1", "coreOneQos1", { atLeast: 400 }),
  row(PUSH, "push64", "exec, mosquitto_pub", "exec", { atLeast: 800 }, { atMost: 0.004 }),
  row("push node, 20,000 at once", "pushBurst", "mqtt out, unconfirmed", "coreBurst", { atLeast: 4 }),
  row("livedata node, a message each", "liveData", "mqtt in", "coreLiveData", undefined, { atMost: 0.85 }),
  row("livedata node, arrays", "liveDataArray", "mqtt in", "coreLiveData", undefined, { atMost: 0.5 }),
  row("store and forward, 256 at a time", "disk", "memory queue", "memory", { atLeast: 0.35 }),
];

function row(what: string, ours: Name, than: string, other: Name, rate?: Bound, cpu?: Bound): Row {
  return { what, ours, than, other, ...(rate && { rate }), ...(cpu && { cpu }) };
}

async function main(): Promise<void> {
  const { values: options } = parseArgs({
    options: {
      quick: { type: "boolean" },
      json: { type: "string" },
      curves: { type: "boolean" },
      only: { type: "string", multiple: true },
      profile: { type: "string", multiple: true },
    },
  });
  tell(`Node.js ${process.version}, load ${load()}`);
  if (options.curves) return withParts((keep) => drawCurves(keep, tell));
  const size = options.quick ? QUICK : WHOLE;
  const chosen = options.profile ?? options.only;
  if (chosen !== undefined) return some(chosen, size, options.profile !== undefined);
  await withParts(async (keep) => {
    const started = await start(keep, size);
    await gainTrust(started);
    const costs = await race(contestants(started), size.rounds, size.part, tell);
    const table = tableOf(costs);
    console.table(table);
    const targets = [...targetsOf(costs, size), await lone(started, size)];
    if (!options.quick) {
      tell("many sensors …");
      targets.push(...(await scale(started.agent)));
      tell("a table …");
      targets.push(await tableAgainstCore(started.agent));
      tell("after an outage …");
      targets.push(...(await replay()));
      tell("many agents …");
      targets.push(...(await manyAgents(started.agent)));
      tell("at rest …");
      targets.push(...(await rest(started.agent)));
    }
    console.table(targets);
    console.log(`Medians of ${size.rounds} rounds, in which all take turns; load ${load()} at the end.`);
    if (options.json !== undefined) await writeReport(options.json, size, table, targets);
  });
}

/** Some of the contestants alone: beside each other, or each with a profile. */
async function some(names: readonly string[], size: Size, isProfiled: boolean): Promise<void> {
  await withParts(async (keep) => {
    const started = await start(keep, size);
    const all: Record<string, Contestant & { profiler?: Profiler }> = contestants(started);
    const unknown = names.find((name) => !(name in all));
    if (unknown !== undefined) throw new Error(`${unknown}: there are ${Object.keys(all).join(", ")}`);
    const chosen = Object.fromEntries(names.map((name) => [name, all[name]!]));
    await gainTrust(started);
    if (!isProfiled) return console.table(await race(chosen, size.rounds, size.part, tell));
    for (const [name, { profiler = ownProfiler, ...contestant }] of Object.entries(chosen)) {
      console.log(name);
      const { functions, owners } = await profile(name, contestant, profiler);
      console.table(functions);
      console.table([owners]);
    }
  });
}

async function start(keep: Keep, { pending }: Size) {
  tell("starting …");
  const store = keep(await makeFullStore(pending));
  const agent = keep(await BenchAgent.start());
  const live = {
    liveData: await agent.client(),
    liveDataArray: await agent.client(),
    coreLiveData: await agent.client(),
  };
  return {
    store,
    agent,
    live,
    bare: keep(await startBareLoop(await agent.client())),
    many: keep(startClient(await agent.client())),
    one: keep(startClient(await agent.client())),
    manySensors: keep(startClient(await agent.client())),
    echo: keep(startClient(await agent.clientWithLiveData())),
    nodeRed: keep(
      await BenchNodeRed.start({
        push: await agent.client(),
        pushLive: await agent.clientWithLiveData(),
        bareClient: await agent.client(),
        core: await agent.client(),
        coreQos1: await agent.client(),
        coreUnconfirmed: await agent.client(),
        exec: await agent.client(),
        ...live,
      }),
    ),
  };
}

async function gainTrust({ many, one, manySensors, echo, nodeRed }: Contestants): Promise<void> {
  tell("gaining trust …");
  await manySensors.inTurn(MANY_SENSORS, MANY_SENSORS, 64);
  const end = performance.now() + TRUST_MS;
  while (performance.now() < end) {
    const pushes = [
      many.toEach(64, 64),
      one.toEach(64, 1),
      manySensors.inTurn(64, 64, 1),
      echo.toOne(64, 64),
    ];
    const inNodeRed = [
      nodeRed.push("push", 64, 64),
      nodeRed.push("pushLive", 64, 64),
      nodeRed.push("bareClient", 64, 64),
    ];
    await Promise.all([...pushes, ...inNodeRed, pause(200)]);
  }
}

function contestants({ bare, many, one, manySensors, echo, nodeRed, store, agent, live }: Contestants) {
  const here = (count: number, run: Contestant["run"]) => ({ count, run, cpu: ownCpu });
  const { profiler } = nodeRed;
  const inNodeRed = (count: number, run: Contestant["run"]) => ({
    count,
    run,
    cpu: () => nodeRed.cpu(),
    profiler,
  });
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
    clientMany: here(2000, (count) => manySensors.inTurn(count, MANY_SENSORS, 1)),
    clientEcho: here(10_000, (count) => echo.toOne(count, 256)),
    push64: pushing("push", 10_000, 64),
    bareClient64: pushing("bareClient", 10_000, 64),
    core64: pushing("core", 10_000, 64),
    pushOne: pushing("push", 1000, 1),
    coreOne: pushing("core", 1000, 1),
    coreOneQos1: pushing("coreQos1", 20, 1),
    exec: pushing("exec", 10, 1),
    pushBurst: inNodeRed(20_000, (count) => nodeRed.burst("pushLive", count)),
    coreBurst: inNodeRed(20_000, (count) => nodeRed.burst("coreUnconfirmed", count)),
    liveData: receiving("liveData"),
    liveDataArray: receiving("liveDataArray"),
    coreLiveData: receiving("coreLiveData"),
    memory: here(20_000, acceptInMemory),
    disk: here(20_000, acceptOnDisk),
    reopen: here(1, store.open),
  };
}

function tableOf(costs: Record<Name, Cost>) {
  return ROWS.map(({ what, ours, than, other, rate = {}, cpu = {} }) => ({
    what,
    "a second": Math.round(costs[ours].rate),
    "CPU µs": Number(costs[ours].cpu.toFixed(1)),
    beside: than,
    "a second ": Math.round(costs[other].rate),
    "CPU µs ": Number(costs[other].cpu.toFixed(1)),
    ratio: rounded(costs[ours].rate / costs[other].rate),
    target: inWords(rate),
    "of CPU": rounded(costs[ours].cpu / costs[other].cpu),
    "target ": inWords(cpu),
  }));
}

function targetsOf(costs: Record<Name, Cost>, { pending }: Size): Target[] {
  const ratios = ROWS.flatMap(({ what, ours, than, other, rate, cpu }) => {
    const name = `${what}, against ${than}`;
    return [
      rate && judge(`${name}: rate`, costs[ours].rate / costs[other].rate, rate),
      cpu && judge(`${name}: CPU`, costs[ours].cpu / costs[other].cpu, cpu),
    ];
  });
  const opening = judge(`a store with ${pending} pending pushes: s to open`, 1 / costs.reopen.rate, {
    atMost: 1.5,
  });
  return [...ratios.filter((target) => target !== undefined), opening];
}

/** Of a hundred lone pushes the slowest but one, against that of a bare loop. */
async function lone({ bare, one }: Contestants, size: Size): Promise<Target> {
  tell("lone pushes …");
  const { ours, other } = await lonePushes(
    { ours: () => one.toEach(1, 1), other: () => bare.toEach(1, 1) },
    size.lonePushes,
  );
  return judge("p99 of a lone push, against a bare loop", ours.most / other.most, { atMost: 1.1 });
}

async function rest(agent: BenchAgent): Promise<Target[]> {
  const { start, memory } = await atRest(await agent.client());
  return [
    judge("added to Node-RED's start, ms", start, { atMost: 100 }),
    judge("added to Node-RED's memory at rest, MiB", memory / 1024 / 1024, { atMost: 13 }),
  ];
}

async function writeReport(file: string, size: Size, rows: object[], targets: Target[]): Promise<void> {
  const machine = {
    node: process.version,
    cores: cpus().length,
    load: load(),
    date: new Date().toISOString(),
  };
  await writeFile(file, `${JSON.stringify({ ...machine, rounds: size.rounds, rows, targets }, null, 2)}\n`);
}

/** Progress: the table alone goes to the standard output. */
function tell(line: string): void {
  console.error(line);
}

function load(): string {
  return loadavg()[0]?.toFixed(1) ?? "";
}

void main();
