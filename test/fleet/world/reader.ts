/** Whoever uses what the gateways send: an MQTT client with a session, which reads at any node of the cluster. */
import { connect, type MqttClient } from "mqtt";
import { PASSWORDS, type Cluster } from "./cluster";

export interface Heard {
  readonly gateway: string;
  readonly kind: string;
  readonly payload: Record<string, unknown>;
  readonly time: number;
}

export class Reader {
  readonly heard: Heard[] = [];

  private constructor(private readonly client: MqttClient) {
    client.on("message", (topic, payload) => {
      const [, gateway = "", kind = ""] = topic.split("/");
      const parsed: unknown = JSON.parse(payload.toString());
      const object = typeof parsed === "object" ? (parsed as Heard["payload"]) : { value: parsed };
      this.heard.push({ gateway, kind, payload: object, time: Date.now() });
    });
    // It tries the next node.
    client.on("error", () => undefined);
  }

  /** `first`: the node that it begins with. */
  static async start(cluster: Cluster, ca: string, first = cluster.nodes[0]): Promise<Reader> {
    const nodes = [...cluster.nodes].sort((node) => (node === first ? -1 : 1));
    const client = connect({
      servers: nodes.map(({ mqttPort }) => ({
        host: "localhost",
        port: mqttPort,
        protocol: "mqtts" as const,
      })),
      ca,
      clientId: "reader",
      username: "reader",
      password: PASSWORDS.reader,
      clean: false,
      reconnectPeriod: 500,
    });
    const reader = new Reader(client);
    await new Promise((connected) => client.once("connect", connected));
    try {
      await client.subscribeAsync("fleet/#", { qos: 1 });
    } catch (error) {
      await reader.stop();
      throw error;
    }
    return reader;
  }

  /** Which gateways it has heard with a message of this kind that is so. */
  gateways(kind: string, isSo: (payload: Heard["payload"]) => boolean): Set<string> {
    const those = this.heard.filter((heard) => heard.kind === kind && isSo(heard.payload));
    return new Set(those.map(({ gateway }) => gateway));
  }

  async stop(): Promise<void> {
    await this.client.endAsync(true);
  }
}
