/** Nodes take one thing or a list of them: here both become a list, and a list that fails in part says which part. */
import { invalid } from "../../src/protocol/input";
import { isRecord } from "../../src/protocol/json";
import { splitIds } from "../../src/protocol/limits";
import { checkId } from "../../src/protocol/topics";
import { concurrently, type Steps } from "./concurrently";
import { PartialFailure, failureOf } from "./error-report";

/** A text that names several IDs, with commas between them, as a list; everything else as it is. */
export function several(value: unknown): unknown {
  return typeof value === "string" && value.includes(",") ? splitIds(value) : value;
}

/** IDs out of a text, `{[key]: text}`, or a list of them; checked. */
export function readIds(field: string, key: string, value: unknown): string[] {
  if (!Array.isArray(value)) return [readId(field, key, value)];
  if (value.length === 0) throw invalid("empty", field);
  const ids = (value as unknown[]).map((entry, index) => readId(`${field}[${index}]`, key, entry));
  return [...new Set(ids)];
}

function readId(field: string, key: string, value: unknown): string {
  return checkId(field, isRecord(value) ? value[key] : value);
}

/** `work` for every sensor, also after one has failed; then throws the first error, which tells the two parts apart. */
export async function forEachSensor<R>(
  sensorIds: readonly string[],
  work: (sensorId: string) => Promise<R>,
  steps?: Steps,
): Promise<R[]> {
  const failed = new Map<string, unknown>();
  const results = await concurrently(
    sensorIds,
    async (sensorId) => {
      try {
        return await work(sensorId);
      } catch (error) {
        failed.set(sensorId, error);
        return undefined;
      }
    },
    steps,
  );
  const [first] = failed.values();
  if (failed.size === 0) return results as R[];
  if (sensorIds.length === 1) throw first;
  throw new PartialFailure(failureOf(first), {
    sensors: [...failed.keys()],
    delivered: sensorIds.filter((sensorId) => !failed.has(sensorId)),
  });
}
