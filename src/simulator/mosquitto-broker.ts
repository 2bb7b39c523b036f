/**
 * Mosquitto as the broker, and the simulator a client of it, as the real agent is of its own. Each port has a Mosquitto
 * to itself: in a shared one whoever registers could end a client's session by connecting under its MQTT client ID.
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { connectAsync, type MqttClient } from "mqtt";
import { MAX_PACKET_BYTES } from "./packet-limit";
import {
  addressesOf,
  CERTIFICATE_TOPICS,
  clientTopics,
  findPort,
  MAX_CONNECTIONS,
  REGISTRATION_TOPICS,
  type Broker,
  type BrokerOptions,
} from "./broker";
import { openFolder } from "./files";
import type { KeyAndCertificate } from "./authority";
import { linesOf, MosquittoProcess, PATIENCE } from "./mosquitto-process";

/** The agent's name in its own certificate; no client ID has these letters. */
const AGENT = "teamviewer-iot-agent";
/** Where the agent reaches the Mosquitto of the registration port, which takes no certificates for all others. */
const LOOPBACK = "127.0.0.1";
/** Bytes that wait for a client which is away, or which does not read. */
const MAX_QUEUED_BYTES = 64 * 1024;
/** The number of sessions of clients that are away has no bound of its own in Mosquitto. */
const MAX_MEMORY_BYTES = 128 * 1024 * 1024;
/** The shortest time that it knows. */
const LONGEST_ABSENCE = "1h";

/** "New client connected from ADDRESS as MQTT-ID (p2, c1, k60, u'CLIENT-ID')." */
const CONNECTED = /^\d+: New client connected from \S+ as (.*) \(p\d, c\d, k\d+, u'([0-9a-f]{32})'\)\.$/;
const DISCONNECTED =
  /^\d+: Client (.*) (?:disconnected\.|closed its connection\.|has exceeded timeout, disconnecting\.|disconnected due to (?:protocol error|malformed packet)\.)$/;

export class MosquittoBroker implements Broker {
  port: number;
  registrationPort: number;
  private readonly clients: MosquittoProcess;
  private readonly registration: MosquittoProcess;
  private agents: Partial<Record<"clients" | "registration", MqttClient>> = {};
  private agentKey: KeyAndCertificate | undefined;
  /** The client ID that each MQTT session belongs to, as Mosquitto logs it. */
  private readonly sessions = new Map<string, string>();
  private lists = 0;

  constructor(private readonly options: BrokerOptions) {
    ({ port: this.port, registrationPort: this.registrationPort } = options);
    const onEnd = options.onFailure;
    this.clients = new MosquittoProcess({
      directory: this.folder("clients"),
      onLine: (line) => this.readLine(line),
      onEnd,
    });
    this.registration = new MosquittoProcess({
      directory: this.folder("registration"),
      onLine: () => undefined,
      onEnd,
    });
  }

  async open(): Promise<void> {
    const addresses = await addressesOf(this.options.host);
    this.port = await findPort(this.port, addresses);
    this.registrationPort = await findPort(this.registrationPort, addresses);
    const agentPort = await findPort(0, [LOOPBACK]);
    await openFolder(this.folder());
    this.agentKey = await this.options.authority.makeAgent(AGENT);
    try {
      await this.startClients(addresses);
      await this.startRegistration(addresses, agentPort);
      await this.connectAgents(agentPort);
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const agents = Object.values(this.agents);
    this.agents = {};
    this.sessions.clear();
    await Promise.all(agents.map((agent) => agent.endAsync(true)));
    await Promise.all([this.clients.stop(), this.registration.stop()]);
  }

  publish(topic: string, payload: string): void {
    const agent = topic.startsWith(CERTIFICATE_TOPICS) ? this.agents.registration : this.agents.clients;
    agent?.publish(topic, payload, { qos: 0 }, () => undefined);
  }

  /** Revokes the certificate first, so that a session that is ended cannot come back. */
  async shutOut(clientId: string): Promise<void> {
    await this.clients.write("revoked.crl", await this.revocationList());
    await this.clients.reload();
    const sessions = [...this.sessions].filter(([, owner]) => owner === clientId);
    await Promise.all(sessions.map(([mqttClientId]) => this.takeOver(mqttClientId)));
  }

  /** Mosquitto ends a session when another one has its MQTT client ID: this one, which ends itself at once. */
  private async takeOver(mqttClientId: string): Promise<void> {
    const usurper = await connectAsync({
      ...this.connection(this.options.host, this.port),
      clientId: mqttClientId,
      reconnectPeriod: 0,
    });
    await usurper.endAsync();
    this.sessions.delete(mqttClientId);
  }

  private folder(...names: string[]): string {
    return join(this.options.directory, "mosquitto", ...names);
  }

  private async startClients(addresses: readonly string[]): Promise<void> {
    const listeners = addresses.flatMap((address) => [
      `listener ${this.port} ${address}`,
      ...TLS,
      "require_certificate true",
      "use_identity_as_username true",
      "crlfile revoked.crl",
      "acl_file client.acl",
    ]);
    await this.clients.start([...COMMON, ...listeners], {
      ...(await this.tlsFiles()),
      "revoked.crl": await this.revocationList(),
      "client.acl": linesOf([...AGENT_ACCESS, `pattern readwrite ${clientTopics("%u")}#`]),
    });
  }

  private async startRegistration(addresses: readonly string[], agentPort: number): Promise<void> {
    const listeners = addresses.flatMap((address) => [
      `listener ${this.registrationPort} ${address}`,
      ...TLS,
      "require_certificate false",
      "allow_anonymous true",
      "acl_file registration.acl",
    ]);
    const agentListener = [
      `listener ${agentPort} ${LOOPBACK}`,
      ...TLS,
      "require_certificate true",
      "use_identity_as_username true",
      "acl_file agent.acl",
    ];
    await this.registration.start([...COMMON, ...listeners, ...agentListener], {
      ...(await this.tlsFiles()),
      "registration.acl": linesOf([
        ...REGISTRATION_TOPICS.map((topic) => `topic write ${topic}`),
        `topic read ${CERTIFICATE_TOPICS}#`,
      ]),
      "agent.acl": linesOf(AGENT_ACCESS),
    });
  }

  private async tlsFiles(): Promise<Record<string, string>> {
    const { authority, serverNames } = this.options;
    const { certificate, key } = await authority.makeServer(serverNames);
    return { "ca.crt": authority.certificate, "server.crt": certificate, "server.key": key };
  }

  private revocationList(): Promise<string> {
    return this.options.authority.makeRevocationList(this.options.revoked(), this.lists++);
  }

  private async connectAgents(agentPort: number): Promise<void> {
    const { host } = this.options;
    this.agents.clients = await this.connectAgent(host, this.port, [clientTopics("+") + "#"]);
    this.agents.registration = await this.connectAgent(LOOPBACK, agentPort, REGISTRATION_TOPICS);
  }

  private async connectAgent(host: string, port: number, filters: readonly string[]): Promise<MqttClient> {
    // A name that nobody can guess: who connects under it ends this session.
    const clientId = `${AGENT}-${randomBytes(16).toString("hex")}`;
    const agent = await connectAsync({ ...this.connection(host, port), clientId, reconnectPeriod: 500 });
    agent.on("error", () => undefined);
    agent.on("message", (topic, payload, { retain }) => {
      // A request that Mosquitto kept was answered when it came.
      if (!retain) this.options.onRequest(topic, payload);
    });
    // MQTT 5 for `nl`, so that the agent does not hear its own answers.
    await agent.subscribeAsync([...filters], { qos: 0, nl: true });
    return agent;
  }

  private connection(host: string, port: number) {
    return {
      protocol: "mqtts" as const,
      protocolVersion: 5 as const,
      host,
      port,
      servername: this.options.serverNames[0],
      ca: this.options.authority.certificate,
      cert: this.agentKey?.certificate,
      key: this.agentKey?.key,
      connectTimeout: PATIENCE,
    };
  }

  private readLine(line: string): void {
    const [, mqttClientId, owner] = CONNECTED.exec(line) ?? [];
    if (mqttClientId !== undefined && owner !== undefined) this.sessions.set(mqttClientId, owner);
    else {
      const [, gone] = DISCONNECTED.exec(line) ?? [];
      if (gone !== undefined) this.sessions.delete(gone);
    }
  }
}

const COMMON = [
  // Otherwise a user name in CONNECT on the registration port would count as the agent's.
  "per_listener_settings true",
  "persistence false",
  "set_tcp_nodelay true",
  `max_packet_size ${MAX_PACKET_BYTES}`,
  `max_queued_bytes ${MAX_QUEUED_BYTES}`,
  "retain_available false",
  `memory_limit ${MAX_MEMORY_BYTES}`,
  `persistent_client_expiration ${LONGEST_ABSENCE}`,
  "log_dest stderr",
  ...["error", "warning", "notice", "information"].map((type) => `log_type ${type}`),
];

const TLS = [
  "cafile ca.crt",
  "certfile server.crt",
  "keyfile server.key",
  "tls_version tlsv1.2",
  `max_connections ${MAX_CONNECTIONS}`,
];

const AGENT_ACCESS = [`user ${AGENT}`, "topic readwrite #"];
