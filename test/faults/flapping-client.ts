/**
 * The client that flaps, in a process of its own so that its memory is only its own. Started with an IPC channel and
 * `--expose-gc`: tells when it is connected, and measures itself when it is asked to.
 */
import { readFileSync } from "node:fs";
import { AgentClient } from "../../src/client/agent-client";
import { FolderIdentity } from "../../src/identity/folder-identity";

export interface Measured {
  heap: number;
  sockets: number;
  listeners: number;
  warnings: string[];
}
/** `connected` is sent once a session; the others answer a message of that name. */
export type Told = { connected: number } | { measured: Measured } | { stopped: string[] };

const [port, caFile, identityDirectory] = process.argv.slice(2) as [string, string, string];
const tell = (told: Told): void => void process.send?.(told);
const resources = (pattern: RegExp): string[] =>
  process.getActiveResourcesInfo().filter((name) => pattern.test(name));

/** Node.js warns of listeners that pile up. */
const warnings: string[] = [];
process.on("warning", ({ message }) => warnings.push(message));

const ca = readFileSync(caFile, "utf8");
const client = new AgentClient(
  {
    endpoint: () => Promise.resolve({ host: "localhost", port: Number(port), ca }),
    identity: new FolderIdentity(identityDirectory),
    keepalive: 12,
    requestTimeout: 5000,
    connectTimeout: 10_000,
    queue: { count: 100, bytes: 100_000, age: 0, whenFull: "reject" },
    inFlight: 128,
  },
  { random: () => 0 },
);

let sessions = 0;
client.on("state", ({ name }) => {
  if (name === "connected") tell({ connected: ++sessions });
  // Every other wait is ended by a person, the rest by themselves.
  if (name === "waiting" && sessions % 2 === 0) client.connect();
});
client.start();

function measure(): Measured {
  global.gc?.();
  global.gc?.();
  const emitters = [client, process];
  return {
    heap: process.memoryUsage().heapUsed,
    sockets: resources(/^(TCP|TLS)/).length,
    listeners: emitters.reduce(
      (sum, emitter) =>
        sum + emitter.eventNames().reduce((count, name) => count + emitter.listenerCount(name as never), 0),
      0,
    ),
    warnings,
  };
}

process.on("message", (request) => {
  // What has just ended is collected only when its events have run.
  if (request === "measure") setImmediate(() => tell({ measured: measure() }));
  if (request === "stop")
    void client.stop().then(() => {
      tell({ stopped: resources(/^(TCP|TLS|Timeout)/) });
      process.disconnect();
    });
});
