/** What the database and the system say when the disk does not do what it should. */
import { IotError } from "../protocol/errors";

const LOCKED = "LEVEL_LOCKED";

/** The database passes the system's text on, not its code. */
const SYSTEM_ERRORS = [
  ["ENOSPC", "No space left on device"],
  ["EDQUOT", "Disk quota exceeded"],
  ["EACCES", "Permission denied"],
  ["EPERM", "Operation not permitted"],
  ["EROFS", "Read-only file system"],
  ["EIO", "Input/output error"],
  ["EMFILE", "Too many open files"],
  ["ENOMEM", "Cannot allocate memory"],
] as const;

/** The code with which the system, or another process, refuses: nothing is damaged, and a repair would do harm. */
export function refusalOf(error: unknown): string | undefined {
  const codes = codesOf(error);
  const messages = messagesOf(error);
  if (codes.includes(LOCKED)) return LOCKED;
  return SYSTEM_ERRORS.find(([code, text]) => codes.includes(code) || messages.includes(text))?.[0];
}

export function storeError(error: unknown, path: string): IotError {
  const refusal = refusalOf(error);
  if (refusal === LOCKED) return new IotError("OutboxLocked", { details: { path }, cause: error });
  const code = refusal ?? messagesOf(error).split(": ").at(-1) ?? "";
  return new IotError("OutboxUnwritable", { details: { path, code }, cause: error });
}

/** An error and its causes: the database wraps what the system said. */
function* chainOf(error: unknown): Generator<Error & { code?: unknown }> {
  for (let link = error; link instanceof Error; link = link.cause) yield link;
}

function codesOf(error: unknown): string[] {
  return [...chainOf(error)].flatMap(({ code }) => (typeof code === "string" ? [code] : []));
}

function messagesOf(error: unknown): string {
  return [...chainOf(error)].map(({ message }) => message).join(": ");
}
