/**
 * One process owns a folder: it listens on a socket in it. The system ends that with the process, however it
 * ends, so a lock that nobody answers at is nobody's; and it is seen from other containers that share the folder.
 */
import { createHash, randomBytes } from "node:crypto";
import { chmod, lstat, realpath, rename, rm } from "node:fs/promises";
import { createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** What the system takes as the path of a socket, on all of them. */
const LONGEST_PATH = 100;

/** Ends the ownership. */
export type Unlock = () => Promise<void>;

/** Rejects with what `locked` makes while another process owns the folder. */
export async function lockFolder(directory: string, locked: () => Error): Promise<Unlock> {
  const addresses = await addressesOf(directory);
  // A process that found no place for a socket in the folder has locked the other address.
  for (const address of addresses) if (await isAnswered(address)) throw locked();
  for (const address of addresses) {
    const server = (await listen(address)) ?? (await takeOver(address, locked));
    if (server === undefined) continue;
    server.unref();
    await chmod(address, 0o600).catch(() => undefined); // A pipe of Windows is no file.
    return () => new Promise((done) => server.close(() => done()));
  }
  // No socket can be made, neither there nor elsewhere: that is no reason to stand still.
  return () => Promise.resolve();
}

/** The folder itself; where that is no place for a socket (SMB, FAT, a long path, a full disk), the system's own. */
async function addressesOf(directory: string): Promise<string[]> {
  // However the folder is reached: by a link, too.
  const folder = await realpath(directory);
  const own = join(folder, "lock");
  const name = `tviot-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`;
  if (process.platform === "win32") return [`\\\\.\\pipe\\${name}`];
  const elsewhere = join(tmpdir(), name);
  const addresses = (await isOthers(elsewhere)) ? [own] : [own, elsewhere];
  return addresses.filter((path) => Buffer.byteLength(path) <= LONGEST_PATH);
}

/** Everybody can listen in the system's folder: another user of the machine must not keep us from our own. */
async function isOthers(path: string): Promise<boolean> {
  const uid = await lstat(path).then(
    (found) => found.uid,
    () => undefined,
  );
  return uid !== undefined && uid !== process.geteuid?.();
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
async function takeOver(address: string, locked: () => Error): Promise<Server | undefined> {
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
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    // So many wait to be answered that the system takes no more.
    socket.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code === "EAGAIN"));
  });
}
