/**
 * Flows of an earlier version, and those that came through Node-RED's admin API, lack properties.
 * The runtime takes the default then; so that the editor shows the same, it is filled in when a node is loaded.
 */
export function fillMissingProperties(): void {
  RED.events.on("nodes:add", (node) => {
    if (!node.type.startsWith("teamviewer-iot-")) return;
    for (const [name, { value }] of Object.entries(node._def.defaults)) {
      node[name] ??= structuredClone(value);
    }
  });
}
