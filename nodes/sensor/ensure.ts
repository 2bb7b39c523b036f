/** Sensors by name: what is there is taken as it is, what is missing is created; a second run creates nothing. */
import { IotError } from "../../src/protocol/errors";
import type { Sensor } from "../../src/protocol/answers";
import type { Request } from "../shared/request";

export interface EnsuredSensor extends Sensor {
  created: boolean;
}

/** The sensors in the order of their names. */
export async function ensureSensors(names: readonly string[], request: Request): Promise<EnsuredSensor[]> {
  const ensured = new Map<string, EnsuredSensor>();
  for (const { sensorId, name } of await request("listSensors", {})) {
    if (!ensured.has(name)) ensured.set(name, { sensorId, name, created: false });
  }
  for (const name of names) {
    if (!ensured.has(name)) ensured.set(name, await create(name, request));
  }
  return names.map((name) => ensured.get(name)!);
}

async function create(name: string, request: Request): Promise<EnsuredSensor> {
  try {
    const { sensorId } = await request("createSensor", { name });
    return { sensorId, name, created: true };
  } catch (error) {
    // Another process with this identity was faster.
    if (!(error instanceof IotError) || error.name !== "SensorNameExistsError") throw error;
    const sensor = (await request("listSensors", {})).find((listed) => listed.name === name);
    if (sensor === undefined) throw error;
    return { sensorId: sensor.sensorId, name, created: false };
  }
}
