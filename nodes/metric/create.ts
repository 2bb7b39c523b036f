/** Creates metrics and joins the answer, by `matchingId`, to what was asked. */
import { IotError } from "../../src/protocol/errors";
import { show } from "../../src/protocol/input";
import type { MetricDefinition } from "../../src/protocol/requests";
import { PartialFailure } from "../shared/error-report";
import { splitCreateFailure } from "../shared/partial-failure";
import type { Request } from "../shared/request";
import { describeAll } from "./describe";

export interface CreatedMetric {
  matchingId: string;
  metricId: string;
  name: string;
}

/** The metrics in the order asked. What fails in part says which were created all the same, with their IDs. */
export async function createMetrics(
  sensorId: string,
  definitions: readonly MetricDefinition[],
  request: Request,
): Promise<CreatedMetric[]> {
  const matches = await request("createMetrics", { sensorId, metrics: definitions }).catch(
    async (error: unknown) => {
      const failure = splitCreateFailure(error, definitions);
      throw failure instanceof PartialFailure
        ? await withIds(failure, sensorId, definitions, request)
        : failure;
    },
  );
  const ids = new Map(matches.map(({ matchingId, metricId }) => [matchingId, metricId]));
  const created = definitions.flatMap(({ matchingId, name }) => {
    const metricId = ids.get(matchingId);
    return metricId === undefined ? [] : [{ matchingId, metricId, name }];
  });
  const missing = definitions.find(({ matchingId }) => !ids.has(matchingId));
  if (missing === undefined) return created;
  const error = new IotError("BadReply", {
    details: { value: "words.noMetricId", matchingId: show(missing.matchingId) },
    operation: "createMetrics",
  });
  throw created.length > 0 ? new PartialFailure(error, { created }) : error;
}

/** An error does not say which IDs the others got: the agent is asked. A name that several have does not tell. */
async function withIds(
  { error, parts }: PartialFailure,
  sensorId: string,
  definitions: readonly MetricDefinition[],
  request: Request,
): Promise<PartialFailure> {
  const failed = new Set(parts.matchingIds);
  const wanted = definitions.filter(({ matchingId }) => !failed.has(matchingId));
  if (wanted.length === 0) return new PartialFailure(error, parts);
  // That something failed is told also where this fails.
  const there = await describeAll(sensorId, request).catch(() => []);
  const created = wanted.flatMap(({ matchingId, name }) => {
    const [metric, ...others] = there.filter((described) => described.name === name);
    return metric === undefined || others.length > 0 ? [] : [{ matchingId, metricId: metric.metricId, name }];
  });
  return new PartialFailure(error, created.length > 0 ? { ...parts, created } : parts);
}
