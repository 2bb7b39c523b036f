/** What a dialog tries before it is saved: its form, with the secrets that only the runtime has. */
import { STEPS, testConnection, type TestEvent } from "../../src/client/connection-test";
import { enrol } from "../../src/identity/enrolment";
import { IotError } from "../../src/protocol/errors";
import { invalid } from "../../src/protocol/input";
import { isRecord } from "../../src/protocol/json";
import type { AgentConfigurationNode } from "../../nodes/agent/shared-agent";
import { readCredentials, type AgentCredentials } from "../../nodes/agent/credentials";
import { DEFAULTS, readConfiguration, type Configuration } from "../../nodes/agent/settings";
import { userDirectory } from "../../nodes/shared/paths";
import { answerError, type Call, type ErrorAnswer } from "./endpoint";

const STEP_MS = 8000;
const VARIABLE = /^\$\{(\S+)\}$/;

type Line =
  | Exclude<TestEvent, { outcome: "failed" }>
  | (Omit<Extract<TestEvent, { outcome: "failed" }>, "error"> & { error: ErrorAnswer });

/** `{id, definition, credentials}` → a line for each step that begins or ends; times in milliseconds. */
export async function* testDraft(call: Call): AsyncGenerator<Line> {
  let draft: Configuration;
  try {
    draft = readDraft(call);
  } catch (error) {
    yield {
      step: STEPS[0],
      outcome: "failed",
      milliseconds: 0,
      facts: {},
      error: answerError(error as IotError),
    };
    return;
  }
  const { client, registration } = draft;
  const subject = { endpoint: client.endpoint, registration, identity: client.identity, patience: STEP_MS };
  for await (const event of testConnection(subject, call.signal)) {
    yield "error" in event ? { ...event, error: answerError(event.error) } : event;
  }
}

/** `{id, definition}` → `{clientId, name, validTo, fingerprint}`: makes a client on the agent and keeps its identity for this node. */
export async function registerDraft(call: Call): Promise<object> {
  const { folder, registration, clientName } = readDraft(call);
  if (folder === undefined) {
    const details = { field: "identity", value: '"files"/"credentials"', allowed: '"managed"' };
    throw new IotError("SettingMissing", { reason: "value", details });
  }
  const { signal, body } = call;
  const identity = await enrol({ endpoint: await registration(), clientName, identity: folder, signal });
  // The node that runs waits for an identity.
  const node = call.RED.nodes.getNode(String(body.id)) as AgentConfigurationNode | null;
  node?.agent?.tryAgain();
  return {
    clientId: identity.clientId,
    name: clientName,
    validTo: identity.validTo.toISOString(),
    fingerprint: identity.fingerprint,
  };
}

/** The form as the runtime would take it after a deploy. Throws `SettingMissing` naming the field. */
function readDraft({ RED, body }: Call): Configuration {
  const { id, definition, credentials } = body;
  if (typeof id !== "string" || id === "") throw invalid("missing", "id");
  if (!isRecord(definition)) throw invalid("type", "definition", definition, { allowed: "words.object" });
  const node = RED.nodes.getNode(id) as AgentConfigurationNode | null;
  // What Node-RED does when a node is made; a variable that is not set stays as it is, and is told then.
  const replaced = (value: unknown): unknown => {
    const name = typeof value === "string" ? VARIABLE.exec(value)?.[1] : undefined;
    if (name === undefined) return value;
    const found: unknown = RED.util.evaluateNodeProperty(name, "env", node as never, {});
    return found === undefined || found === "" ? value : found;
  };
  const values = Object.keys(DEFAULTS).map((name) => [
    name,
    replaced(definition[name]) ?? DEFAULTS[name as keyof typeof DEFAULTS],
  ]);
  return readConfiguration(
    Object.fromEntries(values) as typeof DEFAULTS,
    secrets(RED, id, credentials, replaced),
    {
      userDir: userDirectory(RED),
      nodeId: id,
      noLocalFiles: RED.settings.tlsConfigDisableLocalFiles === true,
    },
  );
}

/** What was entered anew, and for the rest what is stored: it is named by its node, and never leaves the runtime. */
function secrets(
  RED: Call["RED"],
  id: string,
  entered: unknown,
  replaced: (value: unknown) => unknown,
): AgentCredentials {
  const stored = isAgent(RED, id)
    ? (RED.nodes.getCredentials(id) as Record<string, unknown> | undefined)
    : undefined;
  const given = isRecord(entered) ? entered : {};
  const all = Object.entries({ ...readCredentials(stored ?? {}), ...readCredentials(given) });
  return Object.fromEntries(all.map(([name, value]) => [name, replaced(value)]));
}

/** Disabled ones too: the runtime has no object of those. Other nodes have secrets of the same names. */
function isAgent(RED: Call["RED"], id: string): boolean {
  let found = false;
  RED.nodes.eachNode((node) => (found ||= node.id === id && node.type === "teamviewer-iot-agent"));
  return found;
}
