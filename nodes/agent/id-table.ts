/** Which ID of a client before is which one of the client now: as a table, as text to be kept, and as CSV for people. Pure. */
import { isRecord } from "../../src/protocol/json";

interface IdPair {
  name: string;
  oldId: string;
  /** "" of a metric that the client now does not have. */
  newId: string;
}

export interface SensorPair extends IdPair {
  /** Whose the old IDs are. */
  client: string;
  metrics: readonly IdPair[];
}

/** Of one client: its IDs are the new ones. */
export interface IdTable {
  clientId: string;
  sensors: readonly SensorPair[];
}

const VERSION = 1;

/** The same with the rows of the table of the client before: what it called new, is old by now. */
export function withEarlier(table: IdTable, earlier: IdTable | undefined): IdTable {
  const sensors = new Map(table.sensors.map((sensor) => [sensor.oldId, sensor]));
  const carried = (earlier?.sensors ?? []).flatMap((before) => {
    const sensor = sensors.get(before.newId);
    if (sensor === undefined) return [];
    const metrics = new Map(sensor.metrics.map(({ oldId, newId }) => [oldId, newId]));
    const kept = before.metrics.flatMap(({ name, oldId, newId }) => {
      const now = metrics.get(newId);
      return now === undefined ? [] : [{ name, oldId, newId: now }];
    });
    return [{ ...before, newId: sensor.newId, metrics: kept }];
  });
  return { ...table, sensors: [...table.sensors, ...carried] };
}

/** A line for each sensor, so that a person finds one. */
export function writeIdTable({ clientId, sensors }: IdTable): string {
  const lines = sensors.map((sensor) => `  ${JSON.stringify(sensor)}`).join(",\n");
  const head = JSON.stringify({ version: VERSION, clientId }).slice(0, -1);
  return `${head},"sensors":[\n${lines}\n]}\n`;
}

/** `undefined` for what is not ours. */
export function readIdTable(text: string): IdTable | undefined {
  let table: unknown;
  try {
    table = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(table) || table.version !== VERSION || typeof table.clientId !== "string") return undefined;
  if (!Array.isArray(table.sensors) || !table.sensors.every(isSensor)) return undefined;
  return { clientId: table.clientId, sensors: table.sensors };
}

/** A line for each sensor and each metric; a cell is quoted where it has to be. */
export function asCsv({ sensors }: IdTable): string {
  const rows = sensors.flatMap((sensor) => [
    [sensor.client, sensor.name, "", sensor.oldId, sensor.newId],
    ...sensor.metrics.map(({ name, oldId, newId }) => [sensor.client, sensor.name, name, oldId, newId]),
  ]);
  return [["client", "sensor", "metric", "oldId", "newId"], ...rows]
    .map((cells) => `${cells.map(quoted).join(",")}\r\n`)
    .join("");
}

const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

const isPair = (value: unknown): value is IdPair =>
  isRecord(value) && [value.name, value.oldId, value.newId].every((text) => typeof text === "string");

const isSensor = (value: unknown): value is SensorPair =>
  isPair(value) &&
  isRecord(value) &&
  typeof value.client === "string" &&
  Array.isArray(value.metrics) &&
  value.metrics.every(isPair);
