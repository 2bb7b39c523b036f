/**
 * What the editor sees of an agent: its inventory, and while the agent has not been there since Node-RED was started,
 * what was seen of it before, from a file. Nothing but the editor depends on the file: one that cannot be read or written
 * is none.
 */
import { dirname } from "node:path";
import type { Inventory } from "../../src/client/inventory";
import { makePrivateFolder, readPrivateFile, writePrivateFile } from "../../src/files/private-file";
import type { MetricDescription } from "../../src/protocol/answers";
import type { Clock } from "../../src/time/clock";
import { Turns } from "../../src/time/turns";
import { concurrently, type Steps } from "../shared/concurrently";
import {
  MOST_BYTES,
  readRemembered,
  withoutValue,
  writeRemembered,
  type Remembered,
  type RememberedMetric,
  type RememberedSensor,
} from "./inventory-file";

/** `known`: the agent is not asked. `anew`: it is asked although the answer is known. */
export type Asking = "known" | "read" | "anew";

export interface SeenSensors {
  /** Milliseconds since the epoch; absent where nothing is known. */
  readAt: number | undefined;
  sensors: readonly { sensorId: string; name: string; metricIds: Iterable<string> }[];
}

/** A sensor with those of its metrics that are described. */
export interface WholeSensor {
  sensorId: string;
  name: string;
  metricIds: readonly string[];
  metrics: readonly MetricDescription[];
}

/** Each asks for a few metrics at once: the flows' own requests go first. */
const SENSORS_AT_ONCE = 2;
/** The editor asks for one sensor after the other: they are written together. */
const WRITE_MS = 5000;

export class SeenInventory {
  /** What the file had. */
  private loading: Promise<Remembered | undefined> | undefined;
  /** Descriptions, of this client: from the file, and what was asked for since. */
  private described = new Map<string, readonly RememberedMetric[]>();
  private client: string | undefined;
  private cancel: (() => void) | undefined;
  private readonly writes = new Turns();

  /** `file`: absent where the node's settings cannot be used. `clientId`: absent where no identity has been read yet. */
  constructor(
    private readonly inventory: Inventory,
    private readonly file: string | undefined,
    private readonly clientId: () => string | undefined,
    private readonly clock: Pick<Clock, "after">,
  ) {}

  async sensors(asking: Asking): Promise<SeenSensors> {
    const { inventory } = this;
    if (asking === "known" && inventory.readAt === undefined) {
      const remembered = await this.remembered();
      return { readAt: remembered?.readAt, sensors: [...(remembered?.sensors.values() ?? [])] };
    }
    if (asking !== "known") {
      await inventory.list(asking === "anew");
      await this.remembered();
      this.changed();
    }
    return { readAt: inventory.readAt, sensors: inventory.sensors };
  }

  /** The metrics of a sensor, described; of those that are only remembered without their values. */
  async metrics(sensorId: string, asking: Asking): Promise<readonly MetricDescription[]> {
    await this.remembered();
    if (asking === "known") return this.described.get(sensorId) ?? [];
    const metrics = await this.inventory.metrics(sensorId, asking === "anew");
    this.described.set(sensorId, metrics.map(withoutValue));
    this.changed();
    return metrics;
  }

  /**
   * All that the client has, described: the agent is asked, or where that is not wanted, what is known. A metric that
   * nobody has described is only named by its ID. `undefined`: nothing is known.
   */
  async whole(asking: Asking, steps: Steps = { done: 0, of: 0 }): Promise<WholeSensor[] | undefined> {
    const { readAt, sensors } = await this.sensors(asking);
    if (readAt === undefined) return undefined;
    return concurrently(
      sensors,
      async ({ sensorId, name, metricIds }) => {
        const metrics = await this.metrics(sensorId, asking);
        return { sensorId, name, metricIds: [...metricIds], metrics };
      },
      steps,
      { atOnce: SENSORS_AT_ONCE },
    );
  }

  /** Writes what is still to be written. */
  async close(): Promise<void> {
    if (this.cancel !== undefined) await this.write();
  }

  /** What the file has of this client; from then on so has `described`. */
  private async remembered(): Promise<Remembered | undefined> {
    const found = await (this.loading ??= this.load());
    const clientId = this.clientId();
    const remembered = clientId === undefined || found?.clientId === clientId ? found : undefined;
    const client = clientId ?? found?.clientId;
    if (client !== this.client) {
      this.client = client;
      const sensors = [...(remembered?.sensors.values() ?? [])];
      this.described = new Map(sensors.map(({ sensorId, metrics = [] }) => [sensorId, metrics]));
    }
    return remembered;
  }

  private async load(): Promise<Remembered | undefined> {
    if (this.file === undefined) return undefined;
    const found = await readPrivateFile(this.file, MOST_BYTES).catch(() => undefined);
    return found === undefined ? undefined : readRemembered(found.text);
  }

  private changed(): void {
    this.cancel ??= this.clock.after(WRITE_MS, () => void this.write());
  }

  private write(): Promise<void> {
    this.cancel?.();
    this.cancel = undefined;
    const { file, inventory, client: clientId } = this;
    const { readAt, sensors } = inventory;
    if (file === undefined || clientId === undefined || readAt === undefined) return Promise.resolve();
    const remembered = sensors.map(({ sensorId, name, metricIds }): [string, RememberedSensor] => {
      const metrics = this.described.get(sensorId)?.filter(({ metricId }) => metricIds.has(metricId)) ?? [];
      const ids = [...metricIds];
      return [
        sensorId,
        { sensorId, name, metricIds: ids, ...(metrics.length === ids.length ? { metrics } : {}) },
      ];
    });
    const text = writeRemembered({ clientId, readAt, sensors: new Map(remembered) });
    return this.writes
      .run(async () => {
        await makePrivateFolder(dirname(file));
        await writePrivateFile(file, text);
      })
      .catch(() => undefined);
  }
}
