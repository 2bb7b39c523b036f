/** Flows for tests: an agent, and palette nodes each with a helper node behind each output. */
import type { KillableAgent } from "./agent/killable-agent";
import type { Flow } from "./node-red";

interface Address {
  port: number;
  registrationPort: number;
  ca: string;
}

/** The configuration node `agent`, of a simulator or another agent at "localhost". */
export function agentNode(address: Address, properties: Record<string, unknown> = {}): Flow[number] {
  return {
    id: "agent",
    type: "teamviewer-iot-agent",
    version: 1,
    name: "",
    host: "localhost",
    port: String(address.port),
    registrationPort: String(address.registrationPort),
    caFile: address.ca,
    ...properties,
  };
}

/** The same, of an agent that has given us a client already. */
export function registeredAgentNode(
  { port, ca, client }: Pick<KillableAgent, "port" | "ca" | "client">,
  properties: Record<string, unknown> = {},
): Flow[number] {
  const { certificateFile, keyFile } = client;
  // Nobody registers there.
  const address = { port, ca, registrationPort: 1 };
  return agentNode(address, { identity: "files", certificateFile, keyFile, ...properties });
}

/** The node `name` of type `teamviewer-iot-name`, with helper nodes `name.out` and `name.error`. */
export function palette(kind: string, properties: Record<string, unknown> = {}, name = kind): Flow {
  return [
    {
      id: name,
      z: "flow",
      type: `teamviewer-iot-${kind}`,
      version: 1,
      // Node-RED takes a property that is a node's ID for a reference: names must not be IDs.
      name: `the ${name}`,
      agent: "agent",
      wires: [[`${name}.out`], [`${name}.error`]],
      ...properties,
    },
    { id: `${name}.out`, z: "flow", type: "helper" },
    { id: `${name}.error`, z: "flow", type: "helper" },
  ];
}

/** The tab on which the palette nodes are. */
export const TAB: Flow[number] = { id: "flow", type: "tab", label: "Flow" };

/** The same, with nothing behind output 2: its errors go to the Catch node `catch`, if the flow has one. */
export function uncaught(kind: string, properties: Record<string, unknown> = {}, name = kind): Flow {
  const [node, out] = palette(kind, properties, name);
  return [{ ...node!, wires: [[`${name}.out`], []] }, out!];
}
