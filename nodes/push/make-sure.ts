/**
 * Sensors and metrics that a table names: what is there is taken as it is, what is missing is created with its unit or
 * type, once; then the agent node remembers their IDs.
 */
import { randomUUID } from "node:crypto";
import type { Point } from "../../src/points/plan";
import type { Problem } from "../../src/points/read-table";
import type { SharedAgent } from "../agent/shared-agent";
import { createEach, inChunks, isAgentsVerdict } from "../metric/create-each";
import { describeIfThere } from "../metric/describe";
import { ensureSensors } from "../sensor/ensure";
import { concurrently, type Steps } from "../shared/concurrently";
import type { Request } from "../shared/request";

export interface Ids {
  sensorId: string;
  metricId: string;
}

/** What asks the agent, and what is told how far that is. */
interface Tools {
  request: Request;
  steps: Steps;
}

/** What the agent has refused is not tried again with each message. */
const AGAIN_MS = 60_000;

export class SureNames {
  private readonly refused = new WeakMap<Point, { problem: Problem; until: number }>();

  constructor(private readonly agent: SharedAgent) {}

  /** The IDs of a point, as far as they are known; `sensorId`: of points that name no sensor. */
  find({ sensor, metric, ids }: Point, sensorId?: string): Ids | undefined {
    if (ids !== undefined) return ids;
    const { names } = this.agent;
    const known = sensor.id ?? (sensor.name === undefined ? sensorId : names.sensor(sensor.name));
    const metricId = metric.id ?? (known === undefined ? undefined : names.metric(known, metric.name!));
    return known === undefined || metricId === undefined ? undefined : { sensorId: known, metricId };
  }

  /** Why a point has no IDs. */
  problemOf(point: Point): Problem {
    const { problem } = this.refused.get(point) ?? {};
    return problem ?? { row: point.place, column: "metric", words: "words.rowNotMade", value: "?" };
  }

  /** Afterwards each of the points has its IDs, or a problem. Throws what keeps the agent from being asked. */
  async makeSure(points: readonly Point[], sensorId: string | undefined, tools: Tools): Promise<void> {
    const { names, clock } = this.agent;
    await names.ready();
    const isMissing = (point: Point): boolean =>
      this.find(point, sensorId) === undefined && (this.refused.get(point)?.until ?? 0) <= clock.monotonic();
    if (!points.some(isMissing)) return;
    await this.agent.inTurn(async () => {
      const missing = points.filter(isMissing);
      if (missing.length === 0) return;
      try {
        await this.sensorsOf(missing, tools.request);
        await this.metricsOf(missing, sensorId, tools);
      } finally {
        await names.save();
      }
    });
  }

  private async sensorsOf(points: readonly Point[], request: Request): Promise<void> {
    const { names } = this.agent;
    const wanted = points.flatMap(({ sensor }) =>
      sensor.id === undefined && sensor.name !== undefined && names.sensor(sensor.name) === undefined
        ? [sensor.name]
        : [],
    );
    if (wanted.length === 0) return;
    for (const { name, sensorId } of await ensureSensors([...new Set(wanted)], request))
      names.learnSensor(name, sensorId);
  }

  private async metricsOf(
    points: readonly Point[],
    sensorId: string | undefined,
    { request, steps }: Tools,
  ): Promise<void> {
    const { names } = this.agent;
    const bySensor = new Map<string, Point[]>();
    for (const point of points) {
      const { sensor, metric } = point;
      if (metric.id !== undefined) continue;
      const owner = sensor.id ?? (sensor.name === undefined ? sensorId! : names.sensor(sensor.name)!);
      const ofSensor = bySensor.get(owner);
      if (ofSensor === undefined) bySensor.set(owner, [point]);
      else ofSensor.push(point);
    }
    if (bySensor.size === 0) return;
    const listed = (await request("listSensors", {})).filter((sensor) => bySensor.has(sensor.sensorId));
    steps.of += listed.reduce((sum, { metrics }) => sum + metrics.length, 0);
    // Sensors at once, not metrics: a sensor has one question in flight.
    await concurrently(listed, async ({ sensorId, metrics }) => {
      for (const { metricId } of metrics) {
        const described = await describeIfThere({ sensorId, metricId }, request);
        const isFirst = described && names.metric(sensorId, described.name) === undefined;
        if (isFirst) names.learnMetric(sensorId, described.name, metricId);
        steps.done++;
      }
    });
    const chunks = [...bySensor].flatMap(([sensorId, of]) => {
      const missing = of.filter(({ metric }) => names.metric(sensorId, metric.name!) === undefined);
      return inChunks(this.definable(missing)).map((chunk) => ({ sensorId, chunk }));
    });
    await concurrently(chunks, ({ sensorId, chunk }) => this.create(sensorId, chunk, request), steps);
  }

  /** Those of which it is said what they are to become; the others are told. */
  private definable(points: readonly Point[]): Point[] {
    return points.filter((point) => {
      if (point.measure === undefined) this.refuse(point, "words.rowNoUnit", point.metric.name!);
      return point.measure !== undefined;
    });
  }

  private async create(sensorId: string, points: readonly Point[], request: Request): Promise<void> {
    const definitions = points.map(({ metric, measure }) => ({
      matchingId: randomUUID().replaceAll("-", ""),
      name: metric.name!,
      ...measure!,
    }));
    const asked = new Map(definitions.map(({ matchingId }, index) => [matchingId, points[index]!]));
    await createEach(sensorId, definitions, request, {
      made: (created) => {
        for (const { name, metricId } of created) this.agent.names.learnMetric(sensorId, name, metricId);
      },
      refused: ({ matchingId }, error) =>
        this.refuse(asked.get(matchingId)!, "words.rowNotMade", `${error.code} ${error.name}`),
      isVerdict: isAgentsVerdict,
    });
  }

  private refuse(point: Point, words: string, value: string): void {
    const problem = { row: point.place, column: "metric", words, value };
    this.refused.set(point, { problem, until: this.agent.clock.monotonic() + AGAIN_MS });
  }
}
