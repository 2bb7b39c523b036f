/**
 * What there is to know of the way to an agent, from the two that decide it: the connection, and what is done about the
 * identity. Pure; `AgentClient` holds both.
 */
import { IotError } from "../protocol/errors";
import type { RegistrationAttempt } from "./auto-registration";
import type { ConnectionState } from "./connection";

/** What nodes do about the identity. */
export interface Registration {
  /** One is at it; how the connection takes it is part of that, and told by its end. */
  readonly occupation?: "registering" | "deleting" | undefined;
  /** Why the last attempt of a node failed. */
  readonly failure?: IotError | undefined;
}

/** What is to be seen. */
export type AgentStatus =
  | ConnectionState
  | { name: "registering" | "deleting" }
  /** Registering was tried, and why it failed. */
  | { name: "notRegistered"; failure: IotError };

/** `attempt`: to register without anybody asking. */
export function statusOf(
  connection: ConnectionState,
  { occupation, failure }: Registration,
  attempt: RegistrationAttempt | undefined,
): AgentStatus {
  if (occupation !== undefined) return { name: occupation };
  if (attempt !== undefined) return attempt;
  return connection.name === "notRegistered" && failure !== undefined
    ? { ...connection, failure }
    : connection;
}

/** Why a request ends at once; `undefined` where it waits for a connection, or has one. */
export function refusalOf(
  connection: ConnectionState,
  registration: Registration,
  attempt: RegistrationAttempt | undefined,
): IotError | undefined {
  if (connection.name === "disconnected") return new IotError("Disconnected");
  if (connection.name === "notRegistered" && !isComing(registration, attempt))
    return notRegistered(registration, attempt);
  if (connection.name !== "waiting" || !connection.permanent) return undefined;
  const { failure } = connection;
  return new IotError("NotConnected", { details: { why: failure.message }, cause: failure });
}

function isComing({ occupation }: Registration, attempt: RegistrationAttempt | undefined): boolean {
  if (occupation === "registering") return true;
  return attempt?.name === "waiting" ? !attempt.permanent : attempt !== undefined;
}

function notRegistered({ failure }: Registration, attempt: RegistrationAttempt | undefined): IotError {
  const cause = attempt?.name === "waiting" ? attempt.failure : failure;
  if (cause === undefined) return new IotError("NotRegistered", { reason: "never" });
  return new IotError("NotRegistered", { reason: "failed", details: { why: cause.message }, cause });
}
