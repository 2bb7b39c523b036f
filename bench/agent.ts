/** The other side: a real Mosquitto with TLS and client certificates, and behind it a responder, each its own process. */
import { connectAsync, type MqttClient } from "mqtt";
import { join } from "node:path";
import { startProgram } from "../scripts/shared/program.mjs";
import { Authority, type Issued } from "../test/support/agent/authority";
import { Mosquitto } from "../test/support/agent/mosquitto";
import { freePort } from "../test/support/ports";

/** A client of its own for each of those who are compared: what one is answered, no other sees. */
export interface BenchClient extends Issued {
  clientId: string;
  port: number;
  ca: string;
  caFile: string;
}

const clientId = (number: number) => number.toString(16).padStart(32, "0");
/** The first ones are repeated as live data. */
const LIVE_CLIENTS = 16;
const LIVE_PREFIX = clientId(0).slice(0, -1);
const SCRIPT = join(__dirname, "responder.mjs");

export class BenchAgent {
  private clients = LIVE_CLIENTS;
  private liveClients = 0;

  private constructor(
    private readonly authority: Authority,
    private readonly broker: Mosquitto,
    private readonly responder: { stop: () => Promise<void> },
    private readonly mqtt: MqttClient,
  ) {}

  /** `isSlow`: its broker is set up as Mosquitto comes, and waits for acknowledgements between small packets (Nagle). */
  static async start(isSlow = false): Promise<BenchAgent> {
    const authority = await Authority.make();
    const port = await freePort();
    const lines = [`listener ${port} localhost`, `set_tcp_nodelay ${!isSlow}`];
    const broker = await Mosquitto.start(authority, lines);
    const responder = await startProgram([process.execPath, SCRIPT, String(port), LIVE_PREFIX], {
      readyIn: (line) => (line === "ready" ? line : undefined),
    });
    return new BenchAgent(authority, broker, responder, await connectAsync(`mqtt://localhost:${port}`));
  }

  /** A client whose pushes are not repeated: nobody pays for live data that he does not use. */
  client(): Promise<BenchClient> {
    return this.issue(clientId(this.clients++));
  }

  clientWithLiveData(): Promise<BenchClient> {
    return this.issue(clientId(this.liveClients++));
  }

  /** Sends so many values of others to a client, so many a second. */
  async sendLiveData(
    { clientId }: BenchClient,
    sensorId: string,
    count: number,
    rate: number,
  ): Promise<void> {
    const value = { value: 21.5, metricId: "94c2c5e193bb437195368c08f0bd86ab" };
    const message = JSON.stringify({ metrics: [value], timestamp: Date.now() });
    const order = { topic: `sensor/${sensorId}/livedata`, message, count, rate };
    await this.mqtt.publishAsync(`/v1.0/${clientId}/sendLiveData`, JSON.stringify(order));
  }

  /** From now on the client has so many sensors, each with so many metrics. */
  async setInventory({ clientId }: BenchClient, sensors: number, metrics: number): Promise<void> {
    await this.mqtt.publishAsync(`/v1.0/${clientId}/setInventory`, JSON.stringify({ sensors, metrics }));
  }

  async stop(): Promise<void> {
    await this.mqtt.endAsync();
    await this.responder.stop();
    await this.broker.stop();
    await this.authority.remove();
  }

  private async issue(clientId: string): Promise<BenchClient> {
    const { certificate: ca, certificateFile: caFile } = this.authority;
    return { ...(await this.authority.issue(clientId)), clientId, port: this.broker.port, ca, caFile };
  }
}
