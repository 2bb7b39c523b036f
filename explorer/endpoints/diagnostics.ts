/**
 * One text file to send to somebody who helps: versions, settings, certificate, connection, counters, failures. Whoever
 * reads it learns nothing that opens a door: no key, no passphrase, no value that was pushed, no certificate.
 */
import { isRecord } from "../../src/protocol/json";
import { DEFAULTS } from "../../nodes/agent/settings";
import { VERSION } from "../../nodes/shared/version";
import { showAgent } from "./looking";
import type { Call, ErrorAnswer } from "./endpoint";

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
    agent: redacted(await showAgent(call)),
    inventory: redacted(await countInventory(call)),
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

/** How much is known of the agent; names say what a company makes. */
async function countInventory({ agent }: Call): Promise<object> {
  const { readAt, sensors } = await agent().seen.sensors("known");
  const metrics = sensors.reduce((sum, { metricIds }) => sum + [...metricIds].length, 0);
  return { sensors: sensors.length, metrics, ...(readAt === undefined ? {} : { readAt }) };
}

/** Times as a person reads them, and errors without the values that were refused. */
function redacted(value: unknown, name = ""): unknown {
  if (typeof value === "number" && TIMES.has(name)) return new Date(value).toISOString();
  if (Array.isArray(value)) return value.map((entry) => redacted(entry));
  if (!isRecord(value)) return value;
  const shown = isRefusal(value) ? withoutValue(value) : value;
  return Object.fromEntries(Object.entries(shown).map(([key, entry]) => [key, redacted(entry, key)]));
}
const TIMES: ReadonlySet<string> = new Set([
  "time",
  "since",
  "validFrom",
  "validTo",
  "startedAt",
  "lastSuccess",
  "readAt",
]);

/** Errors that show what somebody wanted to send, or what the agent sent. */
const SHOWING: ReadonlySet<string> = new Set(["InvalidInput", "BadReply"]);
const LEFT_OUT = "(left out)";

function isRefusal(value: object): value is ErrorAnswer {
  return "name" in value && "details" in value && SHOWING.has(String(value.name));
}

function withoutValue(error: ErrorAnswer): ErrorAnswer {
  const { details, message } = error;
  const value = String(details.value ?? "");
  if (value === "") return error;
  return {
    ...error,
    details: { ...details, value: LEFT_OUT },
    message: message.replaceAll(value, LEFT_OUT),
  };
}
