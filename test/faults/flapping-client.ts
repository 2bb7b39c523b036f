/**
 * The client that flaps, in a process of its own so that its memory is only its own. Started with an IPC channel and
 * `--expose-gc`: tells when it is connected, pushes and measures itself when it is asked to. Arguments: the port, the
 * files of the CA, the certificate and its key.
 */
import { readFileSync } from "node:fs";
import { AgentClient } from "../../src/client/agent-client";
import { FileIdentity } from "../../src/identity/file-identity";
import type { IotError } from "../../src/protocol/errors";

export interface Measured {
  heap: number;
  sockets: number;
  listeners: number;
  warnings: string[];
}
/** `connected` is sent once a session; the others answer a message of that name. `pushed`: how many ended, and how. */
export type Told =
  { connected: number } | { measured: Measured } | { stopped: string[] } | { pushed: Record<string, number> };

const [port, caFile, certificateFile, keyFile] = process.argv.slice(2) as [string, string, string, string];
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
    identity: new FileIdentity(certificateFile, keyFile),
    keepalive: 12,
    requestTimeout: 5000,
    connectTimeout: 10_000,
    queue: { count: 10_000, bytes: 10_000_000, age: 0, whenFull: "reject" },
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

const SENSORS = 8;
let values = 0;

/** Pushes so often, and tells how each ended when all have. */
async function push(count: number): Promise<void> {
  const pushed: Record<string, number> = {};
  const one = async (): Promise<void> => {
    const value = values++;
    const parameters = { sensorId: `s${value % SENSORS}`, metrics: [{ metricId: "m", value }] };
    const ending = await client.request("pushValues", parameters).then(
      () => "ok",
      ({ name }: IotError) => name,
    );
    pushed[ending] = (pushed[ending] ?? 0) + 1;
  };
  await Promise.all(Array.from({ length: count }, one));
  tell({ pushed });
}

process.on("message", (request) => {
  if (typeof request === "number") void push(request);
  // What has just ended is collected only when its events have run.
  if (request === "measure") setImmediate(() => tell({ measured: measure() }));
  if (request === "stop")
    void client.stop().then(() => {
      tell({ stopped: resources(/^(TCP|TLS|Timeout)/) });
      process.disconnect();
    });
});
