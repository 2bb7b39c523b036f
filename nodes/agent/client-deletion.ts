/**
 * Deleting a client ("Delete Client"). The document has no answer to it, only a promise: the certificate is invalid
 * afterwards. So what tells is a new connection with it: refused, the client is deleted.
 */
import type { AgentClient, ConnectionState } from "../../src/client/agent-client";
import { IotError } from "../../src/protocol/errors";

/** Old agents are said to answer; it is not worth waiting longer for. */
const ANSWER_MS = 1000;
const BETWEEN_LOOKS_MS = 500;
/** A connection that ends without a word can also be an agent that is being restarted. */
const CONVINCING = 3;

/** What a broker says to a certificate that it does not accept any more. */
const REFUSALS: ReadonlySet<string> = new Set([
  "ClientCertificateRevoked",
  "ClientCertificateRefused",
  "ClientCertificateNotTrusted",
  "BrokerRefused.credentials",
  "SubscriptionRefused",
]);

/** Resolves when the client is deleted; throws what the agent answered, or `ReplyTimeout` while its certificate works. */
export async function deleteClient(
  client: AgentClient,
  patience: number,
  signal: AbortSignal,
): Promise<void> {
  const unanswered = await ask(client, Math.min(ANSWER_MS, patience), signal);
  let refusals = 0;
  for (const until = Date.now() + patience; ; await pause(BETWEEN_LOOKS_MS, signal)) {
    await client.reconnect();
    const state = await nextVerdict(client, signal);
    const refused = state.name === "waiting" && REFUSALS.has(state.failure.textKey);
    refusals = refused ? refusals + 1 : 0;
    if (refused && (state.permanent || refusals >= CONVINCING)) return;
    if (Date.now() >= until) throw unanswered ?? timeout(patience);
  }
}

/** Gives the error of a request whose outcome is unknown; throws one that says that it was not carried out. */
async function ask(client: AgentClient, wait: number, signal: AbortSignal): Promise<IotError | undefined> {
  try {
    await client.request("deleteClient", {}, { signal, timeout: wait });
    return undefined;
  } catch (error) {
    const unknown = error instanceof IotError && UNKNOWN_OUTCOME.has(error.textKey);
    if (unknown) return error;
    throw error;
  }
}

const UNKNOWN_OUTCOME: ReadonlySet<string> = new Set(["ReplyTimeout", "ConnectionLost.request"]);

function timeout(patience: number): IotError {
  return new IotError("ReplyTimeout", { operation: "deleteClient", details: { seconds: patience / 1000 } });
}

/** The next state that says whether the agent accepts the certificate. */
function nextVerdict(client: AgentClient, signal: AbortSignal): Promise<ConnectionState> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      client.off("state", look);
      signal.removeEventListener("abort", abort);
    };
    const abort = (): void => {
      end();
      reject(new IotError("Closed", { reason: "sent", operation: "deleteClient" }));
    };
    const look = (state: ConnectionState): void => {
      if (state.name === "connecting" || state.name === "idle") return;
      end();
      resolve(state);
    };
    client.on("state", look);
    signal.addEventListener("abort", abort);
    if (signal.aborted) abort();
    else look(client.state);
  });
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener("abort", end);
  });
}
