/** Files that nobody else may read, and that after any crash are the old one or the new one, whole. */
import { constants } from "node:fs";
import { chmod, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { READ_ONLY, readAtMost } from "./bounded-read";

export const PRIVATE_FOLDER = 0o700;
export const PRIVATE_FILE = 0o600;
const OTHERS = 0o077;

/** Windows has no such modes, and does not sync folders. */
const POSIX = process.platform !== "win32";

// A link in the place of our own file is somebody else's doing; Windows has no such flag.
const FLAGS = READ_ONLY | ((constants.O_NOFOLLOW as number | undefined) ?? 0);

/** File systems that keep no modes, and files of another owner, may be used but not changed. */
const NOT_OURS_TO_CHANGE = new Set(["EPERM", "EACCES", "EROFS", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EINVAL"]);

/** What others on this machine could do with a private file or folder, and may still. */
export interface Exposure {
  /** `open`: it could not be closed to them. `owner`: it belongs to somebody else. */
  how: "repaired" | "open" | "owner";
  /** As it was found, in octal digits: `0644`. */
  mode: string;
  owner: number;
}

export interface PrivateFile {
  /** "" when it is longer than was to be read. */
  text: string;
  exposure?: Exposure | undefined;
}

/** Makes the folder, or takes away from others what they could do in it; where that cannot be, it is told. */
export async function makePrivateFolder(path: string): Promise<Exposure | undefined> {
  await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER });
  return closeToOthers(
    () => stat(path),
    () => chmod(path, PRIVATE_FOLDER),
  );
}

/**
 * The file, of which at most `limit` bytes are read; `undefined` when there is none. What others could do with the
 * file or its folder is taken away; what they could do with the file is told.
 */
export async function readPrivateFile(path: string, limit: number): Promise<PrivateFile | undefined> {
  try {
    const file = await open(path, FLAGS);
    try {
      const text = (await readAtMost(file, limit)) ?? "";
      const exposure = await closeToOthers(
        () => file.stat(),
        () => file.chmod(PRIVATE_FILE),
      );
      await makePrivateFolder(dirname(path));
      return { text, exposure };
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

async function closeToOthers(
  look: () => Promise<{ mode: number; uid: number }>,
  close: () => Promise<void>,
): Promise<Exposure | undefined> {
  if (!POSIX) return undefined;
  const { mode, uid: owner } = await look();
  const found = { mode: (mode & 0o7777).toString(8).padStart(4, "0"), owner };
  if ((mode & OTHERS) === 0) return isOurs(owner) ? undefined : { how: "owner", ...found };
  await whereItCan(close());
  // Some file systems take a change and make nothing of it.
  const isClosed = ((await look()).mode & OTHERS) === 0;
  return { how: isClosed ? "repaired" : "open", ...found };
}

/** A file system that keeps no modes may refuse to change one. */
async function whereItCan(change: Promise<void>): Promise<void> {
  await change.catch((error: NodeJS.ErrnoException) => {
    if (!NOT_OURS_TO_CHANGE.has(error.code ?? "")) throw error;
  });
}

/** Root can read everything, whoever owns it. */
function isOurs(owner: number): boolean {
  return owner === process.geteuid?.() || owner === 0;
}

/** Written aside, synced, then renamed over the file; what is aside does not stay there when that fails. */
export async function writePrivateFile(path: string, content: string, aside = `${path}.tmp`): Promise<void> {
  // What a crash left behind; the exclusive opening after it follows no link that somebody put there.
  await rm(aside, { force: true });
  const file = await open(aside, "wx", PRIVATE_FILE);
  try {
    try {
      // What opening made of the mode depends on the umask.
      await whereItCan(file.chmod(PRIVATE_FILE));
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await moveFile(aside, path);
  } catch (error) {
    await rm(aside, { force: true });
    throw error;
  }
}

/** Renames within a folder, for good. */
export async function moveFile(from: string, to: string): Promise<void> {
  await rename(from, to);
  if (!POSIX) return;
  const folder = await open(dirname(to), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
