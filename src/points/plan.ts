/** A table made ready: each row finds its value in a message and makes it. What a row cannot make is told by its row. */
import { show } from "../protocol/input";
import type { Row } from "./columns";
import { conversionOf, NoValue, type Made, type Value } from "./conversion";
import { twice, type Problem, type ReadTable } from "./read-table";
import { find, readSource, type Source } from "./source";
import { strategyOf, type Strategy } from "./strategy";
import { measureOf, type Measure } from "./units";

/** A sensor or a metric: by its ID, or by a name for which the agent has one. */
interface Target {
  id?: string | undefined;
  name?: string | undefined;
}

export interface Point {
  /** How the row is told. */
  place: number;
  source: Source;
  sourceText: string;
  sensor: Target;
  metric: Target;
  /** Where the row names both. */
  ids: { sensorId: string; metricId: string } | undefined;
  /** What a metric becomes that is made for its name. */
  measure: Measure | undefined;
  strategy: Strategy;
  make: (raw: unknown) => Made;
}

export interface MadeValue {
  point: Point;
  value: Value;
}

export interface Plan {
  points: Point[];
  /** A row names no sensor: it is the node's, or the message's. */
  needsSensor: boolean;
  /** Rows that cannot be used. */
  problems: Problem[];
}

export function planOf(table: ReadTable, node: Strategy): Plan {
  const wrong = new Set(table.problems.map(({ row }) => row));
  const usable = table.rows
    .map((row, index) => ({ row, place: table.places[index]! }))
    .filter(({ place }) => !wrong.has(place));
  const repeated = twice(
    usable.map(({ row }) => row),
    usable.map(({ place }) => place),
  );
  const left = new Set(repeated.map(({ row }) => row));
  const points = usable
    .filter(({ place }) => !left.has(place))
    .map(({ row, place }) => pointOf(row, place, readSource(row.source)!, node));
  const problems = [...table.problems, ...repeated].sort((one, other) => one.row - other.row);
  const needsSensor = points.some(({ sensor }) => sensor.id === undefined && sensor.name === undefined);
  return { points, needsSensor, problems };
}

function pointOf(row: Row, place: number, source: Source, node: Strategy): Point {
  return {
    place,
    source,
    sourceText: row.source,
    sensor: { id: row.sensorId, name: row.sensor },
    metric: { id: row.metricId, name: row.metric },
    ids:
      row.sensorId === undefined || row.metricId === undefined
        ? undefined
        : { sensorId: row.sensorId, metricId: row.metricId },
    measure: measureOf(row),
    strategy: strategyOf(node, row),
    make: conversionOf(row),
  };
}

/**
 * The values that the points make of a message. `worked`: what the expressions of the points gave. `skips`: a value that
 * is not there is no problem.
 */
export function makeValues(
  points: readonly Point[],
  values: unknown,
  message: unknown,
  { skips, worked }: { skips: boolean; worked?: ReadonlyMap<Point, unknown> },
): { made: MadeValue[]; problems: Problem[] } {
  const made: MadeValue[] = [];
  const problems: Problem[] = [];
  for (const point of points) {
    const { source } = point;
    // That it could not be worked out has been told.
    if (source.in === "expression" && worked?.has(point) !== true) continue;
    const raw = source.in === "expression" ? worked?.get(point) : find(source, values, message);
    if (skips && (raw === undefined || raw === null)) continue;
    const value = point.make(raw);
    if (value instanceof NoValue)
      problems.push({ row: point.place, column: "source", value: shown(raw, point), words: value.words });
    else made.push({ point, value });
  }
  return { made, problems };
}

/** Of what is not there, where it was looked for. */
function shown(raw: unknown, point: Point): string {
  return raw === undefined || raw === null ? point.sourceText : show(raw);
}
