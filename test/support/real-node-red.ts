/** A real Node-RED, with this package as built and with what its nodes send to be read over HTTP. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { layUserDirectory, startNodeRed } from "../../scripts/shared/node-red.mjs";
import { until } from "./waits";

export type FlowItem = { id: string; type: string } & Record<string, unknown>;

/** A message that a node sent through one of its outputs. */
export interface Sent {
  id: string;
  type: string;
  output: number;
  error?: unknown;
  /** Of a Status node: what it has seen. */
  status?: { text?: string };
}

/** Keeps what nodes send, so that flows under test stay as they are; and counts how often flows have been started. */
const RECORDER = `module.exports = function (RED) {
  let sent = [];
  let starts = 0;
  RED.events.on("flows:started", () => starts++);
  RED.hooks.add("onSend", (events) => {
    for (const { msg, source } of events) {
      sent.push({ id: source.id, type: source.node.type, output: source.port, error: msg.error, status: msg.status });
    }
  });
  RED.httpAdmin.get("/sent", (request, response) => response.json(sent.splice(0)));
  RED.httpAdmin.get("/memory", (request, response) => response.json(process.memoryUsage.rss()));
  RED.httpAdmin.get("/starts", (request, response) => response.json(starts));
};`;

export class RealNodeRed {
  private constructor(
    private readonly options: Parameters<typeof startNodeRed>[0],
    private program: Awaited<ReturnType<typeof startNodeRed>>,
    private readonly token: string | undefined,
    private readonly root: string,
  ) {}

  /**
   * `settings`: more lines of its settings file; `command`: another Node.js and Node-RED; `token`: of somebody who may
   * deploy, where not everybody may; `root`: the path of the editor, with a slash at its end.
   */
  static async start({
    settings = "",
    token,
    command,
    root = "/",
  }: { settings?: string; token?: string; command?: string[]; root?: string } = {}): Promise<RealNodeRed> {
    if (!existsSync(resolve(__dirname, "../../dist/nodes")))
      throw new Error("dist/ is missing: npm run build");
    const userDirectory = await mkdtemp(join(tmpdir(), "real-node-red-"));
    layUserDirectory(userDirectory, []);
    await mkdir(join(userDirectory, "nodes"));
    await writeFile(join(userDirectory, "nodes/recorder.js"), RECORDER);
    await writeFile(join(userDirectory, "nodes/recorder.html"), "");
    const atRoot = `${settings}\nmodule.exports.httpAdminRoot = "${root}";`;
    const options = { userDirectory, settings: atRoot, command };
    const nodeRed = new RealNodeRed(options, await startNodeRed(options), token, root);
    // The editor answers before the empty flow of the start has been started.
    await nodeRed.until("the empty flow has been started", async () => (await nodeRed.starts()) > 0);
    return nodeRed;
  }

  get userDirectory(): string {
    return this.options.userDirectory;
  }

  /** Where the editor is. */
  get url(): string {
    return new URL(this.root, this.program.ready).href;
  }

  log(): string {
    return this.program.output();
  }

  async deploy(flow: readonly FlowItem[]): Promise<void> {
    await this.deployBy(() =>
      this.call("flows", {
        method: "POST",
        headers: { "content-type": "application/json", "Node-RED-Deployment-Type": "full" },
        body: JSON.stringify(flow),
      }),
    );
  }

  /** Waits until the nodes run that something deploys: Node-RED answers before. */
  async deployBy(deploying: () => Promise<unknown>): Promise<void> {
    const before = await this.starts();
    await deploying();
    await this.until("the deployed flow has been started", async () => (await this.starts()) > before);
  }

  /** Waits for something of this Node-RED; in vain, its log is told. */
  until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    return until(what, look, () => this.log());
  }

  /** Waits until an agent node is connected; gives what its endpoint tells of it. */
  async connected<Facts extends { state: string } = { state: string }>(id: string): Promise<Facts> {
    return this.until(`${id} is connected`, async () => {
      const found = await this.get<Facts>(`teamviewer-iot/agents/${id}`).catch(() => undefined);
      return found?.state === "connected" && found;
    });
  }

  /** What is deployed now. */
  async flow(): Promise<FlowItem[]> {
    const response = await this.call("flows", { headers: { accept: "application/json" } });
    return (await response.json()) as FlowItem[];
  }

  async inject(id: string): Promise<void> {
    await this.call(`inject/${id}`, { method: "POST" });
  }

  /** What a path below the editor's answers, as JSON. */
  async get<T>(path: string): Promise<T> {
    return (await (await this.call(path)).json()) as T;
  }

  /** Posts JSON to a path below the editor's. */
  async post<T>(path: string, body: object): Promise<T> {
    const headers = { "content-type": "application/json" };
    const response = await this.call(path, { method: "POST", headers, body: JSON.stringify(body) });
    return (await response.json()) as T;
  }

  /** What nodes have sent since this was asked last. */
  async sent(): Promise<Sent[]> {
    return this.get("sent");
  }

  /** Bytes that its process has in memory. */
  async memory(): Promise<number> {
    return this.get("memory");
  }

  /** Ends it as an operating system does; its log can still be read. */
  async shutDown(): Promise<void> {
    await this.program.stop();
  }

  /** Ends it and starts it anew, at another address and with what it had deployed. */
  async restart(): Promise<void> {
    await this.shutDown();
    this.program = await startNodeRed(this.options);
    await this.until("the flows have been started", async () => (await this.starts()) > 0);
  }

  async stop(): Promise<void> {
    await this.shutDown();
    await rm(this.userDirectory, { recursive: true, force: true });
  }

  private async starts(): Promise<number> {
    return this.get("starts");
  }

  private async call(path: string, request: RequestInit = {}): Promise<Response> {
    const authorization = this.token === undefined ? undefined : { authorization: `Bearer ${this.token}` };
    const headers = { ...(request.headers as Record<string, string> | undefined), ...authorization };
    const response = await fetch(new URL(path, this.url), { ...request, headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}
