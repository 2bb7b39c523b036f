/** The broker that needs nothing installed: aedes behind two TLS ports. */
import type { Socket } from "node:net";
import { randomUUID } from "node:crypto";
import { createServer, type PeerCertificate, type Server, type TLSSocket } from "node:tls";
import type { Aedes, Client, ConnectPacket } from "aedes";
import { MAX_PACKET_BYTES, packetLimit } from "./packet-limit";
import type { KeyAndCertificate } from "./authority";
import {
  addressesOf,
  CERTIFICATE_TOPICS,
  clientTopics,
  listenError,
  MAX_CONNECTIONS,
  REGISTRATION_TOPICS,
  type Broker,
  type BrokerOptions,
} from "./broker";

import { speakMqtt5 } from "./mqtt5";

/** What a connection may do: that of a registered client, or registering. */
type Access = { clientId: string } | "registration";

const PATIENCE = 10_000;
/** Messages at QoS 2 that a client may begin and not end. */
const MAX_UNFINISHED = 100;
const NOT_AUTHORIZED = 5;
/** CONNACK with return code 1. */
const REFUSED_PROTOCOL = Buffer.from([0x20, 2, 0, 1]);
/** What MQTT forbids in a topic, and Mosquitto ends a connection for. */
const CONTROLS = /\p{Cc}/u;
/** Nobody can subscribe to it: what a client may not publish ends here, as in Mosquitto. */
const NOWHERE = "$forbidden";

const CERTIFICATES = {
  registration: { requestCert: false },
  client: { requestCert: true, rejectUnauthorized: true },
};

export class EmbeddedBroker implements Broker {
  port: number;
  registrationPort: number;
  private broker: Aedes | undefined;
  private servers: Server[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly access = new WeakMap<object, Access>();
  private readonly clients = new Set<Client>();
  private server: KeyAndCertificate | undefined;

  constructor(private readonly options: BrokerOptions) {
    ({ port: this.port, registrationPort: this.registrationPort } = options);
  }

  async open(): Promise<void> {
    const { authority, serverNames, host, patience = PATIENCE } = this.options;
    this.server ??= await authority.makeServer(serverNames);
    // aedes is an ES module only.
    const { Aedes } = await import("aedes");
    this.broker = await Aedes.createBroker({
      // Without a bound here a subscriber that does not read would hold up all others; the drain timeout ends it.
      concurrency: 0,
      drainTimeout: patience,
      connectTimeout: patience,
      maxInflightInbound: MAX_UNFINISHED,
      queueLimit: 1000,
      // MQTT 3.1 allows 23 characters; Mosquitto takes any number of them.
      maxClientsIdLength: 65_535,
      preConnect: (client, packet, done) => {
        // aedes would take MQTT 3.1 under the name of 3.1.1, which Mosquitto and the agent refuse.
        if (packet.protocolVersion !== 3 || packet.protocolId === "MQIsdp") {
          this.prepare(client, packet);
          return done(null, true);
        }
        client.conn.end(REFUSED_PROTOCOL, () => done(new Error("unacceptable protocol"), false));
      },
      authenticate: (client, _username, _password, done) => {
        const access = this.access.get(client.conn);
        if (access === "registration" || (access && this.options.hasClient(access.clientId))) {
          this.access.set(client, access);
          return done(null, true);
        }
        const refused = Object.assign(new Error("not authorized"), { returnCode: NOT_AUTHORIZED });
        done(refused, false);
      },
      authorizePublish: (client, packet, done) => {
        packet.retain = false;
        const { topic, payload } = packet;
        if (CONTROLS.test(topic)) return done(new Error("a control character in a topic"));
        const allowed = mayPublish(client ? this.access.get(client) : undefined, topic);
        if (!allowed) packet.topic = NOWHERE;
        done(null);
        if (allowed) this.options.onRequest(topic, Buffer.from(payload));
      },
      authorizeSubscribe: (client, subscription, done) => {
        done(null, maySubscribe(this.access.get(client), subscription.topic) ? subscription : null);
      },
    });
    // A client that breaks the protocol or leaves is its own business.
    this.broker.on("clientError", () => undefined);
    this.broker.on("connectionError", () => undefined);
    const addresses = await addressesOf(host);
    this.port = await this.listen("client", this.port, addresses);
    this.registrationPort = await this.listen("registration", this.registrationPort, addresses);
  }

  async close(): Promise<void> {
    const closed = this.servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const client of this.clients) client.close();
    for (const socket of this.sockets) socket.destroy();
    this.servers = [];
    const { broker } = this;
    this.broker = undefined;
    await Promise.all([...closed, broker && new Promise<void>((resolve) => broker.close(resolve))]);
  }

  publish(topic: string, payload: string): void {
    this.broker?.publish(
      { cmd: "publish", topic, payload, qos: 0, retain: false, dup: false },
      () => undefined,
    );
  }

  shutOut(clientId: string): Promise<void> {
    for (const client of this.clients) {
      const access = this.access.get(client.conn);
      if (access !== "registration" && access?.clientId === clientId) client.close();
    }
    return Promise.resolve();
  }

  /** Before aedes looks at a CONNECT. */
  private prepare(client: Client, packet: ConnectPacket): void {
    const access = this.access.get(client.conn);
    // A session that outlives its connection would keep what comes meanwhile, without a bound.
    packet.clean = true;
    const isNamed = packet.clientId !== "";
    const name = isNamed ? packet.clientId : randomUUID();
    // Of its own for each client: under the same name another one would end its session.
    packet.clientId = `${access === "registration" ? access : access?.clientId}/${name}`;
    const isMqtt5 = (packet.protocolVersion as number) === 5;
    if (isMqtt5) speakMqtt5(client, client.conn as TLSSocket, packet, isNamed ? undefined : name);
  }

  private async listen(
    kind: keyof typeof CERTIFICATES,
    wanted: number,
    addresses: string[],
  ): Promise<number> {
    let port = wanted;
    for (const address of addresses) {
      const server = this.makeServer(kind);
      port = await new Promise<number>((resolve, reject) => {
        server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, port)));
        server.listen(port, address, () => {
          const bound = server.address();
          resolve(typeof bound === "object" && bound !== null ? bound.port : port);
        });
      });
      this.servers.push(server);
    }
    return port;
  }

  private makeServer(kind: keyof typeof CERTIFICATES): Server {
    const server = createServer({
      ca: this.options.authority.certificate,
      cert: this.server?.certificate,
      key: this.server?.key,
      minVersion: "TLSv1.2",
      handshakeTimeout: this.options.patience ?? PATIENCE,
      ...CERTIFICATES[kind],
    });
    server.maxConnections = MAX_CONNECTIONS;
    // After the time for the handshake Node leaves it to us to close the connection.
    server.on("tlsClientError", (_error, socket) => socket.destroy());
    server.on("connection", (socket: Socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
      socket.on("error", () => undefined);
    });
    server.on("secureConnection", (socket) => this.welcome(kind, socket));
    return server;
  }

  private welcome(kind: keyof typeof CERTIFICATES, socket: TLSSocket): void {
    const { broker } = this;
    if (broker === undefined) return void socket.destroy();
    // Two small packets in a row, answer and live data, would otherwise wait 40 ms for each other.
    socket.setNoDelay(true);
    const access = kind === "client" ? { clientId: commonName(socket) } : "registration";
    // A deleted client's certificate ends the connection before MQTT, as with Mosquitto and a revocation list.
    if (access !== "registration" && !this.options.hasClient(access.clientId)) return void socket.destroy();
    this.access.set(socket, access);
    const client = broker.handle(socket);
    this.clients.add(client);
    const tooLong = packetLimit(MAX_PACKET_BYTES);
    // After aedes, which reads on "readable": this only looks at what it reads.
    socket.on("data", (chunk: Buffer) => {
      if (tooLong(chunk)) socket.destroy();
    });
    socket.on("close", () => this.clients.delete(client));
  }
}

function mayPublish(access: Access | undefined, topic: string): boolean {
  if (access === "registration") return REGISTRATION_TOPICS.includes(topic);
  return access !== undefined && topic.startsWith(clientTopics(access.clientId));
}

function maySubscribe(access: Access | undefined, filter: string): boolean {
  if (access === "registration") return filter.startsWith(CERTIFICATE_TOPICS);
  return access !== undefined && filter.startsWith(clientTopics(access.clientId));
}

/** Of a connection that has just broken there is no certificate; a name that stands there twice comes as a list. */
function commonName(socket: TLSSocket): string {
  const certificate = socket.getPeerCertificate() as Partial<PeerCertificate> | null;
  const name: unknown = certificate?.subject?.CN;
  return typeof name === "string" ? name : "";
}
