/**
 * The IDs that sensors and metrics had on the clients before this one: nodes, messages and stored values that still name
 * them are understood. A table is a file beside the identity, of the client whose IDs the new ones are, so that it holds
 * for this client and for no other.
 */
import { join } from "node:path";
import { readPrivateFile, writePrivateFile } from "../../src/files/private-file";
import { IotError } from "../../src/protocol/errors";
import { readIdTable, writeIdTable, type IdTable } from "./id-table";

const MOST_BYTES = 100_000_000;

/** What of a request's parameters names sensors and metrics. */
interface Named {
  sensorId?: string;
  metricId?: string;
  metricIds?: readonly string[];
  metrics?: readonly { metricId?: string }[];
}

/** A request by the IDs of now, and what makes the IDs in its error those that were asked for. */
export interface Translated<P> {
  parameters: P;
  told: (error: IotError) => IotError;
}

export class FormerIds {
  /** Requests and live data that were translated, since the agent node was deployed. */
  count = 0;
  private readonly sensors = new Map<string, string>();
  private readonly metrics = new Map<string, string>();
  /** By the sensor's ID of now. */
  private readonly former = new Map<string, string[]>();
  private loading: Promise<void> | undefined;
  private clientId: string | undefined;
  /** That client's table is being read, or has been. */
  private taking: Promise<void> = Promise.resolve();
  /** Whose table it is, is known. */
  isReady: boolean;

  /**
   * `directory`: where the tables are; absent where we do not keep the identity. `first`: is told of the first ID that is
   * translated, and what it is now.
   */
  constructor(
    private readonly directory: string | undefined,
    private readonly owner: () => Promise<string | undefined>,
    private readonly first: (formerId: string, id: string) => void,
  ) {
    this.isReady = directory === undefined;
  }

  /** The identity is ours to exchange. */
  get isKept(): boolean {
    return this.directory !== undefined;
  }

  /** Reads the table for the first time. One that cannot be read translates nothing. */
  ready(): Promise<void> {
    this.loading ??= this.owner()
      .then((clientId) => this.use(clientId))
      .catch(() => undefined)
      .finally(() => (this.isReady = true));
    return this.loading;
  }

  /** From now on requests are this client's. Resolves when its table has been read, whoever asked first. */
  use(clientId: string | undefined): Promise<void> {
    if (clientId === this.clientId) return this.taking;
    this.clientId = clientId;
    this.taking = this.read(clientId).then((table) => {
      if (clientId === this.clientId) this.take(table);
    });
    return this.taking;
  }

  async read(clientId: string | undefined): Promise<IdTable | undefined> {
    if (this.directory === undefined || clientId === undefined) return undefined;
    const file = await readPrivateFile(this.path(clientId), MOST_BYTES).catch(() => undefined);
    const table = file === undefined ? undefined : readIdTable(file.text);
    return table?.clientId === clientId ? table : undefined;
  }

  async write(table: IdTable): Promise<void> {
    await writePrivateFile(this.path(table.clientId), writeIdTable(table));
  }

  path(clientId: string): string {
    return join(this.directory ?? "", `ids-${clientId}.json`);
  }

  /** The IDs that this sensor had before. */
  formerOf(sensorId: string): readonly string[] {
    return this.former.get(sensorId) ?? NONE;
  }

  /** Live data that a node awaits by an ID of before has come. */
  note(formerId: string, id: string): void {
    if (this.count++ === 0) this.first(formerId, id);
  }

  translate<P extends object>(parameters: P): Translated<P> {
    if (this.sensors.size === 0 && this.metrics.size === 0) return { parameters, told: same };
    const { sensorId, metricId, metricIds, metrics } = parameters as Named;
    const asked = new Map<string, string>();
    const now = <I extends string | undefined>(id: I, ids: ReadonlyMap<string, string>): I => {
      const found = id === undefined ? undefined : ids.get(id);
      if (found === undefined) return id;
      asked.set(found, id!);
      return found as I;
    };
    const translated: Named = {
      ...parameters,
      ...(sensorId === undefined ? {} : { sensorId: now(sensorId, this.sensors) }),
      ...(metricId === undefined ? {} : { metricId: now(metricId, this.metrics) }),
      ...(metricIds === undefined ? {} : { metricIds: metricIds.map((id) => now(id, this.metrics)) }),
      ...(metrics?.some((metric) => metric.metricId !== undefined)
        ? { metrics: metrics.map((metric) => ({ ...metric, metricId: now(metric.metricId, this.metrics)! })) }
        : {}),
    };
    const [one] = asked;
    if (one === undefined) return { parameters, told: same };
    this.note(one[1], one[0]);
    return { parameters: translated as P, told: (error) => withIds(error, asked) };
  }

  private take(table: IdTable | undefined): void {
    for (const ids of [this.sensors, this.metrics, this.former]) ids.clear();
    for (const sensor of table?.sensors ?? []) {
      if (sensor.oldId !== sensor.newId) {
        this.sensors.set(sensor.oldId, sensor.newId);
        this.former.set(sensor.newId, [...this.formerOf(sensor.newId), sensor.oldId]);
      }
      for (const { oldId, newId } of sensor.metrics)
        if (newId !== "" && oldId !== newId) this.metrics.set(oldId, newId);
    }
  }
}

const NONE: readonly string[] = [];
const same = (error: IotError): IotError => error;

/** The same error, about the metrics by the IDs by which they were asked for. */
function withIds(error: IotError, asked: ReadonlyMap<string, string>): IotError {
  if (error.metrics === undefined) return error;
  const { name, reason, details, code, operation, cause } = error;
  return new IotError(name, {
    ...(reason === undefined ? {} : { reason }),
    ...(code === undefined ? {} : { code }),
    ...(operation === undefined ? {} : { operation }),
    details,
    metrics: error.metrics.map((id) => asked.get(id) ?? id),
    cause,
  });
}
