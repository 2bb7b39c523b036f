/** What of a table the agent has: asked sensor by sensor, with nothing changed there. */
import { checkRows, type Check, type KnownSensor } from "../../src/points/compare";
import type { Row } from "../../src/points/columns";
import { ask } from "../shared/editor/endpoints";

type Told = (done: number, of: number) => void;

/** Rejects with what `failureOf` reads. */
export async function checkWithAgent(agentId: string, rows: readonly Row[], told: Told): Promise<Check[]> {
  const named = new Set(rows.flatMap(({ sensor, sensorId }) => sensorId ?? sensor ?? []));
  const wanted = (sensor: KnownSensor): boolean => named.has(sensor.sensorId) || named.has(sensor.name);
  return checkRows(rows, await readAgent(agentId, wanted, told));
}

export async function readAgent(
  agentId: string,
  wanted: (sensor: KnownSensor) => boolean,
  told: Told,
): Promise<KnownSensor[]> {
  const path = `agents/${encodeURIComponent(agentId)}/sensors`;
  const { sensors } = await ask<{ sensors: Omit<KnownSensor, "metrics">[] }>(`${path}?anew=1`);
  const asked = sensors.map((sensor) => ({ ...sensor, metrics: [] })).filter(wanted);
  const read: KnownSensor[] = [];
  told(0, asked.length);
  for (const sensor of asked) {
    const { metrics } = await ask<Pick<KnownSensor, "metrics">>(
      `${path}/${encodeURIComponent(sensor.sensorId)}/metrics?anew=1`,
    );
    read.push({ ...sensor, metrics });
    told(read.length, asked.length);
  }
  return read;
}
