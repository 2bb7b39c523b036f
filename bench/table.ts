/**
 * What a table of 100 rows with a dead-band each costs, beside the same made of core nodes: split, change, rbe, join, a
 * function, mqtt out, and mqtt in for the answer. Both get the same registers ten times a second; what each costs when
 * it has none, connection and all, is taken off.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { BenchAgent, BenchClient } from "./agent";
import { FLOWS } from "./flows";
import { median } from "./measure";
import { BenchNodeRed } from "./node-red";
import { judge, type Target } from "./targets";

const ROWS = 100;
const A_SECOND = 10;
const ROUNDS = 5;
const ROUND_MS = 4000;
const SETTLE_MS = 5000;

type Nodes = object[];
type Way = "table" | "core";

/** Registers that walk about: one in ten leaves its dead-band. */
const REGISTERS = `
  const walk = context.get("walk") || Array.from({ length: ${ROWS} }, (_, i) => 500 + i);
  for (let i = 0; i < ${ROWS}; i++) walk[i] += Math.floor(Math.random() * 5) - 2;
  context.set("walk", walk);
  return { payload: walk.slice() };`;

const BODIES: Record<Way, (client: BenchClient) => Nodes> = {
  table: (client) => [
    at("next", {
      type: "teamviewer-iot-push",
      agent: "push.agent",
      tableType: "rows",
      rows: [
        "source,sensorId,metricId,scale,report",
        ...Array.from({ length: ROWS }, (_, index) => `[${index}],line,r${index},0.1,0.5`),
      ],
    }),
    ...FLOWS.push("push", client).filter(isOf("teamviewer-iot-agent")),
  ],
  core: (client) => [
    at("next", { type: "split", arraySplt: 1, arraySpltType: "len" }, ["scale"]),
    at(
      "scale",
      {
        type: "change",
        rules: [
          { t: "set", p: "topic", pt: "msg", to: '"r" & parts.index', tot: "jsonata" },
          { t: "set", p: "payload", pt: "msg", to: "payload * 0.1", tot: "jsonata" },
          { t: "delete", p: "parts", pt: "msg" },
        ],
      },
      ["rbe"],
    ),
    at(
      "rbe",
      {
        type: "rbe",
        func: "deadband",
        gap: "0.5",
        inout: "out",
        septopics: true,
        property: "payload",
        topi: "topic",
      },
      ["join"],
    ),
    at(
      "join",
      {
        ...{ type: "join", mode: "custom", build: "object", property: "payload", propertyType: "msg" },
        ...{ key: "topic", joiner: "\\n", joinerType: "str", accumulate: false, timeout: "0.05", count: "" },
      },
      ["write"],
    ),
    at("write", { type: "function", outputs: 1, libs: [], func: written(client) }, ["out"]),
    at("out", { type: "mqtt out", topic: "", qos: "0", broker: "core.broker" }),
    ...FLOWS.core("core", client)
      .filter(isOf("mqtt in"))
      .map((node) => ({ ...node, z: "tab", wires: [[]] })),
    ...FLOWS.core("core", client).filter(isOf("mqtt-broker", "tls-config")),
  ],
};

/** The configuration nodes are those of the other rows. */
function isOf(...types: string[]): (node: object) => boolean {
  return (node) => types.includes((node as { type: string }).type);
}

function written({ clientId }: BenchClient): string {
  return `
    const metrics = Object.entries(msg.payload).map(([metricId, value]) => ({ value, metricId }));
    return {
      topic: "/v1.0/${clientId}/sensor/line/metric/pushValues",
      payload: JSON.stringify({ metrics, timestamp: Date.now() }),
    };`;
}

function at(id: string, properties: object, to: string[] = []): object {
  return { id, z: "tab", x: 100, y: 100, ...properties, wires: [to] };
}

/** Idle: the registers go nowhere. */
function flow(body: Nodes, isIdle: boolean): Nodes {
  const to = isIdle ? [] : ["next"];
  return [
    { id: "tab", type: "tab", label: "tab" },
    at("tick", { type: "inject", repeat: String(1 / A_SECOND), props: [] }, ["registers"]),
    at("registers", { type: "function", outputs: 1, libs: [], func: REGISTERS }, to),
    ...body,
  ];
}

export async function tableAgainstCore(agent: BenchAgent): Promise<Target> {
  const running: BenchNodeRed[] = [];
  /** Of each of them, in each round. */
  const used: number[][] = [];
  try {
    for (const way of ["table", "core"] as const)
      for (const isIdle of [false, true])
        running.push(await BenchNodeRed.startFlow(flow(BODIES[way](await agent.client()), isIdle)));
    await pause(SETTLE_MS);
    for (let round = 0; round < ROUNDS; round++) {
      const before = await cpuOf(running);
      await pause(ROUND_MS);
      const after = await cpuOf(running);
      used.push(after.map((cpu, index) => cpu - before[index]!));
    }
  } finally {
    for (const nodeRed of running) await nodeRed.stop();
  }
  const each = (index: number): number => median(used.map((round) => round[index]!));
  const name = `table of ${ROWS} rows with dead-band, against core nodes: CPU`;
  return judge(name, (each(0) - each(1)) / (each(2) - each(3)), { atMost: 0.25 });
}

/** Microseconds each has used so far. */
function cpuOf(all: readonly BenchNodeRed[]): Promise<number[]> {
  return Promise.all(all.map((nodeRed) => nodeRed.cpu()));
}
