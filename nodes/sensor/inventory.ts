/** All sensors with all their metrics described, as one tree. */
import type { MetricDescription, Sensor } from "../../src/protocol/answers";
import { concurrently, type Steps } from "../shared/concurrently";
import { describeIfThere } from "../metric/describe";
import type { Request } from "../shared/request";

export interface SensorTree extends Sensor {
  metrics: MetricDescription[];
}

/** A sensor has one question in flight, whose answers look alike: so several sensors are asked at once. */
export async function readInventory(
  request: Request,
  steps: Steps = { done: 0, of: 0 },
): Promise<SensorTree[]> {
  const sensors = await request("listSensors", {});
  steps.of += sensors.reduce((sum, { metrics }) => sum + metrics.length, 0);
  return concurrently(sensors, async ({ sensorId, name, metrics }) => {
    const described: MetricDescription[] = [];
    for (const { metricId } of metrics) {
      const metric = await describeIfThere({ sensorId, metricId }, request);
      if (metric !== undefined) described.push(metric);
      steps.done++;
    }
    return { sensorId, name, metrics: described };
  });
}
