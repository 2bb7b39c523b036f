/** All sensors with all their metrics described, as one tree. */
import type { MetricDescription, Sensor } from "../../src/protocol/answers";
import { concurrently } from "../shared/concurrently";
import { describeIfThere } from "../metric/describe";
import type { Request } from "../shared/request";

export interface SensorTree extends Sensor {
  metrics: MetricDescription[];
}

export async function readInventory(request: Request): Promise<SensorTree[]> {
  const sensors = await request("listSensors", {});
  const wanted = sensors.flatMap(({ sensorId, metrics }) =>
    metrics.map(({ metricId }) => ({ sensorId, metricId })),
  );
  const described = await concurrently(wanted, (metric) => describeIfThere(metric, request));
  const next = described.values();
  return sensors.map(({ sensorId, name, metrics }) => ({
    sensorId,
    name,
    metrics: metrics.flatMap(() => next.next().value ?? []),
  }));
}
