/** Files that are whole or not there: written aside, synced, renamed. Readable by their owner only. */
import { mkdir, open, readFile, rename } from "node:fs/promises";
import { dirname } from "node:path";

export async function makePrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
}

let asides = 0;

export async function writePrivateFile(path: string, content: string): Promise<void> {
  // Two simulators on one directory must not rename each other's files.
  const aside = `${path}.${process.pid}-${asides++}.new`;
  const file = await open(aside, "w", 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, path);
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** A file's text, or undefined when there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
