/** Creates metrics of which one that the agent refuses does not keep the others from being made. */
import type { IotError } from "../../src/protocol/errors";
import type { MetricDefinition } from "../../src/protocol/requests";
import { PartialFailure } from "../shared/error-report";
import { reasonOf } from "../shared/outputs";
import type { Request } from "../shared/request";
import { createMetrics, type CreatedMetric } from "./create";

export interface Told {
  made(created: readonly CreatedMetric[]): void;
  refused(definition: MetricDefinition, error: IotError): void;
  /** Another time it would be the same. Other errors are thrown, after what was made has been told. */
  isVerdict(error: IotError): boolean;
}

/** In one request. */
const MOST_CREATED = 100;

/** As many as one request takes. */
export function inChunks<T>(entries: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let start = 0; start < entries.length; start += MOST_CREATED)
    chunks.push(entries.slice(start, start + MOST_CREATED));
  return chunks;
}

/** One chunk. Each definition is told as made or as refused. */
export async function createEach(
  sensorId: string,
  definitions: readonly MetricDefinition[],
  request: Request,
  told: Told,
): Promise<void> {
  const ids = new Set<string>();
  const made = (created: readonly CreatedMetric[]): void => {
    for (const { matchingId } of created) ids.add(matchingId);
    told.made(created);
  };
  try {
    made(await createMetrics(sensorId, definitions, request));
  } catch (thrown) {
    if (thrown instanceof PartialFailure) made(thrown.parts.created ?? []);
    const error = reasonOf(thrown);
    if (!told.isVerdict(error)) throw thrown;
    const left = definitions.filter(({ matchingId }) => !ids.has(matchingId));
    // An error that does not say which metric it is about: one at a time, each gets its own.
    if (left.length > 1) for (const one of left) await createEach(sensorId, [one], request, told);
    else for (const one of left) told.refused(one, error);
  }
}

/** The agent has judged what it was asked. */
export function isAgentsVerdict(error: IotError): boolean {
  return error.source === "agent" && !error.retryable;
}
