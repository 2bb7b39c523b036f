/** Many agents in one Node-RED: what each takes, and how long it takes until all of them are connected. */
import type { BenchAgent } from "./agent";
import { agentsFlow } from "./flows";
import { BenchNodeRed } from "./node-red";
import { judge, type Target } from "./targets";

const MANY = 100;
const MEBIBYTE = 1024 * 1024;

export async function manyAgents(agent: BenchAgent): Promise<Target[]> {
  const one = await withAgents(agent, 1);
  const many = await withAgents(agent, MANY);
  return [
    judge(`${MANY} agents in one Node-RED: MiB each`, (many.memory - one.memory) / (MANY - 1) / MEBIBYTE, {
      atMost: 0.6,
    }),
    judge(`${MANY} registered agents: s until all are connected`, (many.ready - one.ready) / 1000, {
      atMost: 3,
    }),
  ];
}

/** Bytes; milliseconds until each agent has answered a push. */
async function withAgents(agent: BenchAgent, count: number): Promise<{ memory: number; ready: number }> {
  const clients = [];
  while (clients.length < count) clients.push(await agent.client());
  const start = performance.now();
  const nodeRed = await BenchNodeRed.startFlow(agentsFlow(clients));
  await nodeRed.all("agents", count);
  const ready = performance.now() - start;
  const memory = await nodeRed.memory();
  await nodeRed.stop();
  return { memory, ready };
}
