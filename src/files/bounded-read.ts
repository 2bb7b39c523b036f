/** Reads files that may be anything: a pipe, a device, or one of the kernel's that says it is empty and never ends. */
import { constants } from "node:fs";
import type { FileHandle } from "node:fs/promises";

// Without O_NONBLOCK, opening a pipe waits for somebody who writes; Windows has no such flag.
export const READ_ONLY = constants.O_RDONLY | ((constants.O_NONBLOCK as number | undefined) ?? 0);

/** The file's text; `undefined` when it is longer than `limit` bytes, of which at most one more is read. Throws for what is no file. */
export async function readAtMost(file: FileHandle, limit: number): Promise<string | undefined> {
  return (await bytesAtMost(file, limit))?.toString("utf8");
}

/** The same as bytes. */
export async function bytesAtMost(file: FileHandle, limit: number): Promise<Buffer | undefined> {
  const facts = await file.stat();
  if (!facts.isFile()) {
    const code = facts.isDirectory() ? "EISDIR" : "ENOTSUP";
    throw Object.assign(new Error(`no regular file (${code})`), { code });
  }
  if (facts.size > limit) return undefined;
  const bytes = Buffer.alloc(limit + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, length);
    length += bytesRead;
    if (length > limit) return undefined;
    if (bytesRead === 0) return bytes.subarray(0, length);
  }
}
