/** What is new in a table, and what of it the agent has: for whoever looks before anything is sent. */
import { COLUMN_NAMES, type Row } from "./columns";
import { keyOf, type Cells } from "./read-table";
import { isSameMeasure, measureOf } from "./units";

export type News = "new" | "changed" | "same";

/** For each row, what it is to the table before it: rows of one sensor and metric are one. */
export function compareRows(before: readonly Cells[], rows: readonly Cells[]): News[] {
  const known = new Map(before.map((row) => [keyOf(row), row]));
  return rows.map((row) => {
    const other = known.get(keyOf(row));
    if (other === undefined) return "new";
    return COLUMN_NAMES.every((column) => textOf(row[column]) === textOf(other[column])) ? "same" : "changed";
  });
}

/**
 * Rows with those of another table: what is new at the end, what has changed in its place. None of them is lost: one that
 * is there twice stays there twice, and is told.
 */
export function mergeRows(before: readonly Cells[], rows: readonly Cells[]): Cells[] {
  const merged = [...before];
  const places = new Map(before.map((row, index) => [keyOf(row), index]));
  for (const row of rows) {
    const place = places.get(keyOf(row));
    if (place === undefined) merged.push(row);
    else merged[place] = row;
    places.delete(keyOf(row));
  }
  return merged;
}

const textOf = (cell: string | number | undefined): string => String(cell ?? "");

/** A sensor of the agent with its metrics, as far as the editor gets them. */
export interface KnownSensor {
  sensorId: string;
  name: string;
  metrics: readonly KnownMetric[];
}

interface KnownMetric {
  metricId: string;
  name: string;
  valueUnit?: string | undefined;
  valueType?: string | undefined;
  valueAnnotation?: string | undefined;
}

/**
 * What becomes of a row: the agent has it; it has it with another unit or type; it is created with the first value; it
 * cannot be, for want of a unit; or nobody can say, since a message names the sensor.
 */
export type Presence = "there" | "otherUnit" | "created" | "noUnit" | "unknown";

export interface Check {
  presence: Presence;
  /** What the agent has, where it is something else: the cells of a row. */
  measure?: Pick<Cells, "unit" | "annotation">;
}

export function checkRows(rows: readonly Row[], sensors: readonly KnownSensor[]): Check[] {
  const byId = new Map(sensors.map((sensor) => [sensor.sensorId, sensor]));
  const byName = new Map([...sensors].reverse().map((sensor) => [sensor.name, sensor]));
  return rows.map((row) => {
    if (row.sensorId === undefined && row.sensor === undefined) return { presence: "unknown" };
    const sensor = row.sensorId === undefined ? byName.get(row.sensor!) : byId.get(row.sensorId);
    const metric = sensor?.metrics.find(({ metricId, name }) =>
      row.metricId === undefined ? name === row.metric : metricId === row.metricId,
    );
    const measure = measureOf(row);
    if (metric === undefined)
      return { presence: row.metricId === undefined && measure === undefined ? "noUnit" : "created" };
    const isSame = measure === undefined || isSameMeasure(metric, measure);
    return isSame ? { presence: "there" } : { presence: "otherUnit", measure: cellsOf(metric) };
  });
}

/** What the agent has, as a table: whoever fills in the sources has one that fits. */
export function rowsOf(sensors: readonly KnownSensor[]): Cells[] {
  return sensors.flatMap(({ sensorId, name: sensor, metrics }) =>
    metrics.map((metric) => ({
      source: metric.name,
      sensor,
      sensorId,
      metric: metric.name,
      metricId: metric.metricId,
      ...cellsOf(metric),
    })),
  );
}

/** The unit, or type and annotation, of a metric as a row has them. */
function cellsOf({ valueUnit, valueType, valueAnnotation }: KnownMetric): Pick<Cells, "unit" | "annotation"> {
  const unit = valueUnit ?? valueType;
  const annotation = valueUnit === undefined ? valueAnnotation : undefined;
  return {
    ...(unit === undefined ? {} : { unit }),
    ...(annotation === undefined || annotation === "" ? {} : { annotation }),
  };
}
