/**
 * The connector's own health as a sensor of its client, so that the rules of the agent's console watch this gateway. It is
 * made sure of by its name once, and never at the cost of the flows: one request at a time, only over a connection, and
 * after a failure less and less often.
 */
import type { MetricDefinition } from "../../src/protocol/requests";
import type { IotError } from "../../src/protocol/errors";
import type { Clock } from "../../src/time/clock";
import { every } from "../../src/time/every";
import { ensureMetrics } from "../metric/ensure";
import { ensureSensors } from "../sensor/ensure";
import type { Request } from "../shared/request";

/** What is pushed, by the names of the metrics; the words are those of `msg.action = "status"`. */
const METRICS = {
  connectedSeconds: { valueUnit: "SI.Duration.SECOND" },
  reconnects: { valueType: "integer", valueAnnotation: "times" },
  queued: { valueType: "integer", valueAnnotation: "requests" },
  stored: { valueType: "integer", valueAnnotation: "pushes" },
  failures: { valueType: "integer", valueAnnotation: "times" },
  certificateDays: { valueType: "integer", valueAnnotation: "days" },
} as const;

type MetricName = keyof typeof METRICS;
export type HealthValues = Readonly<Record<MetricName, number>>;

/** What the sensor and its metrics are called on the agent, of one client. */
interface Ids {
  clientId: string;
  sensorId: string;
  metricIds: ReadonlyMap<string, string>;
}

/** What it needs of its agent. */
interface HealthSensorParts {
  clock: Pick<Clock, "after">;
  clientId: () => string | undefined;
  /** `undefined`: there is no connection, and nothing is asked. */
  look: () => HealthValues | undefined;
  request: Request;
  /** Runs after what others make sure of by name. */
  inTurn: <T>(work: () => Promise<T>) => Promise<T>;
}

/** Milliseconds after a connection has come: the flows' own requests go first. */
const FIRST = 1000;
/** So many times may be left out after failures. */
const LEFT_OUT_MOST = 60;

export class HealthSensor {
  private ids: Ids | undefined;
  private isAsking = false;
  private failures = 0;
  /** Times that are still to be left out. */
  private leftOut = 0;
  private endTicking: (() => void) | undefined;
  private endWait: (() => void) | undefined;

  constructor(
    private readonly settings: { name: string; interval: number },
    private readonly parts: HealthSensorParts,
  ) {}

  start(): void {
    this.endTicking ??= every(this.parts.clock, this.settings.interval, () => void this.tick());
  }

  /** There is a new connection: that is news. */
  connected(): void {
    this.endWait?.();
    this.failures = this.leftOut = 0;
    this.endWait = this.parts.clock.after(FIRST, () => void this.tick());
  }

  stop(): void {
    this.endWait?.();
    this.endTicking?.();
    this.endTicking = undefined;
  }

  private async tick(): Promise<void> {
    const values = this.parts.look();
    if (values === undefined || this.isAsking || this.leftOut-- > 0) return;
    this.isAsking = true;
    try {
      await this.push(values);
      this.failures = 0;
    } catch (error) {
      // It has been told as every failed request is. What the agent refuses may have been deleted: it is looked for anew.
      if ((error as IotError).source === "agent") this.ids = undefined;
      this.failures++;
    } finally {
      this.isAsking = false;
      this.leftOut = Math.min(2 ** this.failures - 1, LEFT_OUT_MOST);
    }
  }

  private async push(values: HealthValues): Promise<void> {
    const { sensorId, metricIds } = await this.ensure();
    const metrics = Object.entries(values).flatMap(([name, value]) => {
      const metricId = metricIds.get(name);
      return metricId === undefined ? [] : [{ metricId, value }];
    });
    await this.parts.request("pushValues", { sensorId, metrics });
  }

  private async ensure(): Promise<Ids> {
    const { clientId, inTurn, request } = this.parts;
    const owner = clientId() ?? "";
    if (this.ids?.clientId === owner) return this.ids;
    const definitions: MetricDefinition[] = Object.entries(METRICS).map(([name, kind]) => ({
      matchingId: name,
      name,
      ...kind,
    }));
    return inTurn(async () => {
      const [sensor] = await ensureSensors([this.settings.name], request);
      const { sensorId } = sensor!;
      const metrics = await ensureMetrics(sensorId, definitions, request);
      const metricIds = new Map(metrics.map(({ name, metricId }) => [name, metricId]));
      return (this.ids = { clientId: owner, sensorId, metricIds });
    });
  }
}
