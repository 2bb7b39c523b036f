/** Deleting a client on its agent, which shows in nothing but that the agent does not serve it any more. */
import { randomUUID } from "node:crypto";
import { IotError } from "../protocol/errors";
import type { Clock } from "../time/clock";
import type { Connection, ConnectionState } from "./connection";
import type { Correlator } from "./requests/correlator";
import type { RequestOptions } from "./requests/request";

/** An error about deleting a client comes within this time, or does not come: there is no other answer. */
const DELETE_ERROR_MS = 2000;
/** After that it is connected anew within this time, or refused; an agent that serves it answers a ping within the other. */
const CONNECTED_MS = 5000;
const SERVED_MS = 2500;

/** What it is done with. */
interface Parts {
  readonly connection: Connection;
  readonly correlator: Correlator;
  readonly clock: Clock;
  reconnect(): Promise<void>;
}

/**
 * The agent does not answer this one ("Delete Client"); an answer is an error. That it was carried out shows in that
 * the agent, which answered this client until then, refuses it or does not answer it any more (fault 52). Gives the
 * agent's text, if it said one all the same.
 */
export async function deleteClient(parts: Parts, options: RequestOptions): Promise<string> {
  await ping(parts, options);
  try {
    return await parts.correlator.submit("deleteClient", {}, { ...options, timeout: DELETE_ERROR_MS });
  } catch (error) {
    const { name } = error as IotError;
    if (name !== "ReplyTimeout" && name !== "ConnectionLost") throw error;
    await parts.reconnect();
    const served = await isServed(parts, options);
    if (served === false) return "";
    throw served ? new IotError("NotDeleted", { operation: "deleteClient" }) : error;
  }
}

/** Whether the agent still serves this client; `undefined` where that cannot be seen soon. */
async function isServed(parts: Parts, options: RequestOptions): Promise<boolean | undefined> {
  const { connection, clock } = parts;
  const state = await connectedOrNot(parts);
  if (state.name === "waiting" && state.failure.isClientUnknown) return false;
  if (state.name !== "connected") return undefined;
  const patience = new AbortController();
  const end = clock.after(SERVED_MS, () => patience.abort());
  try {
    await ping(parts, { ...options, timeout: SERVED_MS, signal: patience.signal });
    return true;
  } catch (error) {
    const { name, source } = error as IotError;
    // A broker that does not know of deleted clients still lets them in; the agent behind it does not serve them.
    if (name === "ForbiddenAccess") return false;
    if (source === "agent") return true;
    const now = connection.state;
    const isSilent = (name === "Closed" || name === "ReplyTimeout") && now === state;
    const isRefused = now.name === "waiting" && now.failure.isClientUnknown;
    return isSilent || isRefused ? false : undefined;
  } finally {
    end();
  }
}

async function ping({ correlator, clock }: Parts, options: RequestOptions): Promise<void> {
  try {
    // As the pings that look whether an agent is there: `probe.ts`.
    const request = `${randomUUID()} ${Math.floor(clock.monotonic())}`;
    await correlator.submit("ping", { request }, options);
  } catch (error) {
    if (error instanceof IotError) error.operation = "deleteClient";
    throw error;
  }
}

/** The state when it is known whether there is a connection, or after a while. */
function connectedOrNot({ connection, clock }: Parts): Promise<ConnectionState> {
  return new Promise((resolve) => {
    const end = (): void => {
      connection.off("state", look);
      stopWaiting();
      resolve(connection.state);
    };
    const look = (state: ConnectionState): void => {
      const isPassing = state.name === "waiting" && !state.failure.isClientUnknown && !state.permanent;
      if (state.name !== "connecting" && !isPassing) end();
    };
    const stopWaiting = clock.after(CONNECTED_MS, end);
    connection.on("state", look);
    look(connection.state);
  });
}
