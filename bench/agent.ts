/** The other side: a real Mosquitto with TLS and client certificates, and behind it a responder, each its own process. */
import { join } from "node:path";
import { startProgram } from "../scripts/shared/program.mjs";
import { Authority, type Issued } from "../test/support/agent/authority";
import { Mosquitto } from "../test/support/agent/mosquitto";

/** A client of its own for each of those who are compared: what one is answered, no other sees. */
export interface BenchClient extends Issued {
  clientId: string;
  port: number;
  ca: string;
  caFile: string;
}

const clientId = (number: number) => number.toString(16).padStart(32, "0");
const LIVE_CLIENT = clientId(0);
const SCRIPT = join(__dirname, "responder.mjs");

export class BenchAgent {
  private clients = 1;

  private constructor(
    private readonly authority: Authority,
    private readonly broker: Mosquitto,
    private readonly responder: { stop: () => Promise<void> },
  ) {}

  static async start(): Promise<BenchAgent> {
    const authority = await Authority.make();
    const own = await authority.issue("agent");
    const broker = await Mosquitto.start(authority);
    const options = [String(broker.port), authority.certificateFile, own.certificateFile, own.keyFile];
    const responder = await startProgram([process.execPath, SCRIPT, ...options, LIVE_CLIENT], {
      readyIn: (line) => (line === "ready" ? line : undefined),
    });
    return new BenchAgent(authority, broker, responder);
  }

  /** A client whose pushes are not repeated: nobody pays for live data that he does not use. */
  client(): Promise<BenchClient> {
    return this.issue(clientId(this.clients++));
  }

  clientWithLiveData(): Promise<BenchClient> {
    return this.issue(LIVE_CLIENT);
  }

  async stop(): Promise<void> {
    await this.responder.stop();
    await this.broker.stop();
    await this.authority.remove();
  }

  private async issue(clientId: string): Promise<BenchClient> {
    const { certificate: ca, certificateFile: caFile } = this.authority;
    return { ...(await this.authority.issue(clientId)), clientId, port: this.broker.port, ca, caFile };
  }
}
