/** Many sensors: what each costs, and that reading all of them holds nothing up. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { BenchAgent } from "./agent";
import { bytesHeld } from "./memory";
import { readInventory } from "./product";
import { median } from "./measure";
import { startClient, type ClientPusher } from "./pushes";
import { judge, type Target } from "./targets";

export const MANY_SENSORS = 10_000;
const METRICS_EACH = 10;
const INVENTORY_SENSORS = 1000;
const PUSH_EVERY_MS = 20;
/** How often everything is done; the median counts. */
const ROUNDS = 3;
const NANOSECONDS = 1e6;

export async function scale(agent: BenchAgent): Promise<Target[]> {
  return [
    judge("memory a sensor, KiB", (await memoryOfSensor(agent)) / 1024, { atMost: 2 }),
    ...(await readList(agent)),
    ...(await readWhole(agent)),
    ...(await readWholeSlowly()),
  ];
}

/** Whose broker Nagle's algorithm holds up: a real agent's may be such a one. */
async function readWholeSlowly(): Promise<Target[]> {
  const agent = await BenchAgent.start(true);
  try {
    const [time] = await readWhole(agent);
    return time === undefined ? [] : [{ ...time, name: `${time.name}, broker with Nagle's algorithm` }];
  } finally {
    await agent.stop();
  }
}

/** Bytes that a client keeps for a sensor that it has pushed to. */
async function memoryOfSensor(agent: BenchAgent): Promise<number> {
  return using(agent, 0, async (pusher) => {
    await pusher.inTurn(1000, 1, 1);
    const before = bytesHeld();
    await pusher.inTurn(MANY_SENSORS, MANY_SENSORS, 64);
    return (bytesHeld() - before) / MANY_SENSORS;
  });
}

async function readList(agent: BenchAgent): Promise<Target[]> {
  return using(agent, MANY_SENSORS, async ({ client }) => {
    const rounds = await repeat(() => watched(() => client.request("listSensors", {})));
    const [first] = rounds;
    const listed = first?.result.reduce((sum, { metrics }) => sum + metrics.length, 0);
    if (listed !== MANY_SENSORS * METRICS_EACH) throw new Error(`${listed} metrics were listed`);
    const stop = median(rounds.map(({ stop }) => stop));
    return [judge(`list of ${MANY_SENSORS} × ${METRICS_EACH}: longest stop, ms`, stop, { atMost: 50 })];
  });
}

async function readWhole(agent: BenchAgent): Promise<Target[]> {
  return using(agent, INVENTORY_SENSORS, async (pusher) => {
    const { client } = pusher;
    const rounds = await repeat(async () => {
      const alone = await pushesDuring(pusher, pause(1000));
      let beside: Promise<number> | undefined;
      const reading = watched(async () => {
        const inventory = readInventory((operation, parameters) => client.request(operation, parameters));
        beside = pushesDuring(pusher, inventory);
        return inventory;
      });
      const { milliseconds, stop, result } = await reading;
      if (result.length !== INVENTORY_SENSORS) throw new Error(`${result.length} sensors were read`);
      return { milliseconds, stop, slower: ((await beside) ?? NaN) / alone };
    });
    const of = (what: "milliseconds" | "stop" | "slower") => median(rounds.map((round) => round[what]));
    const name = `inventory of ${INVENTORY_SENSORS} × ${METRICS_EACH}`;
    return [
      judge(`${name}: s`, of("milliseconds") / 1000, { atMost: 3 }),
      judge(`${name}: longest stop, ms`, of("stop"), { atMost: 50 }),
      judge(`${name}: a push meanwhile, against one alone`, of("slower"), { atMost: 1.5 }),
    ];
  });
}

/** The median of the milliseconds of pushes, one after the other with a rest, while something else goes on. */
async function pushesDuring(pusher: ClientPusher, work: Promise<unknown>): Promise<number> {
  let goesOn = true;
  void work.catch(() => undefined).then(() => (goesOn = false));
  const taken: number[] = [];
  while (goesOn) {
    const start = performance.now();
    await pusher.inTurn(1, 1, 1);
    taken.push(performance.now() - start);
    await pause(PUSH_EVERY_MS);
  }
  return median(taken);
}

/** How long it takes, and the longest time in which nothing else ran; both in milliseconds. */
async function watched<T>(
  work: () => Promise<T>,
): Promise<{ result: T; milliseconds: number; stop: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await pause(50);
  delay.reset();
  const start = performance.now();
  const result = await work();
  const milliseconds = performance.now() - start;
  await pause(5);
  delay.disable();
  return { result, milliseconds, stop: delay.max / NANOSECONDS };
}

async function repeat<T>(work: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  while (results.length < ROUNDS) results.push(await work());
  return results;
}

async function using<T>(
  agent: BenchAgent,
  sensors: number,
  work: (pusher: ClientPusher) => Promise<T>,
): Promise<T> {
  const identity = await agent.client();
  await agent.setInventory(identity, sensors, METRICS_EACH);
  const pusher = startClient(identity);
  try {
    await pusher.inTurn(1, 1, 1);
    return await work(pusher);
  } finally {
    await pusher.stop();
  }
}
