/** A real Node-RED that pushes with the push node, and with core nodes wired so that each message gets its own answer. */
import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { layUserDirectory, startNodeRed } from "../scripts/shared/node-red.mjs";
import type { BenchClient } from "./agent";
import { SENSOR_IDS } from "./pushes";

export type Way = "product" | "coreQos0" | "coreQos1";

export class NodeRedPushers {
  private constructor(
    private readonly userDirectory: string,
    private readonly program: Awaited<ReturnType<typeof startNodeRed>>,
  ) {}

  static async start(clients: Record<Way, BenchClient>): Promise<NodeRedPushers> {
    const userDirectory = await mkdtemp(join(tmpdir(), "tviot-bench-node-red-"));
    layUserDirectory(userDirectory, [
      ...productFlow(clients.product),
      ...coreFlow("coreQos0", "0", clients.coreQos0),
      ...coreFlow("coreQos1", "1", clients.coreQos1),
    ]);
    await mkdir(join(userDirectory, "nodes"));
    await copyFile(join(__dirname, "loop-node.cjs"), join(userDirectory, "nodes/loop.js"));
    await writeFile(join(userDirectory, "nodes/loop.html"), "");
    const program = await startNodeRed({ userDirectory });
    const connected = () => program.output().split("Connected to broker").length - 1;
    while (connected() < 2) await pause(20);
    return new NodeRedPushers(userDirectory, program);
  }

  /** Pushes so many times in all, to one sensor each, with one in flight in each of them. */
  async push(way: Way, count: number, sensors: number): Promise<void> {
    const response = await fetch(new URL(way, this.program.ready), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ count, sensors: SENSOR_IDS.slice(0, sensors) }),
    });
    if (!response.ok) throw new Error(`${way}: ${response.status}\n${this.program.output()}`);
  }

  /** The microseconds of CPU that Node-RED has used so far. */
  async cpu(): Promise<number> {
    const response = await fetch(new URL("cpu", this.program.ready));
    const { user, system } = (await response.json()) as NodeJS.CpuUsage;
    return user + system;
  }

  async stop(): Promise<void> {
    await this.program.stop();
    await rm(this.userDirectory, { recursive: true, force: true });
  }
}

function productFlow(client: BenchClient): object[] {
  return [
    { id: "productTab", type: "tab", label: "product" },
    { id: "product", z: "productTab", type: "bench-loop", wires: [["push"]] },
    {
      id: "push",
      z: "productTab",
      type: "teamviewer-iot-push",
      agent: "agent",
      sensor: "sensor",
      sensorType: "msg",
      wires: [["product"], []],
    },
    {
      id: "agent",
      type: "teamviewer-iot-agent",
      host: "localhost",
      port: String(client.port),
      caFile: client.caFile,
      identity: "files",
      certificateFile: client.certificateFile,
      keyFile: client.keyFile,
      requestTimeout: "2",
    },
  ];
}

/** The least: no time-out, no errors, and whatever is lost is waited for until the end of days. */
function coreFlow(way: Way, qos: string, client: BenchClient): object[] {
  const sensors = `/v1.0/${client.clientId}/sensor`;
  const node = (name: string) => ({ id: `${way}.${name}`, z: `${way}Tab` });
  const write = `
    const waiting = flow.get("waiting") ?? {};
    waiting[msg.sensor] = msg;
    flow.set("waiting", waiting);
    const metrics = Object.entries(msg.payload).map(([metricId, value]) => ({ value, metricId }));
    return {
      topic: "${sensors}/" + msg.sensor + "/metric/pushValues",
      payload: JSON.stringify({ metrics, timestamp: Date.now() }),
    };`;
  const match = `
    const waiting = flow.get("waiting");
    const sensor = msg.topic.split("/")[4];
    const asked = waiting[sensor];
    if (asked === undefined) return;
    delete waiting[sensor];
    asked.payload = msg.payload;
    return asked;`;
  return [
    { id: `${way}Tab`, type: "tab", label: way },
    { id: way, z: `${way}Tab`, type: "bench-loop", wires: [[`${way}.write`]] },
    { ...node("write"), type: "function", outputs: 1, func: write, libs: [], wires: [[`${way}.out`]] },
    { ...node("out"), type: "mqtt out", topic: "", qos, broker: `${way}.broker`, wires: [] },
    {
      ...node("in"),
      type: "mqtt in",
      topic: `${sensors}/+/info/inbox`,
      qos: "0",
      datatype: "utf8",
      broker: `${way}.broker`,
      wires: [[`${way}.match`]],
    },
    { ...node("match"), type: "function", outputs: 1, func: match, libs: [], wires: [[way]] },
    {
      id: `${way}.broker`,
      type: "mqtt-broker",
      broker: "localhost",
      port: String(client.port),
      protocolVersion: "4",
      keepalive: "60",
      cleansession: true,
      autoConnect: true,
      usetls: true,
      tls: `${way}.tls`,
    },
    {
      id: `${way}.tls`,
      type: "tls-config",
      cert: client.certificateFile,
      key: client.keyFile,
      ca: client.caFile,
      verifyservercert: true,
    },
  ];
}
