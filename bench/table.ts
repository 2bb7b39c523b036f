/**
 * What a table of 100 rows with a dead-band each costs, beside the same made of core nodes: split, change, rbe, join, a
 * function and mqtt out. Both get the same registers ten times a second.
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
type Way = "table" | "core" | "registers";

/** Registers that walk about: one in ten leaves its dead-band. */
const REGISTERS = `
  const walk = context.get("walk") || Array.from({ length: ${ROWS} }, (_, i) => 500 + i);
  for (let i = 0; i < ${ROWS}; i++) walk[i] += Math.floor(Math.random() * 5) - 2;
  context.set("walk", walk);
  return { payload: walk.slice() };`;

const BODIES: Record<Way, (client: BenchClient) => Nodes> = {
  /** What both pay for. */
  registers: () => [],
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
    at("out", { type: "mqtt out", topic: "", qos: "0", broker: "coreUnconfirmed.broker" }),
    ...FLOWS.coreUnconfirmed("coreUnconfirmed", client).filter(isOf("mqtt-broker", "tls-config")),
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

function flow(body: Nodes): Nodes {
  const to = body.length === 0 ? [] : ["next"];
  return [
    { id: "tab", type: "tab", label: "tab" },
    at("tick", { type: "inject", repeat: String(1 / A_SECOND), props: [] }, ["registers"]),
    at("registers", { type: "function", outputs: 1, libs: [], func: REGISTERS }, to),
    ...body,
  ];
}

/** Against core nodes, without what both pay for the registers. */
export async function tableAgainstCore(agent: BenchAgent): Promise<Target> {
  const running = new Map<Way, BenchNodeRed>();
  const used = new Map<Way, number[]>();
  try {
    for (const way of ["registers", "table", "core"] as const)
      running.set(way, await BenchNodeRed.startFlow(flow(BODIES[way](await agent.client()))));
    await pause(SETTLE_MS);
    for (let round = 0; round < ROUNDS; round++) {
      const before = await cpuOf([...running.values()]);
      await pause(ROUND_MS);
      const after = await cpuOf([...running.values()]);
      for (const [index, way] of [...running.keys()].entries())
        used.set(way, [...(used.get(way) ?? []), after[index]! - before[index]!]);
    }
  } finally {
    for (const nodeRed of running.values()) await nodeRed.stop();
  }
  const each = (way: Way): number => median(used.get(way) ?? []) / ((ROUND_MS / 1000) * A_SECOND);
  const [nothing, table, core] = [each("registers"), each("table"), each("core")];
  return judge(
    `table of ${ROWS} rows with dead-band, against core nodes: CPU`,
    (table - nothing) / (core - nothing),
    {
      atMost: 0.25,
    },
  );
}

/** Microseconds each has used so far. */
function cpuOf(all: readonly BenchNodeRed[]): Promise<number[]> {
  return Promise.all(all.map((nodeRed) => nodeRed.cpu()));
}
