/** What people write to define, change or name metrics, made into the parameters of a request. Pure. */
import { invalid } from "../../src/protocol/input";
import { isRecord } from "../../src/protocol/json";
import type { MetricDefinition, MetricUpdate } from "../../src/protocol/requests";
import { checkId } from "../../src/protocol/topics";
import { withoutUndefined } from "../shared/error-report";

const FIELD = "definitions";

/** One object, a list of them, or the API's own `{metrics: […]}`: as a list of records. `allowed` is what each may be. */
function readList(value: unknown, allowed: string): Record<string, unknown>[] {
  if (value === undefined || value === null || value === "") throw invalid("missing", FIELD);
  const inner = isRecord(value) && Array.isArray(value.metrics) ? (value.metrics as unknown) : value;
  const list = Array.isArray(inner) ? (inner as unknown[]) : [inner];
  if (list.length === 0) throw invalid("empty", FIELD);
  return list.map((entry, index) => {
    if (isRecord(entry)) return entry;
    const name = Array.isArray(inner) ? `${FIELD}[${index}]` : FIELD;
    throw invalid("type", name, entry, { allowed });
  });
}

/** Definitions; one without a `matchingId` gets one from `newId`. */
export function readDefinitions(value: unknown, newId: () => string): MetricDefinition[] {
  return readList(value, "words.definitions").map(
    ({ matchingId, name, valueUnit, valueType, valueAnnotation }) =>
      withoutUndefined({
        matchingId: given(matchingId) ?? newId(),
        name: name as string,
        // A dialog keeps what is not chosen as an empty text; but beside a type an annotation may be empty.
        valueUnit: given(valueUnit),
        valueType: given(valueType),
        valueAnnotation:
          given(valueUnit) === undefined ? (valueAnnotation ?? undefined) : given(valueAnnotation),
      }) as MetricDefinition,
  );
}

/** Changes; one without a `metricId` is for the metric that the node or the message names. A text is a new name. */
export function readUpdates(value: unknown, metricId: unknown): MetricUpdate[] {
  if (typeof value === "string" && value !== "")
    return [{ metricId: checkId("metric", metricId), name: value }];
  return readList(value, "words.updates").map((entry) => ({
    metricId: (given(entry.metricId) ?? metricId) as string,
    name: given(entry.name) as string | undefined,
    // An empty one takes the annotation away.
    valueAnnotation: (entry.valueAnnotation ?? undefined) as string | undefined,
  }));
}

function given(value: unknown): unknown {
  return value === "" || value === null ? undefined : value;
}
