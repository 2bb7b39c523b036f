/** Creates metrics and joins the answer, by `matchingId`, to what was asked. */
import type { MetricDefinition } from "../../src/protocol/requests";
import { IotError } from "../../src/protocol/errors";
import { splitCreateFailure } from "../shared/partial-failure";
import { show } from "../../src/protocol/input";
import type { Request } from "../shared/request";

export interface CreatedMetric {
  matchingId: string;
  metricId: string;
  name: string;
}

/** The metrics in the order asked. */
export async function createMetrics(
  sensorId: string,
  definitions: readonly MetricDefinition[],
  request: Request,
): Promise<CreatedMetric[]> {
  const matches = await request("createMetrics", { sensorId, metrics: definitions }).catch(
    (error: unknown) => {
      throw splitCreateFailure(error, definitions);
    },
  );
  const ids = new Map(matches.map(({ matchingId, metricId }) => [matchingId, metricId]));
  return definitions.map(({ matchingId, name }) => {
    const metricId = ids.get(matchingId);
    if (metricId === undefined) {
      throw new IotError("BadReply", {
        details: { value: "words.noMetricId", matchingId: show(matchingId) },
        operation: "createMetrics",
      });
    }
    return { matchingId, metricId, name };
  });
}
