/** What is told when the disk does not do what it should. */
import { IotError } from "../protocol/errors";

/** `OutboxUnwritable` with the system's code; what has a name of its own keeps it. */
export function storeError(error: unknown, path: string): IotError {
  if (error instanceof IotError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new IotError("OutboxUnwritable", { details: { path, code: code ?? message }, cause: error });
}
