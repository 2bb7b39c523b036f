/** Files that nobody else may read, and that after any crash are the old one or the new one, whole. */
import { constants } from "node:fs";
import { chmod, mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

export const PRIVATE_FOLDER = 0o700;
const PRIVATE_FILE = 0o600;
const OTHERS = 0o077;

/** Windows has no such modes, and does not sync folders. */
const POSIX = process.platform !== "win32";

// A link in the place of our own file is somebody else's doing; Windows has no such flag.
const FLAGS = constants.O_RDONLY | ((constants.O_NOFOLLOW as number | undefined) ?? 0);

/** Makes the folder, or takes away from others what they could do in it. */
export async function makePrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: PRIVATE_FOLDER });
  if (POSIX && ((await stat(path)).mode & OTHERS) !== 0) await chmod(path, PRIVATE_FOLDER);
}

/**
 * The file's text, "" when it is longer than `limit` bytes; `undefined` when there is none. What others could do with
 * the file or its folder is taken away.
 */
export async function readPrivateFile(path: string, limit: number): Promise<string | undefined> {
  try {
    const file = await open(path, FLAGS);
    try {
      const { mode, size } = await file.stat();
      if (POSIX && (mode & OTHERS) !== 0) await file.chmod(PRIVATE_FILE);
      await makePrivateFolder(dirname(path));
      return size > limit ? "" : await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Written aside, synced, then renamed over the file; what is aside does not stay there when that fails. */
export async function writePrivateFile(path: string, content: string, aside = `${path}.tmp`): Promise<void> {
  // What a crash left behind; the exclusive opening after it follows no link that somebody put there.
  await rm(aside, { force: true });
  const file = await open(aside, "wx", PRIVATE_FILE);
  try {
    try {
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
