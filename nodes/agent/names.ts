/**
 * The IDs of sensors and metrics that were made sure of by name, of one client of the agent: kept beside its identity,
 * so that a restart asks for none of them again. What of it is gone, or renamed, through this package is forgotten.
 */
import { dirname } from "node:path";
import { makePrivateFolder, readPrivateFile, writePrivateFile } from "../../src/files/private-file";
import { isRecord } from "../../src/protocol/json";
import type { OperationName, Parameters } from "../../src/protocol/operations";
import { Turns } from "../../src/time/turns";

const MOST_BYTES = 20_000_000;

export class NameMemory {
  private sensors = new Map<string, string>();
  /** By sensor ID. */
  private metrics = new Map<string, Map<string, string>>();
  private owner: string | undefined;
  private loading: Promise<void> | undefined;
  private isChanged = false;
  private readonly turns = new Turns();

  /** `client`: whose sensors they are. Without a path nothing is kept: settings that cannot be used name none. */
  constructor(
    private readonly path: string | undefined,
    private readonly client: () => string | undefined,
  ) {}

  /** Reads the file, for the first time. One that cannot be read costs nothing but questions to the agent. */
  ready(): Promise<void> {
    if (this.path === undefined) return Promise.resolve();
    return (this.loading ??= readPrivateFile(this.path, MOST_BYTES)
      .then((file) => this.take(file?.text ?? ""))
      .catch(() => undefined));
  }

  sensor(name: string): string | undefined {
    this.watchOwner();
    return this.sensors.get(name);
  }

  metric(sensorId: string, name: string): string | undefined {
    this.watchOwner();
    return this.metrics.get(sensorId)?.get(name);
  }

  learnSensor(name: string, sensorId: string): void {
    this.watchOwner();
    this.sensors.set(name, sensorId);
    this.isChanged = true;
  }

  learnMetric(sensorId: string, name: string, metricId: string): void {
    this.watchOwner();
    let ofSensor = this.metrics.get(sensorId);
    if (ofSensor === undefined) this.metrics.set(sensorId, (ofSensor = new Map<string, string>()));
    ofSensor.set(name, metricId);
    this.isChanged = true;
  }

  forgetSensor(sensorId: string): void {
    for (const [name, id] of this.sensors) if (id === sensorId) this.sensors.delete(name);
    this.metrics.delete(sensorId);
    this.isChanged = true;
  }

  forgetMetrics(sensorId: string, metricIds: readonly string[]): void {
    const ofSensor = this.metrics.get(sensorId) ?? new Map<string, string>();
    for (const [name, id] of ofSensor) if (metricIds.includes(id)) ofSensor.delete(name);
    this.isChanged = true;
  }

  /** A request of ours has ended well. */
  note<N extends OperationName>(operation: N, parameters: Parameters<N>): void {
    const forget = FORGETTING[operation];
    forget?.call(this, parameters);
  }

  /** Resolves when what is known is on disk. That it could not be written costs questions after the next restart. */
  save(): Promise<void> {
    const { path } = this;
    return this.turns.run(async () => {
      if (!this.isChanged || path === undefined) return;
      this.isChanged = false;
      const text = JSON.stringify({
        clientId: this.owner,
        sensors: [...this.sensors],
        metrics: [...this.metrics].map(([sensorId, ofSensor]) => [sensorId, [...ofSensor]]),
      });
      try {
        await makePrivateFolder(dirname(path));
        await writePrivateFile(path, text);
      } catch {
        this.isChanged = true;
      }
    });
  }

  clear(): void {
    this.sensors.clear();
    this.metrics.clear();
    this.isChanged = true;
  }

  /** Another client has other sensors. */
  private watchOwner(): void {
    const client = this.client();
    if (client === undefined || client === this.owner) return;
    if (this.owner !== undefined) this.clear();
    this.owner = client;
  }

  private take(text: string): void {
    const parsed: unknown = text === "" ? undefined : JSON.parse(text);
    if (!isRecord(parsed) || !Array.isArray(parsed.sensors) || !Array.isArray(parsed.metrics)) return;
    const sensors = new Map(parsed.sensors as [string, string][]);
    const metrics = (parsed.metrics as [string, [string, string][]][]).map(
      ([sensorId, ofSensor]): [string, Map<string, string>] => [sensorId, new Map(ofSensor)],
    );
    this.owner = String(parsed.clientId);
    this.sensors = sensors;
    this.metrics = new Map(metrics);
  }
}

/** What takes away, or renames, what has a name here. */
const FORGETTING: {
  readonly [N in OperationName]?: (this: NameMemory, parameters: Parameters<N>) => void;
} = {
  deleteSensor({ sensorId }) {
    this.forgetSensor(sensorId);
  },
  updateSensor({ sensorId }) {
    this.forgetSensor(sensorId);
  },
  deleteMetrics({ sensorId, metricIds }) {
    this.forgetMetrics(sensorId, metricIds);
  },
  updateMetrics({ sensorId, metrics }) {
    this.forgetMetrics(
      sensorId,
      metrics.map(({ metricId }) => metricId),
    );
  },
  deleteClient() {
    this.clear();
  },
};
