/**
 * One session with the agent's broker: TLS first, MQTT 3.1 over it when the server is verified.
 * The only place that knows mqtt.js; of it, only the protocol is used. Its reconnecting, its queues and its
 * repeated subscribing lose messages (measurements M1 to M8), so a session lives once and is thrown away. Messages
 * are read and written beside it (`packets.ts`).
 */
import { createRequire } from "node:module";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import {
  checkServerIdentity,
  connect as connectTls,
  createSecureContext,
  type ConnectionOptions,
  type SecureContext,
  type TLSSocket,
} from "node:tls";
import type * as Mqtt from "mqtt";
import type { MqttClient } from "mqtt";
import { IotError } from "../protocol/errors";
import { MAX_PAYLOAD_BYTES, MAX_TOPIC_BYTES } from "../protocol/limits";
import { classifyFailure, CLOSED_BY_PEER, CONNECT_TIMEOUT, type Circumstances } from "./failures";
import { Breather } from "./breather";
import { PacketRules } from "./packet-rules";
import { PacketReader, publishPacket } from "./packets";
import { Remainder } from "./remainder";

export interface Endpoint {
  host: string;
  port: number;
  /** The name to ask for and to verify, where it is not the host's. */
  serverName?: string;
  /** PEM, checked: an empty or broken one would make Node trust the public authorities. */
  ca: string;
}

/** PEM. */
export interface ClientCredentials {
  certificate: string;
  key: string;
  passphrase?: string;
}

export interface SessionOptions {
  endpoint: Endpoint;
  credentials?: ClientCredentials;
  /** At most 23 characters (MQTT 3.1). */
  mqttClientId: string;
  /** Seconds. */
  keepalive: number;
  /** Milliseconds for TCP, TLS and CONNACK together. */
  connectTimeout: number;
}

export interface Session {
  /** Set by the owner before it subscribes. */
  onMessage: (topic: string, payload: Buffer) => void;
  /**
   * Set by an owner who awaits messages of more than 256 KiB. Asked when one begins: true to get it; otherwise nothing
   * of it is kept. The topic is "" where it is too long to be one of ours.
   */
  onLarge?: (topic: string, bytes: number) => boolean;
  /** QoS 0. Resolves when every filter is granted; rejects with a `SubscriptionRefused` that names one that is not. */
  subscribe(filters: readonly string[]): Promise<void>;
  /** QoS 0: sent and forgotten; on a closed session nothing happens. */
  publish(topic: string, payload: string): void;
  /** Sends a packet of two bytes that the broker answers itself; what has come is acknowledged with it. */
  nudge(): void;
  /** Settles once: `undefined` when we closed it. */
  readonly closed: Promise<IotError | undefined>;
  /** Says goodbye and destroys the socket, within a second. */
  close(): Promise<void>;
}

export type OpenSession = (options: SessionOptions, signal?: AbortSignal) => Promise<Session>;

const load = createRequire(__filename);
const FAREWELL_MS = 800;
const QOS_0 = { qos: 0 } as const;

export const openSession: OpenSession = (options, signal) => open(options, signal, secureContext);

/** Opens the sessions of one client: they share a context, of 32 KiB, as long as they have the same keys. */
export function sessionOpener(): OpenSession {
  const context = lastContext();
  return (options, signal) => open(options, signal, context);
}

async function open(
  options: SessionOptions,
  signal: AbortSignal | undefined,
  context: typeof secureContext,
): Promise<Session> {
  // Loaded with the first connection: a Node-RED that only has these nodes in its palette starts without it. Not with
  // `import()`: the loader of ES modules alone would take 4 MiB.
  const { MqttClient } = load("mqtt") as typeof Mqtt;
  const attempt = new Attempt(options, signal);
  try {
    const tls = tlsOptions(options, context);
    const tcp = await attempt.step<Socket>((resolve) => {
      const { host, port } = options.endpoint;
      const socket = attempt.guard(connectTcp({ host, port, noDelay: true }));
      socket.once("connect", () => resolve(socket));
    });
    const socket = await attempt.step<TLSSocket>((resolve) => {
      const socket = attempt.guard(connectTls({ ...tls, socket: tcp }));
      // Only here, under TLS, is it seen that a server spoke at all.
      socket.prependListener("close", () => {
        attempt.circumstances.answered = tcp.bytesRead > 0;
        attempt.circumstances.unverified = isUnverified(socket);
      });
      // `rejectUnauthorized` is on: this event is only for a server that was verified.
      socket.once("secureConnect", () => {
        attempt.circumstances.secured = true;
        resolve(socket);
      });
    });
    return await attempt.step<Session>((resolve) => {
      const session = new MqttSession(MqttClient, socket, attempt, options, () => resolve(session));
    });
  } catch (error) {
    throw attempt.abandon(error);
  } finally {
    attempt.end();
  }
}

/** What an attempt to connect can fail of: its sockets, the time, or that nobody wants it any more. */
class Attempt {
  readonly circumstances: Circumstances;
  /** The first failure is the one that counts; others follow from it. */
  failure: unknown;
  private readonly sockets: Socket[] = [];
  private fail: (error: unknown) => void = noop;
  private readonly timer: NodeJS.Timeout;
  private readonly abort = () => this.fail(new IotError("Closed", { reason: "unsent" }));

  constructor(
    private readonly options: SessionOptions,
    private readonly signal: AbortSignal | undefined,
  ) {
    const { connectTimeout, credentials, mqttClientId } = options;
    const withCredentials = credentials !== undefined;
    this.circumstances = { withCredentials, mqttClientId, seconds: connectTimeout / 1000 };
    this.timer = setTimeout(() => this.fail({ code: CONNECT_TIMEOUT }), connectTimeout);
    signal?.addEventListener("abort", this.abort);
  }

  step<T>(take: (resolve: (value: T) => void) => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.fail = reject;
      if (this.signal?.aborted) this.abort();
      else take(resolve);
    });
  }

  /** A TLS failure is told more than once: the listener stays for good, or the second one ends the process. */
  guard<S extends Socket>(socket: S): S {
    this.sockets.push(socket);
    socket.on("error", (error) => (this.failure ??= error));
    socket.on("close", () => {
      for (const other of this.sockets) other.destroy();
      this.fail(this.failure ?? { code: CLOSED_BY_PEER });
    });
    return socket;
  }

  abandon(error: unknown): IotError {
    for (const socket of this.sockets) socket.destroy();
    return classifyFailure(error, this.options.endpoint, this.circumstances);
  }

  end(): void {
    this.fail = noop;
    clearTimeout(this.timer);
    this.signal?.removeEventListener("abort", this.abort);
  }
}

class MqttSession implements Session {
  onMessage: (topic: string, payload: Buffer) => void = noop;
  onLarge: (topic: string, bytes: number) => boolean = () => false;
  readonly closed: Promise<IotError | undefined>;
  private readonly mqtt: MqttClient;
  private closing = false;

  constructor(
    Client: typeof MqttClient,
    private readonly socket: TLSSocket,
    attempt: Attempt,
    private readonly options: SessionOptions,
    onConnected: () => void,
  ) {
    const { circumstances } = attempt;
    const { endpoint, mqttClientId, keepalive } = options;
    const remainder = new Remainder(socket);
    this.mqtt = new Client(() => remainder, {
      protocolId: "MQIsdp",
      protocolVersion: 3,
      clientId: mqttClientId,
      keepalive,
      clean: true,
      manualConnect: true,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
    });
    // A refused CONNACK, a silent peer, a broken protocol: not each of them closes the socket by itself.
    this.mqtt.on("error", (error) => {
      attempt.failure ??= error;
      socket.destroy();
    });
    this.mqtt.once("connect", () => {
      circumstances.established = true;
      circumstances.seconds = keepalive * 1.5;
      onConnected();
    });
    this.closed = new Promise((resolve) => {
      socket.once("close", () => {
        const failure = attempt.failure ?? { code: CLOSED_BY_PEER };
        resolve(this.closing ? undefined : classifyFailure(failure, endpoint, circumstances));
      });
    });
    this.read(remainder, attempt);
    this.mqtt.connect();
  }

  private read(remainder: Remainder, attempt: Attempt): void {
    const { host, port } = this.options.endpoint;
    const rules = new PacketRules();
    this.mqtt.on("packetsend", (packet) => {
      if (packet.cmd === "subscribe") rules.sent(packet.cmd, packet.subscriptions.length);
      else if (packet.cmd === "connect" || packet.cmd === "pingreq") rules.sent(packet.cmd);
    });
    const reader = new PacketReader({ payload: MAX_PAYLOAD_BYTES, topic: MAX_TOPIC_BYTES }, rules, {
      message: (topic, payload) => this.onMessage(topic, payload),
      large: (topic, bytes) => this.onLarge(topic, bytes),
      packet: (bytes) => remainder.push(bytes),
    });
    const breather = new Breather(this.socket);
    this.socket.on("data", (chunk: Buffer) => {
      const wrong = breather.during(() => reader.read(chunk));
      if (wrong === undefined) return;
      const { packet, fault: reason } = wrong;
      attempt.failure ??= new IotError("ProtocolViolation", { reason, details: { host, port, packet } });
      this.socket.destroy();
    });
  }

  async subscribe(filters: readonly string[]): Promise<void> {
    const { endpoint, connectTimeout } = this.options;
    const { host, port } = endpoint;
    const details = { host, port, topic: filters[0] ?? "", seconds: connectTimeout / 1000 };
    const open = new Set(filters);
    const subscribe = async (topic: string): Promise<void> => {
      try {
        await this.mqtt.subscribeAsync(topic, QOS_0);
        open.delete(topic);
      } catch {
        if (this.socket.destroyed) throw await this.endedBefore([...open][0] ?? topic);
        throw new IotError("SubscriptionRefused", { details: { ...details, topic } });
      }
    };
    // Each in a packet of its own: a broker may take no large ones (fault 55).
    const granted = Promise.all(filters.map(subscribe));
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new IotError("SubscriptionTimeout", { details })), connectTimeout);
    });
    await Promise.race([granted, silence]).finally(() => clearTimeout(timer));
  }

  /** Why there is no session any more, which ended before a subscription was confirmed. */
  private async endedBefore(topic: string): Promise<IotError> {
    const failure = (await this.closed) ?? new IotError("Closed", { reason: "unsent" });
    if (failure.name !== "ConnectionLost") return failure;
    return new IotError("ConnectionLost", { reason: "subscribing", details: { ...failure.details, topic } });
  }

  publish(topic: string, payload: string): void {
    if (this.closing || this.socket.destroyed) return;
    // What is published in one turn goes out together: each write is a TLS record and a system call.
    if (this.socket.writableCorked === 0) {
      this.socket.cork();
      process.nextTick(() => this.socket.uncork());
    }
    this.socket.write(publishPacket(topic, payload));
  }

  nudge(): void {
    if (!this.closing && !this.socket.destroyed) this.mqtt.sendPing();
  }

  async close(): Promise<void> {
    if (!this.closing && !this.socket.destroyed) {
      this.closing = true;
      // mqtt.js leaves the socket open when an acknowledgement is outstanding (M3): the deadline closes it.
      const deadline = setTimeout(() => this.socket.destroy(), FAREWELL_MS);
      this.socket.once("finish", () => this.socket.destroy());
      this.socket.once("close", () => clearTimeout(deadline));
      this.mqtt.end();
    }
    await this.closed;
  }
}

/** How a server is verified, for whoever opens a connection. */
export function tlsOptions(
  { endpoint, credentials }: Pick<SessionOptions, "endpoint" | "credentials">,
  context = secureContext,
): ConnectionOptions {
  const { host, ca, serverName } = endpoint;
  if (ca.trim() === "") throw new IotError("CaMissing", { reason: "unset" });
  const name = serverName === undefined || serverName === "" ? host : serverName;
  return {
    secureContext: context(endpoint, credentials),
    rejectUnauthorized: true,
    // An address cannot be asked for by name (RFC 6066), but it is verified like a name.
    servername: isIP(name) === 0 ? name : "",
    checkServerIdentity: (_, certificate) => checkServerIdentity(name, certificate),
  };
}

/** OpenSSL reads the authority, the certificate and the key here, and says what it does not like about them. */
function secureContext(endpoint: Endpoint, credentials: ClientCredentials | undefined): SecureContext {
  try {
    return createSecureContext({
      ca: endpoint.ca,
      cert: credentials?.certificate,
      key: credentials?.key,
      passphrase: credentials?.passphrase,
      minVersion: "TLSv1.2",
    });
  } catch (error) {
    throw classifyFailure(error, endpoint, { local: true });
  }
}

/** The same, and the one of before where nothing has changed. */
function lastContext(): typeof secureContext {
  let last: { of: readonly unknown[]; context: SecureContext } | undefined;
  return (endpoint, credentials) => {
    const { certificate, key, passphrase } = credentials ?? {};
    const of = [endpoint.ca, certificate, key, passphrase];
    if (last === undefined || of.some((text, index) => text !== last!.of[index]))
      last = { of, context: secureContext(endpoint, credentials) };
    return last.context;
  };
}

/** Whether it is the server's certificate, or its name, that was not accepted. */
export function isUnverified({ authorizationError }: TLSSocket): boolean {
  return Boolean(authorizationError);
}

function noop(): void {
  // Errors that come after the end have been told already.
}
