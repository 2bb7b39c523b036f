/** The project's simulator, to be killed and stopped with signals, and the ledger of what it accepted. */
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enrol } from "../../../src/identity/enrolment";
import { FolderIdentity } from "../../../src/identity/folder-identity";
import { freePorts } from "../ports";
import type { KillableAgent } from "./killable-agent";
import { readLedger, type Accepted } from "./ledger";

export class SimulatedAgent implements KillableAgent {
  private child: ChildProcess | undefined;

  private constructor(
    private readonly directory: string,
    readonly port: number,
    private readonly registrationPort: number,
  ) {}

  static async start(): Promise<SimulatedAgent> {
    const directory = await mkdtemp(join(tmpdir(), "tviot-simulated-agent-"));
    const [port = 0, registrationPort = 0] = await freePorts(2);
    const agent = new SimulatedAgent(directory, port, registrationPort);
    await agent.run();
    await enrol({
      endpoint: { host: "localhost", port: registrationPort, ca: await readFile(agent.ca, "utf8") },
      clientName: "client",
      identity: new FolderIdentity(agent.directory),
    });
    return agent;
  }

  get ca(): string {
    return join(this.directory, "TeamViewerAuthority.crt");
  }

  /** One file holds both. */
  get client(): KillableAgent["client"] {
    const file = join(this.directory, "identity.pem");
    return { certificateFile: file, keyFile: file };
  }

  async killAndRestart(): Promise<void> {
    await this.kill();
    await this.run();
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  accepted(): Promise<Accepted[]> {
    return readLedger(this.ledger);
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  private get ledger(): string {
    return join(this.directory, "ledger");
  }

  private async run(): Promise<void> {
    const options = [this.directory, String(this.port), String(this.registrationPort), this.ledger];
    this.child = fork(join(__dirname, "simulator-process.ts"), options, {
      execArgv: ["--require", require.resolve("tsx/cjs")],
    });
    await once(this.child, "message");
  }

  private async kill(): Promise<void> {
    const ended = this.child && once(this.child, "exit");
    this.child?.kill("SIGKILL");
    await ended;
  }
}
