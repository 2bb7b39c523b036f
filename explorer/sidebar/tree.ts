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

export class Tree {
  agents: Agent[] = [];
  search = "";
  readonly open = new Set<string>();
  readonly loading = new Set<string>();
  readonly failures = new Map<string, Failure>();
  private readonly sensors = new Map<string, Sensor[]>();
  private readonly metrics = new Map<string, Metric[]>();
  private readonly values = new Map<string, LiveValue[]>();

  setSensors(agent: string, sensors: Sensor[]): void {
    this.sensors.set(agent, sensors);
    const known = new Map(
      sensors.map(({ sensorId, metricIds }) => [keyOf({ agent, sensor: sensorId }), metricIds.length]),
    );
    // What was described and has changed since is described anew when it is opened, or is open.
    for (const [key, metrics] of this.metrics) {
      if (key.startsWith(`${agent}/`) && known.get(key) !== metrics.length) this.metrics.delete(key);
    }
  }

  sensorsOf(agent: string): readonly Sensor[] | undefined {
    return this.sensors.get(agent);
  }

  setMetrics({ agent, sensor = "" }: Place, metrics: Metric[]): void {
    this.metrics.set(keyOf({ agent, sensor }), metrics);
  }

  metricsOf({ agent, sensor = "" }: Place): readonly Metric[] | undefined {
    return this.metrics.get(keyOf({ agent, sensor }));
  }

  sensorAt({ agent, sensor }: Place): Sensor | undefined {
    return this.sensors.get(agent)?.find(({ sensorId }) => sensorId === sensor);
  }

  metricAt(place: Place): Metric | undefined {
    return this.metricsOf(place)?.find(({ metricId }) => metricId === place.metric);
  }

  /** A value has come; gives whether it is of a sensor that is not known yet. */
  receive(place: Required<Place>, value: LiveValue): boolean {
    const key = keyOf(place);
    const before = this.values.get(key) ?? [];
    before.push(value);
    if (before.length > MOST_POINTS) before.shift();
    this.values.set(key, before);
    const sensor = this.sensorAt(place);
    return sensor === undefined || !sensor.metricIds.includes(place.metric);
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
    const sensors = this.sensors.get(agent.id) ?? [];
    const row = this.row(place, 1, agent.name, agent.id, words.state(agent), old, search);
    if (row.open !== true) return [row];
    return [row, ...sensors.flatMap((sensor) => this.rowsOfSensor(agent.id, sensor, old, search, words))];
  }

  private rowsOfSensor(agent: string, sensor: Sensor, old: boolean, search: string, words: Words): Row[] {
    const place = { agent, sensor: sensor.sensorId };
    const detail = words.metrics(sensor.metricIds.length);
    const row = this.row(place, 2, sensor.name, sensor.sensorId, detail, old, search);
    const isFound = fits(search, sensor.name, sensor.sensorId);
    const metrics =
      this.metricsOf(place) ?? sensor.metricIds.map((metricId) => ({ metricId, name: metricId }));
    const found = metrics.filter(({ metricId, name }) => fits(search, name, metricId));
    if (!isFound && found.length === 0) return [];
    if (row.open !== true) return [row];
    const shown = search === "" || found.length === 0 ? metrics : found;
    return [row, ...shown.map((metric) => this.rowOfMetric(place, metric, old))];
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
      label: metric.name,
      id: metric.metricId,
      detail: last === undefined ? "" : withUnit(last.value, metric),
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
    search: string,
  ): Row {
    const key = keyOf(place);
    const failure = this.failures.get(key);
    return {
      key,
      place,
      level,
      label,
      id,
      detail,
      // Whoever searches wants to see what was found.
      open: this.open.has(key) || (search !== "" && level === 1),
      old,
      loading: this.loading.has(key),
      ...(failure === undefined ? {} : { failure }),
    };
  }
}

export function keyOf({ agent, sensor, metric }: Place): string {
  // Neither has a "/" in it: they stand in topics.
  return [agent, sensor, metric].filter((part) => part !== undefined).join("/");
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
