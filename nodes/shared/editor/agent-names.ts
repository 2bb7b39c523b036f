/** Names of sensors, so that nodes on the canvas are called by names although a flow keeps IDs. */
import { ask } from "./endpoints";

interface Named {
  sensorId: string;
  name: string;
}

/** By agent and sensor. Each node's script is a bundle of its own: what they share is global. */
const names = ((globalThis as unknown as Record<string, Map<string, string>>)["teamviewer-iot-names"] ??=
  new Map());
/** Agents that this bundle has asked about. */
const asked = new Set<string>();

/** The name of a sensor, as far as it is known without asking; else its ID. */
export function sensorName(agent: string, sensorId: string): string {
  if (agent !== "" && !asked.has(agent)) {
    asked.add(agent);
    void learn(agent);
  }
  return names.get(keyOf(agent, sensorId)) || sensorId;
}

export function noteNames(agent: string, sensors: readonly Named[]): void {
  let isNew = false;
  for (const { sensorId, name } of sensors) {
    const key = keyOf(agent, sensorId);
    isNew ||= names.get(key) !== name;
    names.set(key, name);
  }
  if (isNew) RED.view.redraw(true);
}

/** What the runtime knows by itself: no agent is asked for the sake of a label. */
async function learn(agent: string): Promise<void> {
  try {
    const { agents } = await ask<{ agents: { id: string }[] }>("agents");
    if (!agents.some(({ id }) => id === agent)) return;
    const path = `agents/${encodeURIComponent(agent)}/sensors?cached=1`;
    noteNames(agent, (await ask<{ sensors: Named[] }>(path)).sensors);
  } catch {
    // Whoever may not look sees IDs.
  }
}

const keyOf = (agent: string, sensorId: string): string => `${agent}/${sensorId}`;

RED.events.on("deploy", () => asked.clear());
