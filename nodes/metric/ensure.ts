/** Metrics of a sensor by name: what is there is taken as it is, what is missing is created; a second run creates nothing. */
import type { Steps } from "../shared/concurrently";
import type { Request } from "../shared/request";
import type { MetricDefinition } from "../../src/protocol/requests";
import { createMetrics, type CreatedMetric } from "./create";
import { describeAll } from "./describe";

export interface EnsuredMetric extends CreatedMetric {
  created: boolean;
}

/** The metrics in the order of their definitions; definitions of one name are one metric. */
export async function ensureMetrics(
  sensorId: string,
  definitions: readonly MetricDefinition[],
  request: Request,
  steps?: Steps,
): Promise<EnsuredMetric[]> {
  const existing = await existingMetrics(sensorId, request, steps);
  const missing = new Map<string, MetricDefinition>();
  for (const definition of definitions) {
    if (!existing.has(definition.name) && !missing.has(definition.name))
      missing.set(definition.name, definition);
  }
  const created = missing.size === 0 ? [] : await createMetrics(sensorId, [...missing.values()], request);
  const createdIds = new Map(created.map(({ name, metricId }) => [name, metricId]));
  return definitions.map(({ matchingId, name }) => ({
    matchingId,
    metricId: (existing.get(name) ?? createdIds.get(name))!,
    name,
    created: createdIds.has(name),
  }));
}

/** Metric IDs by name. */
async function existingMetrics(
  sensorId: string,
  request: Request,
  steps?: Steps,
): Promise<Map<string, string>> {
  const byName = new Map<string, string>();
  for (const { name, metricId } of await describeAll(sensorId, request, steps)) {
    if (!byName.has(name)) byName.set(name, metricId);
  }
  return byName;
}
