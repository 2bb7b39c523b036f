/** Ports that nobody uses, asked of the system. */
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";

/** Held together until all are known, so that they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "localhost"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

/** A flow with a simulator as it is, but on ports that are free now. */
export function onPorts<Item extends { type: string }>(
  flow: readonly Item[],
  [port, registrationPort]: readonly number[],
): Item[] {
  const listens = ({ type }: Item): boolean => /^teamviewer-iot-(agent|simulator)$/.test(type);
  const ports = { port: String(port), registrationPort: String(registrationPort) };
  return flow.map((item) => (listens(item) ? { ...item, ...ports } : item));
}
