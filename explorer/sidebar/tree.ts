/** What the explorer knows, and the rows that are seen of it: agents, their sensors, their metrics. Pure. */
import type { Failure } from "../../nodes/shared/editor/failure";
import { withUnit, type Unit, type Value } from "../../nodes/shared/editor/units";

export interface Agent {
  id: string;
  name: string;
  state: string;
  failure?: Failure;
  since?: number;
  retryIn?: number;
  clientId?: string;
}
export interface Sensor {
  sensorId: string;
  name: string;
  metricIds: string[];
}
export interface Metric extends Unit {
  metricId: string;
  name: string;
  value: Value;
  lastUpdated: string | null;
}
export interface LiveValue {
  value: Value;
  /** Milliseconds since the epoch. */
  time: number;
}

/** One of the three, by its IDs. */
export interface Place {
  agent: string;
  sensor?: string;
  metric?: string;
}

export interface Row {
  key: string;
  place: Place;
  /** 1: an agent. */
  level: 1 | 2 | 3;
  label: string;
  /** Its ID, where the label is another. */
  id: string;
  /** What stands behind the label: a value with its unit, a number of metrics, a state. */
  detail: string;
  /** Absent where nothing is below it. */
  open?: boolean;
  /** It is not known whether this is still so. */
  old: boolean;
  loading: boolean;
  failure?: Failure;
}

/** The words that rows need. */
export interface Words {
  state(agent: Agent): string;
  metrics(count: number): string;
}

const MOST_POINTS = 60;
/** Metrics whose last values are kept. */
const MOST_CURVES = 20_000;
/** Characters of a name or a value in a row: nobody reads more there, and an agent can send megabytes. */
const MOST_SHOWN = 200;

export class Tree {
  agents: Agent[] = [];
  search = "";
  readonly open = new Set<string>();
  readonly loading = new Set<string>();
  readonly failures = new Map<string, Failure>();
  /** By agent, then by ID. */
  private readonly sensors = new Map<string, ReadonlyMap<string, Sensor>>();
  /** By sensor, then by ID. */
  private readonly metrics = new Map<string, ReadonlyMap<string, Metric>>();
  /** When the list of an agent was read, in milliseconds since the epoch. */
  private readonly readAt = new Map<string, number>();
  private readonly values = new Map<string, LiveValue[]>();

  setSensors(agent: string, sensors: Sensor[], readAt?: number): void {
    const known = new Map(sensors.map((sensor) => [sensor.sensorId, sensor]));
    this.sensors.set(agent, known);
    if (readAt === undefined) this.readAt.delete(agent);
    else this.readAt.set(agent, readAt);
    // What was described and has changed since is described anew when it is opened, or is open.
    for (const [key, metrics] of this.metrics) {
      if (!key.startsWith(`${agent}/`)) continue;
      if (known.get(key.slice(agent.length + 1))?.metricIds.length !== metrics.size) this.metrics.delete(key);
    }
  }

  isRead(agent: string): boolean {
    return this.sensors.has(agent);
  }

  readTime(agent: string): number | undefined {
    return this.readAt.get(agent);
  }

  setMetrics(sensor: Place, metrics: readonly Metric[]): void {
    this.metrics.set(keyOfSensor(sensor), new Map(metrics.map((metric) => [metric.metricId, metric])));
  }

  isDescribed(sensor: Place): boolean {
    return this.metrics.has(keyOfSensor(sensor));
  }

  /** Sensors whose metrics are known by their IDs only, with how many these are. */
  undescribed(agent: string): { place: Place; count: number }[] {
    return [...(this.sensors.get(agent)?.values() ?? [])]
      .map(({ sensorId, metricIds }) => ({ place: { agent, sensor: sensorId }, count: metricIds.length }))
      .filter(({ place, count }) => count > 0 && !this.isDescribed(place));
  }

  sensorAt({ agent, sensor = "" }: Place): Sensor | undefined {
    return this.sensors.get(agent)?.get(sensor);
  }

  metricAt(place: Place): Metric | undefined {
    return this.metrics.get(keyOfSensor(place))?.get(place.metric ?? "");
  }

  /** A value has come; gives whether it is the first of a metric that is not known yet. */
  receive(place: Required<Place>, value: LiveValue): boolean {
    const key = keyOf(place);
    const before = this.values.get(key);
    // Only of numbers there is a curve.
    const values = typeof value.value === "number" && before !== undefined ? before : [];
    values.push(value);
    if (values.length > MOST_POINTS) values.shift();
    // The newest is the last: whatever an agent sends, it does not fill the browser.
    this.values.delete(key);
    this.values.set(key, values);
    for (const oldest of this.values.keys()) {
      if (this.values.size <= MOST_CURVES) break;
      this.values.delete(oldest);
    }
    return before === undefined && this.sensorAt(place)?.metricIds.includes(place.metric) !== true;
  }

  /** The values that came while the explorer was open, oldest first. */
  valuesOf(place: Place): readonly LiveValue[] {
    return this.values.get(keyOf(place)) ?? [];
  }

  /** The last value that is known, with its time in milliseconds since the epoch. */
  lastValue(place: Place): LiveValue | undefined {
    const live = this.valuesOf(place).at(-1);
    if (live !== undefined) return live;
    const metric = this.metricAt(place);
    if (metric === undefined || metric.value === null || metric.lastUpdated === null) return undefined;
    return { value: metric.value, time: Date.parse(metric.lastUpdated) };
  }

  rows(words: Words): Row[] {
    const search = this.search.trim().toLowerCase();
    return this.agents.flatMap((agent) => this.rowsOfAgent(agent, search, words));
  }

  private rowsOfAgent(agent: Agent, search: string, words: Words): Row[] {
    const place = { agent: agent.id };
    const old = agent.state !== "connected";
    const sensors = [...(this.sensors.get(agent.id)?.values() ?? [])];
    const row = this.row(place, 1, agent.name, agent.id, words.state(agent), old, search !== "");
    if (row.open !== true) return [row];
    return [row, ...sensors.flatMap((sensor) => this.rowsOfSensor(agent.id, sensor, old, search, words))];
  }

  private rowsOfSensor(agent: string, sensor: Sensor, old: boolean, search: string, words: Words): Row[] {
    const place = { agent, sensor: sensor.sensorId };
    const isFound = fits(search, sensor.name, sensor.sensorId);
    const described = this.metrics.get(keyOf(place));
    const metrics =
      described === undefined
        ? sensor.metricIds.map((metricId) => ({ metricId, name: metricId }))
        : [...described.values()];
    const found =
      search === "" ? metrics : metrics.filter(({ metricId, name }) => fits(search, name, metricId));
    if (!isFound && found.length === 0) return [];
    const detail = words.metrics(sensor.metricIds.length);
    const row = this.row(place, 2, sensor.name, sensor.sensorId, detail, old, !isFound);
    if (row.open !== true) return [row];
    return [
      row,
      ...(found.length === 0 ? metrics : found).map((metric) => this.rowOfMetric(place, metric, old)),
    ];
  }

  private rowOfMetric(
    sensor: Place,
    metric: Partial<Metric> & { metricId: string; name: string },
    old: boolean,
  ): Row {
    const place = { ...sensor, metric: metric.metricId };
    const last = this.lastValue(place);
    return {
      key: keyOf(place),
      place,
      level: 3,
      label: cut(metric.name),
      id: metric.metricId,
      detail: last === undefined ? "" : cut(withUnit(last.value, metric)),
      old,
      loading: false,
    };
  }

  private row(
    place: Place,
    level: 1 | 2,
    label: string,
    id: string,
    detail: string,
    old: boolean,
    /** Whoever searches wants to see what was found. */
    isShown: boolean,
  ): Row {
    const key = keyOf(place);
    const failure = this.failures.get(key);
    return {
      key,
      place,
      level,
      label: cut(label),
      id,
      detail,
      open: this.open.has(key) || isShown,
      old,
      loading: this.loading.has(key),
      ...(failure === undefined ? {} : { failure }),
    };
  }
}

function keyOfSensor({ agent, sensor = "" }: Place): string {
  return keyOf({ agent, sensor });
}

export function keyOf({ agent, sensor, metric }: Place): string {
  // Neither has a "/" in it: they stand in topics.
  return [agent, sensor, metric].filter((part) => part !== undefined).join("/");
}

function cut(text: string): string {
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}…`;
}

function fits(search: string, ...texts: string[]): boolean {
  return search === "" || texts.some((text) => text.toLowerCase().includes(search));
}

/** An SVG path of numbers within a box, oldest at the left; "" where there is nothing to draw. */
export function curve(values: readonly LiveValue[], width: number, height: number): string {
  const points = values.filter(
    (point): point is LiveValue & { value: number } => typeof point.value === "number",
  );
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || first.time >= last.time) return "";
  const numbers = points.map(({ value }) => value);
  const least = Math.min(...numbers);
  const range = Math.max(...numbers) - least || 1;
  return points
    .map(({ time, value }, index) => {
      const x = ((time - first.time) / (last.time - first.time)) * width;
      const y = height - ((value - least) / range) * height;
      return `${index === 0 ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}`;
    })
    .join("");
}
