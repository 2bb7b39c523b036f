/** Mosquitto as the broker, started as a child process; the simulator is a client of it, as the real agent is. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { connectAsync, type MqttClient } from "mqtt";
import { MAX_PACKET_BYTES } from "../protocol/limits";
import { VERSION } from "../protocol/topics";
import {
  addressesOf,
  CERTIFICATE_TOPICS,
  clientTopics,
  findPort,
  REGISTRATION_TOPICS,
  type Broker,
  type BrokerOptions,
} from "./broker";
import { makePrivateDirectory, writePrivateFile } from "./files";
import type { KeyAndCertificate } from "./authority";

/** The agent's name in its own certificate; no client ID has these letters. */
const AGENT = "teamviewer-iot-agent";
/** Milliseconds for Mosquitto to start, to reload, and to end by itself. */
const PATIENCE = 10_000;
/** Debian puts it where not everybody's PATH leads. */
const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/usr/local/sbin`;

/** "New client connected from ADDRESS as MQTT-ID (p2, c1, k60, u'CLIENT-ID')." */
const CONNECTED = /New client connected from \S+ as (.*) \(p\d, c\d, k\d+, u'([0-9a-f]{32})'\)\.$/;
const DISCONNECTED = /Client (.*) (?:disconnected|closed its connection|has exceeded timeout)/;

export class MosquittoBroker implements Broker {
  port: number;
  registrationPort: number;
  private readonly directory: string;
  private child: ChildProcess | undefined;
  private agent: MqttClient | undefined;
  private agentKey: KeyAndCertificate | undefined;
  private lastLines: string[] = [];
  private readonly lineListeners = new Set<(line: string) => void>();
  /** The client ID that each MQTT session belongs to, as Mosquitto logs it. */
  private readonly sessions = new Map<string, string>();
  private lists = 0;

  constructor(private readonly options: BrokerOptions) {
    ({ port: this.port, registrationPort: this.registrationPort } = options);
    this.directory = join(options.directory, "mosquitto");
  }

  async open(): Promise<void> {
    const addresses = await addressesOf(this.options.host);
    this.port = await findPort(this.port, addresses);
    this.registrationPort = await findPort(this.registrationPort, addresses);
    await this.writeConfiguration(addresses);
    await this.startMosquitto();
    try {
      await this.connectAgent();
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { agent, child } = this;
    this.agent = undefined;
    this.child = undefined;
    this.sessions.clear();
    await agent?.endAsync(true);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const deadline = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    await ended;
    clearTimeout(deadline);
  }

  publish(topic: string, payload: string): void {
    this.agent?.publish(topic, payload, { qos: 0 }, () => undefined);
  }

  /** Revokes the certificate first, so that a session that is ended cannot come back. */
  async shutOut(clientId: string): Promise<void> {
    await this.writeRevocationList();
    const reloading = this.nextLine((line) => line.includes("Reloading config"));
    this.child?.kill("SIGHUP");
    await reloading;
    const sessions = [...this.sessions].filter(([, owner]) => owner === clientId);
    await Promise.all(sessions.map(([mqttClientId]) => this.takeOver(mqttClientId)));
  }

  /** Mosquitto ends a session when another one has its MQTT client ID: this one, which ends itself at once. */
  private async takeOver(mqttClientId: string): Promise<void> {
    const usurper = await connectAsync({ ...this.connection(), clientId: mqttClientId, reconnectPeriod: 0 });
    await usurper.endAsync();
    this.sessions.delete(mqttClientId);
  }

  private async writeConfiguration(addresses: readonly string[]): Promise<void> {
    const { authority, serverNames } = this.options;
    await makePrivateDirectory(this.directory);
    const file = (name: string) => join(this.directory, name);
    const [server, agent] = await Promise.all([
      authority.makeServer(serverNames),
      authority.makeAgent(AGENT),
    ]);
    this.agentKey = agent;
    const tls = [
      `cafile ${authority.file}`,
      `certfile ${file("server.crt")}`,
      `keyfile ${file("server.key")}`,
      "tls_version tlsv1.2",
    ];
    const registration = (address: string) => [
      `listener ${this.registrationPort} ${address}`,
      ...tls,
      "require_certificate false",
      "allow_anonymous true",
      `acl_file ${file("registration.acl")}`,
    ];
    const client = (address: string) => [
      `listener ${this.port} ${address}`,
      ...tls,
      "require_certificate true",
      "use_identity_as_username true",
      `crlfile ${file("revoked.crl")}`,
      `acl_file ${file("client.acl")}`,
    ];
    const configuration = [
      // Otherwise a user name in CONNECT on the registration port would open that client's topics.
      "per_listener_settings true",
      ...(process.getuid?.() === 0 ? ["user root"] : []),
      "persistence false",
      "set_tcp_nodelay true",
      `max_packet_size ${MAX_PACKET_BYTES}`,
      "log_dest stderr",
      ...["error", "warning", "notice", "information"].map((type) => `log_type ${type}`),
      ...addresses.flatMap((address) => [...registration(address), ...client(address)]),
    ];
    const files: Record<string, string> = {
      "mosquitto.conf": lines(configuration),
      "server.crt": server.certificate,
      "server.key": server.key,
      "registration.acl": lines([
        ...REGISTRATION_TOPICS.map((topic) => `topic write ${topic}`),
        `topic read ${CERTIFICATE_TOPICS}#`,
      ]),
      "client.acl": lines([`user ${AGENT}`, "topic readwrite #", `pattern readwrite ${clientTopics("%u")}#`]),
    };
    for (const [name, content] of Object.entries(files)) await writePrivateFile(file(name), content);
    await this.writeRevocationList();
  }

  private async writeRevocationList(): Promise<void> {
    const { authority, revoked } = this.options;
    const list = await authority.makeRevocationList(revoked(), this.lists++);
    await writePrivateFile(join(this.directory, "revoked.crl"), list);
  }

  private async startMosquitto(): Promise<void> {
    const program = findProgram("mosquitto");
    if (program === undefined)
      throw new Error("mosquitto is not installed (on Debian: apt install mosquitto)");
    const command = [program, "-c", join(this.directory, "mosquitto.conf")];
    // Where it is there, setpriv lets Mosquitto end with the simulator even if that is killed.
    const guard = findProgram("setpriv");
    const [file = program, ...rest] =
      guard === undefined ? command : [guard, "--pdeathsig", "TERM", ...command];
    const child = spawn(file, rest, {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, PATH },
    });
    this.child = child;
    this.lastLines = [];
    const running = this.nextLine((line) => line.endsWith(" running"));
    createInterface({ input: child.stderr }).on("line", (line) => this.readLine(line));
    const failed = new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("exit", () => {
        const error = new Error(`mosquitto ended: ${this.lastLines.join(" ")}`);
        if (this.child === child && this.agent !== undefined) this.options.onFailure(error);
        reject(error);
      });
    });
    await Promise.race([running, failed]);
  }

  private async connectAgent(): Promise<void> {
    const agent = await connectAsync({ ...this.connection(), clientId: AGENT, reconnectPeriod: 500 });
    this.agent = agent;
    agent.on("error", () => undefined);
    agent.on("message", (topic, payload, { retain }) => {
      // A request that Mosquitto kept was answered when it came.
      if (!retain) this.options.onRequest(topic, payload);
    });
    // MQTT 5 for `nl`, so that the agent does not hear its own answers.
    // A filter that another one covers would bring its messages twice.
    const filters = [
      `/${VERSION}/#`,
      ...REGISTRATION_TOPICS.filter((topic) => !topic.startsWith(`/${VERSION}/`)),
    ];
    await agent.subscribeAsync(filters, { qos: 0, nl: true });
  }

  private connection() {
    const { authority, host } = this.options;
    return {
      protocol: "mqtts" as const,
      protocolVersion: 5 as const,
      host,
      port: this.port,
      servername: this.options.serverNames[0],
      ca: authority.certificate,
      cert: this.agentKey?.certificate,
      key: this.agentKey?.key,
      connectTimeout: PATIENCE,
    };
  }

  private readLine(line: string): void {
    this.lastLines = [...this.lastLines.slice(-2), line.replace(/^\d+: /, "")];
    const [, mqttClientId, owner] = CONNECTED.exec(line) ?? [];
    if (mqttClientId !== undefined && owner !== undefined) this.sessions.set(mqttClientId, owner);
    else {
      const [, gone] = DISCONNECTED.exec(line) ?? [];
      if (gone !== undefined) this.sessions.delete(gone);
    }
    for (const listener of this.lineListeners) listener(line);
  }

  private nextLine(fits: (line: string) => boolean): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(deadline);
        this.lineListeners.delete(listen);
        resolve();
      };
      const listen = (line: string) => {
        if (fits(line)) done();
      };
      const deadline = setTimeout(done, PATIENCE);
      this.lineListeners.add(listen);
    });
  }
}

function findProgram(name: string): string | undefined {
  return PATH.split(delimiter)
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path));
}

const lines = (list: readonly string[]) => `${list.join("\n")}\n`;
