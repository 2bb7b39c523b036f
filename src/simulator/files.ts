/**
 * The simulator's files. A key, a state or a configuration that another user of the machine could have put there is
 * refused, never used: folders and files must be this user's own, written by nobody else, and no symbolic links.
 */
import { constants, type Stats } from "node:fs";
import { access, chmod, lstat, mkdir, open, realpath } from "node:fs/promises";
import { dirname } from "node:path";
import { IotError } from "../protocol/errors";
import { PRIVATE_FILE, PRIVATE_FOLDER, writePrivateFile as writeAside } from "../files/private-file";

const ROOT = 0;
const OTHERS = 0o077;
const WRITABLE_BY_GROUP = 0o020;
const WRITABLE_BY_ALL = 0o002;
/** In such a folder only its owner may rename or remove a file, as in /tmp. */
const STICKY = 0o1000;

/** Neither follows a link nor waits for whoever writes into a pipe; Windows has neither. */
const FLAGS =
  constants.O_RDONLY |
  ((constants.O_NOFOLLOW as number | undefined) ?? 0) |
  ((constants.O_NONBLOCK as number | undefined) ?? 0);

type Fault = "link" | "owner" | "writable" | "special" | "parent";

const refuse = (reason: Fault, path: string) =>
  new IotError("SimulatorFailed", { reason, details: { path } });

/** Makes a folder that only this user can enter, or refuses one that is there already and not to be trusted. */
export async function openFolder(path: string): Promise<void> {
  try {
    await makeFolders(path);
    checkOwn(await lstat(path), path);
    await checkParents(path);
    await access(path, constants.W_OK);
  } catch (cause) {
    if (cause instanceof IotError) throw cause;
    const { code = "" } = cause as NodeJS.ErrnoException;
    throw new Error(`the directory ${path} cannot be made or written (${code})`, { cause });
  }
}

/** One that is there already keeps the mode that its owner gave it. */
async function makeFolders(path: string): Promise<void> {
  try {
    await mkdir(path, PRIVATE_FOLDER);
    // What mkdir made of the mode depends on the umask.
    await chmod(path, PRIVATE_FOLDER);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && dirname(path) !== path) {
      await makeFolders(dirname(path));
      await makeFolders(path);
    } else if (code !== "EEXIST" || (await lstat(path)).isFile()) throw error;
  }
}

/** Whoever may rename a folder above could put another one in the place of ours. */
async function checkParents(path: string): Promise<void> {
  if (process.getuid === undefined) return;
  for (let folder = await realpath(dirname(path)); ; folder = dirname(folder)) {
    const stats = await lstat(folder);
    const isTheirs = stats.uid !== ROOT && stats.uid !== process.getuid();
    if (isTheirs || ((stats.mode & STICKY) === 0 && mayBeWrittenByStrangers(stats)))
      throw refuse("parent", folder);
    if (dirname(folder) === folder) return;
  }
}

/** A group of one's own, or root's, is nobody else. */
function mayBeWrittenByStrangers({ mode, gid }: Stats): boolean {
  const byGroup = (mode & WRITABLE_BY_GROUP) !== 0 && gid !== ROOT && gid !== process.getgid?.();
  return byGroup || (mode & WRITABLE_BY_ALL) !== 0;
}

function checkOwn(stats: Stats, path: string): void {
  if (stats.isSymbolicLink()) throw refuse("link", path);
  if (process.getuid === undefined) return;
  if (stats.uid !== process.getuid()) throw refuse("owner", path);
  if ((stats.mode & (WRITABLE_BY_GROUP | WRITABLE_BY_ALL)) !== 0) throw refuse("writable", path);
}

/**
 * A file's text, or undefined when there is none. Refuses what another user could have put there, and a file of more
 * than `limit` bytes. What others could read is taken away from them.
 */
export async function readIfThere(path: string, limit = Infinity): Promise<string | undefined> {
  let file;
  try {
    file = await open(path, FLAGS);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    if (code === "ELOOP" || code === "EMLINK") throw refuse("link", path);
    throw error;
  }
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw refuse("special", path);
    checkOwn(stats, path);
    if (stats.size > limit) throw new Error(`${path} is larger than ${limit} bytes`);
    if (process.getuid !== undefined && (stats.mode & OTHERS) !== 0) await file.chmod(PRIVATE_FILE);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

let asides = 0;

export function writePrivateFile(path: string, content: string): Promise<void> {
  // Two simulators on one directory must not rename each other's files.
  return writeAside(path, content, `${path}.${process.pid}-${asides++}.tmp`);
}
