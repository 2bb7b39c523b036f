/** Reads a PEM file that a user named: bounded in size, never a pipe or a device, nothing of its content in an error. */
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import type { IotError } from "../protocol/errors";
import { MAX_PEM_BYTES } from "../protocol/limits";

export type FileFault = "missing" | "unreadable" | "size";

// Without O_NONBLOCK, opening a pipe waits for somebody who writes; Windows has no such flag.
const FLAGS = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** The file's text; `refuse` makes the error that fits the caller's kind of file. */
export async function readPemFile(
  path: string,
  refuse: (fault: FileFault, code: string) => IotError,
): Promise<string> {
  try {
    const file = await open(path, FLAGS);
    try {
      const facts = await file.stat();
      if (facts.size > MAX_PEM_BYTES) throw refuse("size", "EFBIG");
      // Reading a folder fails by itself; reading a device may never end.
      if (!facts.isFile() && !facts.isDirectory()) throw refuse("unreadable", "ENOTSUP");
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== "string") throw error;
    throw refuse(code === "ENOENT" ? "missing" : "unreadable", code);
  }
}
