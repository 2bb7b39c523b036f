/** Reads a PEM file that a user named: bounded in size, never a pipe or a device, nothing of its content in an error. */
import { open } from "node:fs/promises";
import { readAtMost, READ_ONLY } from "../files/bounded-read";
import type { IotError } from "../protocol/errors";
import { MAX_PEM_BYTES } from "../protocol/limits";

export type FileFault = "missing" | "unreadable" | "size";

export interface PemFile {
  text: string;
  /** Who may do what, as `chmod` has it. */
  mode: number;
}

/** `refuse` makes the error that fits the caller's kind of file. */
export async function readPemFile(
  path: string,
  refuse: (fault: FileFault, code: string) => IotError,
): Promise<PemFile> {
  try {
    const file = await open(path, READ_ONLY);
    try {
      const text = await readAtMost(file, MAX_PEM_BYTES);
      if (text === undefined) throw refuse("size", "EFBIG");
      return { text, mode: (await file.stat()).mode & 0o777 };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== "string") throw error;
    throw refuse(code === "ENOENT" ? "missing" : "unreadable", code);
  }
}
