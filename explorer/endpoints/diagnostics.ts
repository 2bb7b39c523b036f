/**
 * One text file to send to somebody who helps: versions, settings, certificate, connection, counters, failures. Whoever
 * reads it learns nothing that opens a door: no key, no passphrase, no value that was pushed, no certificate.
 */
import { DEFAULTS } from "../../nodes/agent/settings";
import { VERSION } from "../../nodes/shared/version";
import { showAgent } from "./looking";
import type { Call } from "./endpoint";

/** Properties of the agent node that are shown: of a text that somebody pasted, only that there is one. */
const PASTED: ReadonlySet<string> = new Set(["caText"]);

/** `{name, text}`. The text is JSON behind a line that says what it is, so that a person and a program can read it. */
export async function diagnose(call: Call): Promise<object> {
  const { RED } = call;
  const node = call.node();
  const report = {
    made: new Date().toISOString(),
    versions: {
      package: VERSION,
      nodeRed: await RED.version(),
      node: process.version,
      platform: `${process.platform} ${process.arch}`,
    },
    settings: settingsOf(RED, node.id),
    agent: withTimes(await showAgent(call)),
  };
  const text = `Diagnostics of an agent node of @tviot/node-red-teamviewer-iot. It holds no keys and no values.\n${JSON.stringify(report, null, 2)}\n`;
  return { name: `teamviewer-iot-${node.id}.txt`, text };
}

function settingsOf(RED: Call["RED"], id: string): Record<string, unknown> {
  let definition: Record<string, unknown> = {};
  RED.nodes.eachNode((found) => {
    if (found.id === id) definition = found as unknown as Record<string, unknown>;
  });
  return Object.fromEntries(
    Object.entries(DEFAULTS).map(([name, usual]) => {
      const value = definition[name] ?? usual;
      return [name, PASTED.has(name) && value !== "" ? "(set)" : value];
    }),
  );
}

/** Milliseconds since the epoch as a person reads them. */
function withTimes(value: unknown, name = ""): unknown {
  if (typeof value === "number" && TIMES.has(name)) return new Date(value).toISOString();
  if (Array.isArray(value)) return value.map((entry) => withTimes(entry));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, withTimes(entry, key)]));
}
const TIMES: ReadonlySet<string> = new Set([
  "time",
  "since",
  "validFrom",
  "validTo",
  "startedAt",
  "lastSuccess",
]);
