/** An agent that is not ours, to be killed: Mosquitto, a responder in a process of its own, and the ledger of what it accepted. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Authority, type Issued } from "./authority";
import type { KillableAgent } from "./killable-agent";
import { readLedger, type Accepted } from "./ledger";
import { Mosquitto } from "./mosquitto";

export class LedgerAgent implements KillableAgent {
  private responder: ChildProcess | undefined;

  private constructor(
    private readonly authority: Authority,
    private readonly broker: Mosquitto,
    private readonly own: Issued,
    /** A certificate for a client of this agent. */
    readonly client: Issued,
  ) {}

  /** `lines`: what its broker is told besides. */
  static async start(lines: string[] = []): Promise<LedgerAgent> {
    const authority = await Authority.make();
    const own = await authority.issue("agent");
    const client = await authority.issue("6d69c58223fb44a7b76ae61a18faf37c");
    const agent = new LedgerAgent(authority, await Mosquitto.start(authority, lines), own, client);
    await agent.respond();
    return agent;
  }

  get port(): number {
    return this.broker.port;
  }

  get ca(): string {
    return this.authority.certificateFile;
  }

  /** As a power cut does, and back again. */
  async killAndRestart(): Promise<void> {
    await this.kill();
    await this.broker.start();
    await this.respond();
  }

  signal(signal: NodeJS.Signals): void {
    this.responder?.kill(signal);
    this.broker.signal(signal);
  }

  accepted(): Promise<Accepted[]> {
    return readLedger(this.ledger);
  }

  async stop(): Promise<void> {
    await this.kill();
    await this.authority.remove();
  }

  private get ledger(): string {
    return join(this.authority.directory, "ledger");
  }

  private async kill(): Promise<void> {
    const ended = this.responder && once(this.responder, "exit");
    this.responder?.kill("SIGKILL");
    await this.broker.stop();
    await ended;
  }

  private async respond(): Promise<void> {
    const { certificateFile, keyFile } = this.own;
    const script = join(__dirname, "ledger-responder.mjs");
    const options = [String(this.port), this.ca, certificateFile, keyFile, this.ledger];
    this.responder = spawn(process.execPath, [script, ...options], { stdio: ["ignore", "pipe", "inherit"] });
    await once(this.responder.stdout!, "data");
  }
}
