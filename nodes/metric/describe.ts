/** Describing metrics that a list has named a moment ago. */
import type { MetricDescription } from "../../src/protocol/answers";
import { IotError } from "../../src/protocol/errors";
import type { Request } from "../shared/request";

/** `undefined` for a metric that was deleted between the list and the question. */
export async function describeIfThere(
  metric: { sensorId: string; metricId: string },
  request: Request,
): Promise<MetricDescription | undefined> {
  try {
    return await request("describeMetric", metric);
  } catch (error) {
    const gone = error instanceof IotError && ["UnknownMetricId", "UnknownSensorId"].includes(error.name);
    if (gone) return undefined;
    throw error;
  }
}
