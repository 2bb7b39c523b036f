/** A new node has an agent without anybody choosing one: the only one there is, else the one that was used last. */

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
  const agents: string[] = [];
  RED.nodes.eachConfig(({ id, type, d }) => {
    if (type === AGENT && d !== true) agents.push(id);
    return true;
  });
  if (agents.length === 1) return agents[0];
  return agents.find((id) => id === last);
}
