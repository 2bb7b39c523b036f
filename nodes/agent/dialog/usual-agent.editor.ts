/**
 * A new node has an agent without anybody choosing one: the only one there is, else the one that was used last. Where
 * there is none yet but a simulator, one is made for that: who tries things out has nothing to set up.
 */
import { placeOf, simulatorNodes } from "./place.editor";

const AGENT = "teamviewer-iot-agent";

export function giveUsualAgent(): void {
  let last: unknown;
  const note = (node: LoadedNode): void => {
    if (isUser(node) && node.agent !== "") last = node.agent;
  };
  RED.events.on("nodes:add", (node, options) => {
    if (isUser(node) && node.agent === "" && options?.source === "palette") {
      const usual = usualAgent(last);
      if (usual !== undefined) {
        node.agent = usual;
        RED.nodes.updateConfigNodeUsers(node, { action: "add" });
      }
    }
    note(node);
  });
  RED.events.on("nodes:change", note);
}

function isUser(node: LoadedNode): boolean {
  return node.type.startsWith("teamviewer-iot-") && node._def.defaults.agent !== undefined;
}

function usualAgent(last: unknown): string | undefined {
  const agents: LoadedNode[] = [];
  RED.nodes.eachConfig((node) => {
    if (node.type === AGENT) agents.push(node);
    return true;
  });
  if (agents.length === 0) return agentOfSimulator();
  const usable = agents.filter(({ d }) => d !== true).map(({ id }) => id);
  return usable.length === 1 ? usable[0] : usable.find((id) => id === last);
}

/** Makes an agent node for the only simulator, as its dialog would, and as an undo takes away. */
function agentOfSimulator(): string | undefined {
  const [simulator, another] = simulatorNodes();
  // Port 0 is any free one: nobody knows it before it runs.
  if (simulator === undefined || another !== undefined || simulator.port === "0") return undefined;
  const id = RED.nodes.id();
  const definition = RED.nodes.getType(AGENT);
  const defaults = Object.entries(definition.defaults).map(([name, { value }]) => [name, value] as const);
  const node: LoadedNode = {
    id,
    type: AGENT,
    z: "",
    ...Object.fromEntries(defaults),
    ...placeOf(simulator),
    autoRegister: true,
    users: [],
    changed: true,
    _def: definition,
  };
  RED.history.push({ t: "add", nodes: [id], dirty: RED.nodes.dirty() });
  RED.editor.validateNode(RED.nodes.add(node));
  return id;
}
