/** Three real nats-servers as docs/fleet/cluster/nats.conf has them, but for addresses. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startProgram } from "../../../scripts/shared/program.mjs";
import type { Authority, Issued } from "../../support/agent/authority";
import { freePorts } from "../../support/ports";
import { until } from "../../support/waits";
import { environmentOf, FLEET } from "./files";

type Program = Awaited<ReturnType<typeof startProgram<true>>>;

interface Node {
  readonly name: string;
  readonly mqttPort: number;
  readonly monitoring: string;
  program: Program;
}

/** What /jsz tells of a server's streams. */
interface Streams {
  account_details?: { stream_detail?: { name: string; cluster?: { leader?: string } }[] }[];
}

export const PASSWORDS = { gateway: "gateways-only", reader: "readers-only" };

export class Cluster {
  private constructor(
    private readonly directory: string,
    readonly nodes: readonly Node[],
  ) {}

  static async start(authority: Authority, issued: Issued): Promise<Cluster> {
    const directory = await mkdtemp(join(tmpdir(), "tviot-cluster-"));
    const ports = await freePorts(12);
    const [clients, routes, mqtt, monitoring] = [0, 3, 6, 9].map((start) => ports.slice(start, start + 3));
    const addresses = routes!.map((port) => `nats://127.0.0.1:${port}`);
    const nodes = await Promise.all(
      [0, 1, 2].map(async (index) => {
        const name = `nats-${index + 1}`;
        const env = {
          ...environmentOf("cluster/nats.env"),
          NATS_NAME: name,
          NATS_LISTEN: `127.0.0.1:${clients![index]}`,
          NATS_MONITORING: `127.0.0.1:${monitoring![index]}`,
          NATS_STORE: join(directory, name),
          NATS_CLUSTER_LISTEN: `127.0.0.1:${routes![index]}`,
          ...Object.fromEntries(addresses.map((address, route) => [`NATS_ROUTE_${route + 1}`, address])),
          NATS_MQTT_LISTEN: `127.0.0.1:${mqtt![index]}`,
          NATS_CA: authority.certificateFile,
          NATS_CERTIFICATE: issued.certificateFile,
          NATS_KEY: issued.keyFile,
          GATEWAY_PASSWORD: PASSWORDS.gateway,
          READER_PASSWORD: PASSWORDS.reader,
        };
        const program = await startProgram(["nats-server", "-c", join(FLEET, "cluster/nats.conf")], {
          readyIn: (line) => (line.includes("Server is ready") ? (true as const) : undefined),
          env,
        });
        return {
          name,
          mqttPort: mqtt![index]!,
          monitoring: `http://127.0.0.1:${monitoring![index]}`,
          program,
        };
      }),
    );
    const cluster = new Cluster(directory, nodes);
    await Promise.all(nodes.map((node) => cluster.untilWell(node)));
    return cluster;
  }

  /** The node that leads the stream in which messages of MQTT clients are kept. */
  leader(): Promise<Node> {
    return until("a leader of $MQTT_msgs", async () => {
      for (const { monitoring } of this.nodes) {
        const { account_details: accounts = [] } = (await answer(`${monitoring}/jsz?streams=1`)) as Streams;
        const streams = accounts.flatMap(({ stream_detail: details = [] }) => details);
        const name = streams.find((stream) => stream.name === "$MQTT_msgs")?.cluster?.leader;
        const leader = this.nodes.find((node) => node.name === name);
        if (leader !== undefined) return leader;
      }
      return undefined;
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map(({ program }) => program.kill()));
    await rm(this.directory, { recursive: true, force: true });
  }

  private untilWell({ name, monitoring, program }: Node): Promise<unknown> {
    const look = async (): Promise<boolean> =>
      ((await answer(`${monitoring}/healthz`)) as { status?: string }).status === "ok";
    return until(`${name} is well`, look, () => program.output());
  }
}

async function answer(address: string): Promise<object> {
  const response = await fetch(address).catch(() => undefined);
  return ((await response?.json()) ?? {}) as object;
}
