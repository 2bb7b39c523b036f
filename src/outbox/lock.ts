/**
 * One process owns a store: it listens on a socket in its folder. The system ends that with the process, however it
 * ends, so a lock that nobody answers at is nobody's; and it is seen from other containers that share the folder.
 */
import { createHash, randomBytes } from "node:crypto";
import { chmod, rename, rm } from "node:fs/promises";
import { createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { IotError } from "../protocol/errors";

/** What the system takes as the path of a socket, on all of them. */
const LONGEST_PATH = 100;

/** Ends the ownership. */
export type Unlock = () => Promise<void>;

/** Rejects with `OutboxLocked` while another process owns the store. */
export async function lockFolder(directory: string): Promise<Unlock> {
  for (const address of addressesOf(directory)) {
    const server = (await listen(address)) ?? (await takeOver(address, directory));
    if (server === undefined) continue;
    server.unref();
    await chmod(address, 0o600).catch(() => undefined); // A pipe of Windows is no file.
    return () => new Promise((done) => server.close(() => done()));
  }
  // No socket can be made, neither there nor elsewhere: that is no reason to lose values.
  return () => Promise.resolve();
}

/** The folder itself; where that is no place for a socket (SMB, FAT, a long path, a full disk), the system's own. */
function addressesOf(directory: string): string[] {
  const own = join(directory, "lock");
  const name = `tviot-${createHash("sha256").update(resolve(directory)).digest("hex").slice(0, 16)}`;
  if (process.platform === "win32") return [`\\\\.\\pipe\\${name}`];
  return [own, join(tmpdir(), name)].filter((path) => Buffer.byteLength(path) <= LONGEST_PATH);
}

/** `undefined`: it cannot. */
function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once("error", () => resolve(undefined));
    server.listen(address, () => resolve(server));
  });
}

/** What a process left behind that was killed. Renamed first: of two that find it, one gets it. */
async function takeOver(address: string, directory: string): Promise<Server | undefined> {
  const locked = (): IotError => new IotError("OutboxLocked", { details: { path: directory } });
  if (await isAnswered(address)) throw locked();
  const aside = `${address}-${randomBytes(4).toString("hex")}`;
  try {
    await rename(address, aside);
  } catch {
    return undefined; // There is none: a socket cannot be made here.
  }
  if (await isAnswered(aside)) {
    await rename(aside, address);
    throw locked();
  }
  await rm(aside, { force: true });
  const server = await listen(address);
  if (server === undefined && (await isAnswered(address))) throw locked();
  return server;
}

function isAnswered(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection(address);
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("close", () => socket.destroy());
    socket.once("connect", () => socket.destroy());
  });
}
