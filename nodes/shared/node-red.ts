/** Node-RED's types as the nodes use them; @types/node-red lacks a node's wires and a configuration node's users. */
import type { Node, NodeAPI, NodeDef, NodeMessage, NodeStatus } from "node-red";

export type { Node, NodeAPI, NodeDef, NodeStatus };

export type Message = NodeMessage;

/** A node on a flow: `wires` has a list of node IDs for each output. */
export type FlowNode = Node & { readonly wires: readonly (readonly string[])[] };

/** A configuration node: Node-RED hands its status and errors to the flows of its `users`. */
export type ConfigurationNode<Credentials extends object> = Node<Credentials> & {
  users: Record<string, Node>;
};

export type Send = (messages: (Message | null)[]) => void;
export type Done = (error?: Error) => void;
