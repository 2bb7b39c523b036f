/** What it costs to have the package: what it adds to Node-RED's start, and to its memory while nothing happens. */
import type { BenchClient } from "./agent";
import { median } from "./measure";
import { BenchNodeRed } from "./node-red";

const ROUNDS = 3;

/** Milliseconds, bytes. */
export interface Additions {
  start: number;
  memory: number;
}

/** A Node-RED with an agent that is connected and a push node, beside one that has never heard of the package. */
export async function atRest(client: BenchClient): Promise<Additions> {
  const additions: Additions[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const [start, memory] = await withoutPackage();
    const [startWith, memoryWith] = await withPackage(client);
    additions.push({ start: startWith - start, memory: memoryWith - memory });
  }
  return {
    start: median(additions.map(({ start }) => start)),
    memory: median(additions.map(({ memory }) => memory)),
  };
}

async function withoutPackage(): Promise<[number, number]> {
  const nodeRed = await BenchNodeRed.start({}, false);
  const memory = await nodeRed.memory();
  await nodeRed.stop();
  return [nodeRed.startedIn, memory];
}

async function withPackage(push: BenchClient): Promise<[number, number]> {
  const nodeRed = await BenchNodeRed.start({ push });
  // A push that is answered has a connection.
  await nodeRed.push("push", 1, 1);
  const memory = await nodeRed.memory();
  await nodeRed.stop();
  return [nodeRed.startedIn, memory];
}
