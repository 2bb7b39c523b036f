/**
 * What Node-RED keeps for an agent node as credentials. Node-RED takes a node's type from the URL when it is asked for
 * credentials, and tells each that this type declares as text; so the names are ones that no other type declares.
 */
import type { Node, NodeAPI } from "../shared/node-red";

export interface AgentCredentials {
  certificate?: string;
  key?: string;
  passphrase?: string;
}

const NAMES = {
  certificate: "teamviewerIotCertificate",
  key: "teamviewerIotKey",
  passphrase: "teamviewerIotPassphrase",
} as const satisfies Record<keyof AgentCredentials, string>;

export const CREDENTIALS: Readonly<Record<string, { type: "text" | "password" }>> = {
  [NAMES.certificate]: { type: "text" },
  [NAMES.key]: { type: "password" },
  [NAMES.passphrase]: { type: "password" },
};

type Stored = Readonly<Record<string, unknown>>;

/** Takes the credentials off the node; those that an earlier version stored get their new names, for good. */
export function takeCredentials(RED: NodeAPI, node: Node<object> & { _alias?: string }): AgentCredentials {
  // Of a node in a subflow Node-RED keeps those of the template.
  const id = node._alias ?? node.id;
  const stored = RED.nodes.getCredentials(id) as Stored | undefined;
  if (stored !== undefined && Object.keys(NAMES).some((name) => name in stored)) {
    void RED.nodes.addCredentials(id, withNewNames(stored));
  }
  // Where they name variables, those of the node are filled in.
  const credentials = readCredentials((node.credentials ?? {}) as Stored);
  delete (node as { credentials?: object }).credentials;
  return credentials;
}

/** By their plain names, which are those of earlier versions, too. */
export function readCredentials(stored: Stored): AgentCredentials {
  const found = Object.entries(NAMES).map(([name, key]) => [name, stored[key] ?? stored[name]]);
  return Object.fromEntries(found.filter(([, value]) => typeof value === "string")) as AgentCredentials;
}

function withNewNames(stored: Stored): Record<string, string> {
  const credentials = readCredentials(stored);
  const named = Object.entries(NAMES).map(([name, key]) => [key, credentials[name as keyof typeof NAMES]]);
  return Object.fromEntries(named.filter(([, value]) => value !== undefined)) as Record<string, string>;
}
