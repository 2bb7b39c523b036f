/**
 * What the old client has, made sure of by name on the new one: what is there is taken, what is missing is created as it
 * was, so that a second run creates nothing. Gives which old ID is which new one.
 */
import { randomUUID } from "node:crypto";
import type { MetricDescription } from "../../src/protocol/answers";
import type { IotError } from "../../src/protocol/errors";
import type { MetricDefinition } from "../../src/protocol/requests";
import { createEach, inChunks, isAgentsVerdict } from "../metric/create-each";
import { describeIfThere } from "../metric/describe";
import type { ValueType } from "../../src/protocol/units";
import { ensureSensors } from "../sensor/ensure";
import { concurrently, type Steps } from "../shared/concurrently";
import type { Request } from "../shared/request";
import type { SensorPair } from "./id-table";
import type { WholeSensor } from "./seen-inventory";

/** A metric that the new client does not have. */
export interface LeftOut {
  sensor: string;
  /** Its name, or its ID where its name is not known. */
  metric: string;
  /** Absent: nobody knows any more what it was. */
  error?: IotError;
}

export interface CarriedOver {
  sensors: SensorPair[];
  left: LeftOut[];
}

/** What the agent made; other IDs are a flow's own words, and a push of it makes the same again. */
const MADE_BY_AGENT = /^[0-9a-f]{32}$/;

/** `request`: as the new client. `client`: whose the old sensors are. */
export async function carryOver(
  client: string,
  old: readonly WholeSensor[],
  request: Request,
  steps: Steps,
): Promise<CarriedOver> {
  const isOwn = ({ sensorId, metricIds }: WholeSensor): boolean =>
    ![sensorId, ...metricIds].some((id) => MADE_BY_AGENT.test(id));
  const wanted = old.filter((sensor) => !isOwn(sensor));
  steps.of += old.length + wanted.reduce((sum, { metrics }) => sum + metrics.length, 0);
  steps.done += old.length - wanted.length;
  const there = new Map(
    (await request("listSensors", {})).map(({ sensorId, metrics }) => [sensorId, metrics]),
  );
  const before = steps.done;
  const counting: Request = async (operation, parameters, options) => {
    const result = await request(operation, parameters, options);
    if (operation === "createSensor") steps.done++;
    return result;
  };
  const ensured = await ensureSensors([...new Set(wanted.map(({ name }) => name))], counting);
  steps.done = before + wanted.length;
  const newIds = new Map(ensured.map(({ name, sensorId }) => [name, sensorId]));
  const left: LeftOut[] = [];
  const carried = await concurrently(
    wanted,
    async ({ sensorId, name, metricIds, metrics }): Promise<SensorPair> => {
      const newId = newIds.get(name)!;
      const made = await ensure(newId, there.get(newId) ?? [], metrics, request, steps, (metric, error) => {
        left.push({ sensor: name, metric, error });
      });
      const described = new Map(metrics.map((metric) => [metric.metricId, metric.name]));
      const pairs = metricIds.flatMap((oldId) => {
        const metric = described.get(oldId);
        if (!MADE_BY_AGENT.test(oldId)) return [{ name: metric ?? oldId, oldId, newId: oldId }];
        if (metric === undefined) left.push({ sensor: name, metric: oldId });
        return [{ name: metric ?? oldId, oldId, newId: made.get(oldId) ?? "" }];
      });
      return { client, name, oldId: sensorId, newId, metrics: pairs };
    },
  );
  const own = old.filter(isOwn).map(({ sensorId, name, metricIds }) => ({
    client,
    name,
    oldId: sensorId,
    newId: sensorId,
    metrics: metricIds.map((id) => ({ name: id, oldId: id, newId: id })),
  }));
  return { sensors: [...carried, ...own], left };
}

/**
 * The new IDs of these metrics, by their old ones. Of several of one name each has one of its own: two series must not
 * become one.
 */
async function ensure(
  sensorId: string,
  there: readonly { metricId: string }[],
  wanted: readonly MetricDescription[],
  request: Request,
  steps: Steps,
  leftOut: (metric: string, error: IotError) => void,
): Promise<Map<string, string>> {
  const free = new Map<string, string[]>();
  for (const { metricId } of there) {
    const metric = await describeIfThere({ sensorId, metricId }, request);
    if (metric !== undefined) free.set(metric.name, [...(free.get(metric.name) ?? []), metricId]);
  }
  const made = new Map<string, string>();
  const missing = new Map<string, { oldId: string; definition: MetricDefinition }>();
  for (const metric of wanted) {
    const { metricId: oldId, name } = metric;
    if (!MADE_BY_AGENT.test(oldId)) continue;
    const newId = free.get(name)?.shift();
    const definition = definitionOf(metric);
    if (newId === undefined) missing.set(definition.matchingId, { oldId, definition });
    else made.set(oldId, newId);
  }
  for (const chunk of inChunks([...missing.values()].map(({ definition }) => definition)))
    await createEach(sensorId, chunk, request, {
      made: (created) => {
        for (const { matchingId, metricId } of created) made.set(missing.get(matchingId)!.oldId, metricId);
      },
      refused: ({ name }, error) => leftOut(name, error),
      // What the old client has, and we would not send, stays with the old client.
      isVerdict: (error) => error.name === "InvalidInput" || isAgentsVerdict(error),
    });
  steps.done += wanted.length;
  return made;
}

function definitionOf({ name, valueUnit, valueType, valueAnnotation }: MetricDescription): MetricDefinition {
  const matchingId = randomUUID().replaceAll("-", "");
  return valueUnit === undefined
    ? {
        matchingId,
        name,
        valueType: (valueType ?? "string") as ValueType,
        valueAnnotation: valueAnnotation ?? "",
      }
    : { matchingId, name, valueUnit };
}
