/** An agent in a process of its own that does what it is told, byte by byte (`raw-agent-process.mjs`). */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Authority, type Issued } from "./authority";

/** See `raw-agent-process.mjs`. */
export interface RawBehaviour {
  sensors?: number;
  metrics?: number;
  keys?: number;
  flood?: Buffer;
  isEarly?: boolean;
  bytes?: number;
}

export class RawAgent {
  private constructor(
    private readonly authority: Authority,
    private readonly agent: ChildProcess,
    readonly port: number,
    readonly client: Issued,
  ) {}

  static async start({ flood, ...behaviour }: RawBehaviour): Promise<RawAgent> {
    const authority = await Authority.make();
    const server = await authority.issue("localhost", { names: "DNS:localhost" });
    const client = await authority.issue("6d69c58223fb44a7b76ae61a18faf37c");
    const agent = spawn(
      process.execPath,
      [join(__dirname, "raw-agent-process.mjs"), server.keyFile, server.certificateFile],
      { stdio: ["pipe", "pipe", "inherit"] },
    );
    agent.stdin.end(JSON.stringify({ ...behaviour, flood: flood?.toString("hex") }));
    const [port] = (await once(agent.stdout, "data")) as [Buffer];
    return new RawAgent(authority, agent, Number(port), client);
  }

  get ca(): string {
    return this.authority.certificateFile;
  }

  async stop(): Promise<void> {
    this.agent.kill("SIGKILL");
    await this.authority.remove();
  }
}
