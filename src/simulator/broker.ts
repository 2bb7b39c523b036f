/** What the simulator needs of a broker, and the rules of access that both brokers keep. */
import { lookup } from "node:dns/promises";
import { createServer } from "node:net";
import { IotError } from "../protocol/errors";
import { VERSION } from "../protocol/topics";
import type { Authority } from "./authority";

/** A broker with two TLS ports. `open` again after `close` listens on the same ports. */
export interface Broker {
  readonly port: number;
  readonly registrationPort: number;
  open(): Promise<void>;
  close(): Promise<void>;
  publish(topic: string, payload: string): void;
  /** Makes a deleted client's certificate useless and ends its sessions. */
  shutOut(clientId: string): Promise<void>;
}

export interface BrokerOptions {
  directory: string;
  host: string;
  port: number;
  registrationPort: number;
  authority: Authority;
  /** The names and addresses that the server certificate is valid for. */
  serverNames: readonly string[];
  hasClient: (clientId: string) => boolean;
  /** Milliseconds for a handshake, for CONNECT to come, and for a subscriber that does not read. */
  patience?: number | undefined;
  /** Serial numbers of the certificates of deleted clients. */
  revoked: () => readonly number[];
  onRequest: (topic: string, payload: Buffer) => void;
  /** The broker failed while it ran. */
  onFailure: (error: Error) => void;
}

/** Connections that each port takes at a time. */
export const MAX_CONNECTIONS = 1000;

/** Where older clients register, the vendor's SDKs among them. */
export const OLDER_REGISTRATION_TOPIC = "/createConnector";
export const REGISTRATION_TOPICS: readonly string[] = [`/${VERSION}/createClient`, OLDER_REGISTRATION_TOPIC];
export const CERTIFICATE_TOPICS = "/certBack/";

/** Everything that a client may publish and subscribe to lies below this. */
export const clientTopics = (clientId: string) => `/${VERSION}/${clientId}/`;

/** All addresses of a host, so that "localhost" answers over IPv4 and IPv6. */
export async function addressesOf(host: string): Promise<string[]> {
  const found = await lookup(host, { all: true });
  return [...new Set(found.map(({ address }) => address))];
}

/** A port that is free on all addresses: the one that is wanted, or any for 0. Throws `PortInUse`. */
export async function findPort(wanted: number, addresses: readonly string[]): Promise<number> {
  let port = wanted;
  for (const address of addresses) port = await tryPort(port, address);
  return port;
}

function tryPort(port: number, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => reject(listenError(error, port)));
    server.listen(port, address, () => {
      const found = server.address();
      server.close(() => resolve(typeof found === "object" && found !== null ? found.port : port));
    });
  });
}

export function listenError(error: NodeJS.ErrnoException, port: number): Error {
  return error.code === "EADDRINUSE" ? new IotError("PortInUse", { details: { port }, cause: error }) : error;
}
