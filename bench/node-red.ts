/** A real Node-RED in which our nodes and core nodes do the same. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { layUserDirectory, startNodeRed } from "../scripts/shared/node-red.mjs";
import type { BenchClient } from "./agent";
import { FLOWS, type Way } from "./flows";
import { Lost } from "./lost";
import type { Profile, Profiler } from "./profile";
import { SENSOR_IDS } from "./pushes";

/** Without another message for so long, what is awaited is lost. */
const PATIENCE_MS = 10_000;
/** The same of live data, which nobody sends again. */
const LIVE_PATIENCE_MS = 1000;
/** What is slower than that does not work. */
const DEADLINE_MS = 60_000;

export class BenchNodeRed {
  private constructor(
    private readonly userDirectory: string,
    private readonly program: Awaited<ReturnType<typeof startNodeRed>>,
    /** Milliseconds from its start to its editor's first answer. */
    readonly startedIn: number,
  ) {}

  /** With the package, or without it and with core nodes alone. */
  static async start(clients: Partial<Record<Way, BenchClient>>, withPackage = true): Promise<BenchNodeRed> {
    const ways = Object.entries(clients) as [Way, BenchClient][];
    return BenchNodeRed.startFlow(
      ways.flatMap(([way, client]) => FLOWS[way](way, client)),
      withPackage,
    );
  }

  static async startFlow(flow: object[], withPackage = true): Promise<BenchNodeRed> {
    const userDirectory = await mkdtemp(join(tmpdir(), "tviot-bench-node-red-"));
    layUserDirectory(userDirectory, flow);
    if (!withPackage) {
      await rm(join(userDirectory, "node_modules"), { recursive: true });
      await rm(join(userDirectory, "package.json"));
    }
    await mkdir(join(userDirectory, "nodes"));
    for (const name of ["loop", "client"]) {
      await copyFile(join(__dirname, `${name}-node.cjs`), join(userDirectory, `nodes/${name}.js`));
      await writeFile(join(userDirectory, `nodes/${name}.html`), "");
    }
    // What is deeper is no node.
    await mkdir(join(userDirectory, "nodes/lib"));
    await copyFile(join(__dirname, "profiler.cjs"), join(userDirectory, "nodes/lib/profiler.cjs"));
    const start = performance.now();
    const program = await startNodeRed({ userDirectory });
    const nodeRed = new BenchNodeRed(userDirectory, program, performance.now() - start);
    const brokers = flow.filter((node) => "type" in node && node.type === "mqtt-broker").length;
    const told = (text: string) => program.output().split(text).length - 1;
    const deadline = performance.now() + DEADLINE_MS;
    while (told("Started flows") < 1 || told("Connected to broker") < brokers) {
      if (performance.now() > deadline) throw new Error(`The flows do not start:\n${program.output()}`);
      await pause(20);
    }
    return nodeRed;
  }

  /** Pushes so many times in all, to one sensor each, with one in flight in each of them. */
  async push(way: Way, count: number, sensors: number): Promise<void> {
    const first = Math.min(count, sensors);
    await this.run(way, {
      first,
      more: count - first,
      awaited: count,
      sensors: SENSOR_IDS.slice(0, sensors),
    });
  }

  /** One message goes to each node that is wired to the loop; resolves when all have sent it on. */
  async all(way: string, count: number): Promise<void> {
    await this.run(way, { first: 1, more: 0, awaited: count, sensors: SENSOR_IDS });
  }

  /** Pushes at a pace; gives the milliseconds that each took. */
  async paced(way: Way, count: number, rate: number): Promise<number[]> {
    const response = await this.post(`${way}/paced`, { count, rate, sensors: SENSOR_IDS });
    return (await response.json()) as number[];
  }

  /** Pushes so many times at once. */
  async burst(way: Way, count: number): Promise<void> {
    await this.run(way, { first: count, more: 0, awaited: count, sensors: SENSOR_IDS });
  }

  /** Receives so many messages, which `send` makes others send. */
  async receive(way: Way, count: number, send: () => Promise<void>): Promise<void> {
    const order = { first: 0, more: 0, awaited: count, sensors: [], patience: LIVE_PATIENCE_MS };
    const receiving = this.run(way, order);
    // Whoever receives must have begun to count.
    await Promise.all([receiving, pause(20).then(send)]);
  }

  /** The microseconds of CPU that Node-RED, and what it started, have used so far. */
  cpu(): Promise<number> {
    return this.get("cpu");
  }

  readonly profiler: Profiler = {
    start: () => this.post("profiler/start", {}),
    stop: async () => (await (await this.post("profiler/stop", {})).json()) as Profile,
  };

  /** The bytes that it holds, without garbage. */
  memory(): Promise<number> {
    return this.get("memory");
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await rm(this.userDirectory, { recursive: true, force: true });
  }

  private async run(way: string, order: object): Promise<void> {
    const response = await this.post(way, { patience: PATIENCE_MS, ...order });
    const { lost } = (await response.json()) as { lost: number };
    if (lost > 0) throw new Lost(`${way}: ${lost} messages were lost`);
  }

  private async post(way: string, order: object): Promise<Response> {
    const response = await fetch(new URL(way, this.program.ready), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    if (!response.ok) throw new Error(`${way}: ${response.status}\n${this.program.output()}`);
    return response;
  }

  private async get(what: string): Promise<number> {
    return (await (await fetch(new URL(what, this.program.ready))).json()) as number;
  }
}
