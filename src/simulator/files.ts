/** The simulator's files, in a directory that a person chose and that two simulators may share by mistake. */
import { mkdir, readFile } from "node:fs/promises";
import { PRIVATE_FOLDER, writePrivateFile as writeAside } from "../files/private-file";

/** One that is there already keeps the mode that its owner gave it: it could be anybody's, even /tmp. */
export async function makePrivateDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: PRIVATE_FOLDER });
}

let asides = 0;

export function writePrivateFile(path: string, content: string): Promise<void> {
  // Two simulators on one directory must not rename each other's files.
  return writeAside(path, content, `${path}.${process.pid}-${asides++}.tmp`);
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
