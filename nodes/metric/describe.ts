/** Describing metrics that a list has named a moment ago. */
import type { MetricDescription } from "../../src/protocol/answers";
import { IotError } from "../../src/protocol/errors";
import { concurrently, type Steps } from "../shared/concurrently";
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

/** All metrics of a sensor; the list of sensors has only IDs, so each metric is asked for. */
export async function describeAll(
  sensorId: string,
  request: Request,
  steps?: Steps,
): Promise<MetricDescription[]> {
  const sensor = (await request("listSensors", {})).find((listed) => listed.sensorId === sensorId);
  const described = await concurrently(
    sensor?.metrics ?? [],
    ({ metricId }) => describeIfThere({ sensorId, metricId }, request),
    steps,
  );
  return described.filter((metric) => metric !== undefined);
}
