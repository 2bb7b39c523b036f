/**
 * What an agent has, as far as somebody has looked: its sensors, the metrics of those that were opened, and the values
 * that came in. Read when it is asked for, a few requests at a time so that a flow's own requests go first, and kept up
 * by what goes through this client; what others change is seen when it is read anew.
 */
import type { LiveData, MetricDescription, SensorWithMetrics } from "../protocol/answers";
import type { OperationName, Parameters, Result } from "../protocol/operations";
import { ID } from "../protocol/limits";
import type { MetricValue } from "../protocol/units";
import type { Clock } from "../time/clock";
import type { RequestName } from "./requests/routes";

export interface KnownSensor {
  sensorId: string;
  name: string;
  readonly metricIds: Set<string>;
}

/** The last value of a metric; `time` in milliseconds since the epoch, `revision` grows with each. */
export interface LastValue {
  sensorId: string;
  metricId: string;
  value: MetricValue;
  time: number;
  revision: number;
}

type Ask = <N extends RequestName>(operation: N, parameters: Parameters<N>) => Promise<Result<N>>;

/** Requests of ours that are in flight at once: a flow's push never waits behind more than these. */
const AT_ONCE = 4;
/** Last values that are kept, and their size in characters: what an agent sends has no end. */
const MOST_VALUES = 100_000;
const MOST_KEPT = 20_000_000;
/** Values in one answer, and their size; the next answer goes on from there. */
const MOST_CHANGES = 5_000;
const MOST_TOLD = 1_000_000;
/** Sensors and metrics that are learned of from values since the list was read. */
const MOST_LEARNED = 50_000;

export class Inventory {
  /** When the list was read, in milliseconds since the epoch. */
  readAt: number | undefined;
  private known = new Map<string, KnownSensor>();
  private readonly described = new Map<string, MetricDescription[]>();
  private listing: Promise<void> | undefined;
  private readonly describing = new Map<string, Promise<MetricDescription[]>>();
  /** In the order in which they came: the newest last. */
  private readonly values = new Map<string, LastValue>();
  private revision = 0;
  /** The size of all values. */
  private kept = 0;
  private learned = 0;

  constructor(
    private readonly ask: Ask,
    private readonly clock: Pick<Clock, "now">,
  ) {}

  /** The sensors as they are known without asking; empty until somebody has asked. */
  get sensors(): readonly KnownSensor[] {
    return [...this.known.values()];
  }

  /** Reads the list where it is not known yet, or anew. Whoever asks meanwhile gets the same. */
  async list(anew: boolean): Promise<readonly KnownSensor[]> {
    if (anew || this.readAt === undefined) await (this.listing ??= this.readList());
    return this.sensors;
  }

  /** The metrics of a sensor, described; one that is deleted meanwhile is left out. */
  async metrics(sensorId: string, anew: boolean): Promise<readonly MetricDescription[]> {
    const known = this.described.get(sensorId);
    if (known !== undefined && !anew) return known;
    let reading = this.describing.get(sensorId);
    if (reading === undefined) {
      reading = this.describeAll(sensorId).finally(() => this.describing.delete(sensorId));
      this.describing.set(sensorId, reading);
    }
    return reading;
  }

  /** The values that came after a revision, oldest first, and the revision to ask with next. */
  changes(since: number): { values: LastValue[]; revision: number } {
    const values: LastValue[] = [];
    let told = 0;
    for (const value of this.values.values()) {
      if (value.revision <= since) continue;
      told += sizeOf(value);
      if (values.length === MOST_CHANGES || (told > MOST_TOLD && values.length > 0))
        return { values, revision: values.at(-1)!.revision };
      values.push(value);
    }
    return { values, revision: this.revision };
  }

  /** Live data has come in. */
  receive({ sensorId, metrics, timestamp }: LiveData & { sensorId: string }): void {
    const time = timestamp ?? this.clock.now();
    for (const { metricId, value } of metrics) {
      const key = `${sensorId}/${metricId}`;
      this.drop(key);
      const last = { sensorId, metricId, value, time, revision: ++this.revision };
      this.kept += sizeOf(last);
      this.values.set(key, last);
    }
    for (const key of this.values.keys()) {
      if (this.values.size <= MOST_VALUES && this.kept <= MOST_KEPT) break;
      this.drop(key);
    }
    this.learn(
      sensorId,
      metrics.map(({ metricId }) => metricId),
    );
  }

  /** A request of ours has ended well: what it changed is changed here. */
  note<N extends OperationName>(operation: N, parameters: Parameters<N>, result: Result<N>): void {
    const row = CHANGES[operation] as
      ((this: Inventory, parameters: object, result: unknown) => void) | undefined;
    if (this.readAt !== undefined) row?.call(this, parameters, result);
  }

  /** Another client, or none: nothing of this one is true any more. */
  forget(): void {
    this.readAt = undefined;
    this.known.clear();
    this.described.clear();
    this.values.clear();
    this.kept = 0;
  }

  private drop(key: string): void {
    const value = this.values.get(key);
    if (value === undefined) return;
    this.kept -= sizeOf(value);
    this.values.delete(key);
  }

  /** A sensor or metric that the list does not have: a push has made it. Its description is read when it is wanted. */
  learn(sensorId: string, metricIds: readonly string[]): void {
    if (this.readAt === undefined) return;
    let sensor = this.known.get(sensorId);
    if (sensor === undefined) {
      if (!this.mayLearn(sensorId)) return;
      this.known.set(sensorId, (sensor = { sensorId, name: sensorId, metricIds: new Set() }));
    }
    for (const metricId of metricIds) {
      if (sensor.metricIds.has(metricId) || !this.mayLearn(metricId)) continue;
      sensor.metricIds.add(metricId);
      this.described.delete(sensorId);
    }
  }

  /** An ID that can be one, while there are not too many: anybody may be behind live data. */
  private mayLearn(id: string): boolean {
    return ID.pattern.test(id) && this.learned++ < MOST_LEARNED;
  }

  rename(sensorId: string, name: string): void {
    const sensor = this.known.get(sensorId);
    if (sensor !== undefined) sensor.name = name;
  }

  remove(sensorId: string): void {
    this.known.delete(sensorId);
    this.described.delete(sensorId);
  }

  /** Its metrics are described anew when they are wanted. */
  change(sensorId: string): void {
    this.described.delete(sensorId);
  }

  removeMetrics(sensorId: string, metricIds: readonly string[]): void {
    const gone = new Set(metricIds);
    for (const metricId of gone) this.known.get(sensorId)?.metricIds.delete(metricId);
    const described = this.described.get(sensorId)?.filter(({ metricId }) => !gone.has(metricId));
    if (described !== undefined) this.described.set(sensorId, described);
  }

  takeList(sensors: readonly SensorWithMetrics[]): void {
    this.known = new Map(
      sensors.map(({ sensorId, name, metrics }) => [
        sensorId,
        { sensorId, name, metricIds: new Set(metrics.map(({ metricId }) => metricId)) },
      ]),
    );
    for (const [sensorId, described] of this.described) {
      const ids = this.known.get(sensorId)?.metricIds;
      if (ids?.size !== described.length) this.described.delete(sensorId);
    }
    this.readAt = this.clock.now();
    this.learned = 0;
  }

  private async readList(): Promise<void> {
    try {
      this.takeList(await this.ask("listSensors", {}));
    } finally {
      this.listing = undefined;
    }
  }

  private async describeAll(sensorId: string): Promise<MetricDescription[]> {
    await this.list(false);
    const metricIds = [...(this.known.get(sensorId)?.metricIds ?? [])];
    const described: (MetricDescription | undefined)[] = [];
    const next = metricIds.entries();
    const worker = async (): Promise<void> => {
      for (const [index, metricId] of next) {
        described[index] = await this.ask("describeMetric", { sensorId, metricId }).catch(
          (error: unknown) => {
            if ((error as { code?: number }).code === UNKNOWN_METRIC) return undefined;
            throw error;
          },
        );
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    const whole = described.filter((metric) => metric !== undefined);
    this.described.set(sensorId, whole);
    return whole;
  }
}

/** In characters, with what the rest of it takes. */
function sizeOf({ sensorId, metricId, value }: LastValue): number {
  return 100 + 2 * (sensorId.length + metricId.length) + (typeof value === "string" ? value.length : 0);
}

/** "UnknownMetricId" ("Error Codes"). */
const UNKNOWN_METRIC = 16;

/** What each operation changes; one that changes nothing that is known here has no row. */
const CHANGES: {
  readonly [N in OperationName]?: (this: Inventory, parameters: Parameters<N>, result: Result<N>) => void;
} = {
  listSensors(_, sensors) {
    this.takeList(sensors);
  },
  createSensor(_, { sensorId, name }) {
    this.learn(sensorId, []);
    this.rename(sensorId, name);
  },
  updateSensor({ sensorId, name }) {
    this.rename(sensorId, name);
  },
  deleteSensor({ sensorId }) {
    this.remove(sensorId);
  },
  createMetrics({ sensorId }, created) {
    this.learn(
      sensorId,
      created.map(({ metricId }) => metricId),
    );
  },
  updateMetrics({ sensorId }) {
    this.change(sensorId);
  },
  deleteMetrics({ sensorId, metricIds }) {
    this.removeMetrics(sensorId, metricIds);
  },
  pushValues({ sensorId, metrics }) {
    this.learn(
      sensorId,
      metrics.map(({ metricId }) => metricId),
    );
  },
  deleteClient() {
    this.forget();
  },
};
