/** The product as it is shipped: what the build made of the sources, not what the bench's own loader makes of them. */
import { createRequire } from "node:module";
import type * as inventory from "../nodes/sensor/inventory";
import type * as agentClient from "../src/client/agent-client";
import type * as fileIdentity from "../src/identity/file-identity";
import type * as outbox from "../src/outbox/outbox";

const load = createRequire(__filename);

export const { AgentClient } = load("../dist/src/client/agent-client.js") as typeof agentClient;
export const { FileIdentity } = load("../dist/src/identity/file-identity.js") as typeof fileIdentity;
export const { Outbox } = load("../dist/src/outbox/outbox.js") as typeof outbox;
export const { readInventory } = load("../dist/nodes/sensor/inventory.js") as typeof inventory;
