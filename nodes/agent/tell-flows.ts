/** Tells the flows what no message caused: an error to Catch nodes, a badge to Status nodes, each listener once. */
import { audience, type Definition } from "./audience";
import { logLine, reportError, throwable } from "../shared/error-report";
import type { Node, NodeAPI, NodeStatus } from "../shared/node-red";
import type { IotError } from "../../src/protocol/errors";

interface ToldNode {
  users: Record<string, Node>;
  error(text: string | Error, message?: object): void;
  status(status: NodeStatus): void;
}

export function tellError(RED: NodeAPI, node: ToldNode, error: IotError, message: object): void {
  const report = reportError(RED, error);
  const heard = toListeners(RED, node, "catch", () => node.error(throwable(report), { ...message }));
  // In the debug sidebar an error is an object to unfold: there a sentence says more.
  if (!heard) node.error(logLine(report));
}

export function tellStatus(RED: NodeAPI, node: ToldNode, status: NodeStatus): void {
  if (!toListeners(RED, node, "status", () => node.status(status))) node.status(status);
}

/** Node-RED looks at `users` while it is told. */
function toListeners(RED: NodeAPI, node: ToldNode, listener: "catch" | "status", tell: () => void): boolean {
  const { users } = node;
  const definitions: Definition[] = [];
  RED.nodes.eachNode((definition) => definitions.push(definition));
  const chosen = audience(Object.values(users), definitions, listener);
  if (chosen.length === 0) return false;
  node.users = Object.fromEntries(chosen.map((user) => [user.id, user]));
  try {
    tell();
  } finally {
    node.users = users;
  }
  return true;
}
