/** A client of an agent under test, in this process. */
import { readFile } from "node:fs/promises";
import {
  AgentClient,
  type AgentDependencies,
  type AgentSettings,
  type ConnectionState,
} from "../../../src/client/agent-client";
import { FileIdentity } from "../../../src/identity/file-identity";
import { telling } from "../waits";
import type { KillableAgent } from "./killable-agent";

export async function clientOf(
  { ca, client, port }: Pick<KillableAgent, "ca" | "client" | "port">,
  settings: Partial<AgentSettings> = {},
  dependencies: AgentDependencies = {},
): Promise<AgentClient> {
  const authority = await readFile(ca, "utf8");
  return new AgentClient(
    {
      endpoint: () => Promise.resolve({ host: "localhost", port, ca: authority }),
      identity: new FileIdentity(client.certificateFile, client.keyFile),
      keepalive: 12,
      requestTimeout: 5000,
      connectTimeout: 5000,
      queue: { count: 100_000, bytes: 100_000_000, age: 0, whenFull: "reject" },
      inFlight: 128,
      ...settings,
    },
    dependencies,
  );
}

/** Resolves when the client's state is this one. */
export function stateOf<N extends ConnectionState["name"]>(
  client: AgentClient,
  name: N,
): Promise<ConnectionState & { name: N }> {
  const reached = new Promise<ConnectionState & { name: N }>((resolve) => {
    const look = (state: ConnectionState): void => {
      if (state.name !== name) return;
      client.off("state", look);
      resolve(state as ConnectionState & { name: N });
    };
    client.on("state", look);
    look(client.state);
  });
  return telling(`the client is ${name}`, () => client.state, reached);
}
