/**
 * One process owns a folder: it listens on a socket in it. The system ends that with the process, however it ends, so a
 * lock that nobody answers at is nobody's; and it is seen from other containers that share the folder. No number of a
 * process, no time, no content: nothing that could be another's, wrong or damaged.
 *
 * Each process that wants the folder listens under a name of its own first, and only then looks for others: of two, one
 * at least sees the other. So no lock is ever taken from somebody, not even for a moment, and what a process left behind
 * that was killed is only removed.
 */
import { createHash, randomBytes } from "node:crypto";
import { chmod, lstat, readdir, realpath, rename, rm } from "node:fs/promises";
import { createConnection, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

/** What the system takes as the path of a socket, on all of them. */
const LONGEST_PATH = 100;
/** Two that begin at once see each other, and both step back: after so many times it was no coincidence. */
const TRIES = 6;
/** Milliseconds, at most, and more with each try. */
const PAUSE_MS = 20;

/** Ends the ownership. */
export type Unlock = () => Promise<void>;

/** Where locks of a folder are: files of these names. */
interface Place {
  directory: string;
  prefix: string;
  /** Everybody can listen there: another user of the machine must not keep us from our own. */
  isPublic: boolean;
}

interface Lock {
  path: string;
  unlock: Unlock;
}

const nothing: Unlock = () => Promise.resolve();

/** Rejects with what `locked` makes while another process owns the folder. */
export async function lockFolder(directory: string, locked: () => Error): Promise<Unlock> {
  // However the folder is reached: by a link, too.
  const folder = await realpath(directory);
  const name = `tviot-${createHash("sha256").update(folder).digest("hex").slice(0, 16)}`;
  if (process.platform === "win32") return lockPipe(`\\\\.\\pipe\\${name}`, locked);
  // A folder that is no place for a socket (SMB, FAT, a long path, a full disk) has its lock in the system's own.
  const places = [
    { directory: folder, prefix: "", isPublic: false },
    { directory: tmpdir(), prefix: `${name}-`, isPublic: true },
  ];
  for (let tries = 1; ; tries++) {
    const own = (await lockIn(places[0]!)) ?? (await lockIn(places[1]!));
    const isOthers = await isOwned(places, own?.path);
    // Where no socket can be made, neither there nor elsewhere: that is no reason to stand still.
    if (!isOthers) return own?.unlock ?? nothing;
    await own?.unlock();
    if (tries === TRIES) throw locked();
    await wait(Math.random() * PAUSE_MS * tries);
  }
}

/** A pipe of Windows is no file, and is gone with its process. */
async function lockPipe(pipe: string, locked: () => Error): Promise<Unlock> {
  const server = await listen(pipe);
  if (server !== undefined) return () => ended(server);
  if (await isAnswered(pipe)) throw locked();
  return nothing;
}

/** `undefined`: it cannot. */
async function lockIn({ directory, prefix }: Place): Promise<Lock | undefined> {
  const name = `${prefix}${randomBytes(4).toString("hex")}`;
  const path = join(directory, `${name}.lock`);
  if (Buffer.byteLength(path) > LONGEST_PATH) return undefined;
  // Nobody sees it before it answers, and takes it for one that was left behind.
  const hidden = join(directory, `${name}.new`);
  const server = await listen(hidden);
  if (server === undefined) return undefined;
  const unlock = async (): Promise<void> => {
    await rm(path, { force: true });
    await ended(server);
  };
  try {
    await chmod(hidden, 0o600).catch(() => undefined);
    await rename(hidden, path);
    return { path, unlock };
  } catch {
    await unlock();
    return undefined;
  }
}

/** By another than `own`; removes what nobody answers at. */
async function isOwned(places: readonly Place[], own: string | undefined): Promise<boolean> {
  for (const place of places)
    for (const path of await locksIn(place)) {
      if (path === own) continue;
      if (await isAnswered(path)) return true;
      await rm(path, { force: true }).catch(() => undefined);
    }
  return false;
}

async function locksIn({ directory, prefix, isPublic }: Place): Promise<string[]> {
  const isLock = new RegExp(`^${prefix}[0-9a-f]{8}\\.lock$`);
  const names = await readdir(directory).catch(() => []);
  const paths = names.filter((name) => isLock.test(name)).map((name) => join(directory, name));
  if (!isPublic) return paths;
  const isOurs = await Promise.all(paths.map(isOfThisUser));
  return paths.filter((_, index) => isOurs[index]);
}

async function isOfThisUser(path: string): Promise<boolean> {
  const uid = await lstat(path).then(
    (found) => found.uid,
    () => undefined,
  );
  return uid === process.geteuid?.();
}

/** `undefined`: it cannot. */
function listen(address: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    // Later ones are of those who ask, and end nothing.
    server.on("error", () => resolve(undefined));
    server.listen(address, () => {
      server.unref();
      resolve(server);
    });
  });
}

function ended(server: Server): Promise<void> {
  return new Promise((done) => server.close(() => done()));
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
