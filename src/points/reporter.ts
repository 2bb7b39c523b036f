/**
 * Which values are sent, and when: on change, outside of a dead-band, at most and at least every so often. Each series
 * keeps what was sent last and one candidate, however many values come; each value that came is sent, waits, or is
 * counted as suppressed, so that received = sent + suppressed + waiting. Pure: time comes from outside.
 */
import type { Value } from "./conversion";
import { round } from "./linear";
import type { Strategy } from "./strategy";

/** A value for a metric; `time` in milliseconds since 1970, where it is known. */
export interface Report {
  sensorId: string;
  metricId: string;
  value: Value;
  time: number | undefined;
}

/** Why a value was not sent: unchanged; within the dead-band; another value of its window went; its sensor was deleted. */
type Reason = "change" | "deadband" | "atMost" | "deleted";

export interface ReportCounts {
  received: number;
  sent: number;
  suppressed: Record<Reason, number>;
  /** Candidates of windows that are not over. */
  waiting: number;
  /** Heartbeats: values that were sent once more. */
  repeated: number;
}

export interface Moment {
  /** Milliseconds that only grow. */
  now: number;
  /** Milliseconds since 1970: when a value without a time of its own came. */
  wall: number;
}

/** What waits for the end of its window. */
interface Candidate {
  value: Value;
  time: number;
  /** Of the numbers among its values, for the mean. */
  sum: number;
  count: number;
  /** When the window is over. */
  due: number;
}

class Series {
  /** What was sent last, and when. */
  sent: Value | undefined;
  sentAt = -Infinity;
  /** The agent has nothing of it yet, or not what was sent last. */
  isFirst = true;
  /** What came last: a heartbeat sends it. */
  latest: Value | undefined;
  latestTime = 0;
  hasNews = false;
  candidate: Candidate | undefined;

  constructor(
    readonly sensorId: string,
    readonly metricId: string,
    public strategy: Strategy,
  ) {}

  /** When something is to be done without a value that comes. */
  get due(): number {
    return Math.min(this.windowEnd, this.nextBeat);
  }

  get windowEnd(): number {
    return this.candidate?.due ?? Infinity;
  }

  get nextBeat(): number {
    const { atLeast, repeat } = this.strategy;
    const beats = atLeast > 0 && this.sent !== undefined && (repeat || this.hasNews);
    return beats ? this.sentAt + atLeast : Infinity;
  }
}

/** Series that are known; the first value of one that was forgotten is sent like any first one. */
const MOST_SERIES = 100_000;
/** Doubles are not exact: 20.6 − 20.5 is more than 0.1 by this share of them. */
const NOISE = 4 * Number.EPSILON;

export class Reporter {
  readonly counts: ReportCounts = {
    received: 0,
    sent: 0,
    suppressed: { change: 0, deadband: 0, atMost: 0, deleted: 0 },
    waiting: 0,
    repeated: 0,
  };
  /** By sensor and metric. */
  private readonly series = new Map<string, Map<string, Series>>();
  private size = 0;
  /** Those that time alone can make do something. */
  private readonly timed = new Set<Series>();
  private next = Infinity;

  constructor(private readonly most = MOST_SERIES) {}

  /**
   * A value has come in: `true` when it is to be sent now. The first of a series always is, and one with `isForced`.
   * `strategy` may be another one than that of the value before.
   */
  offer(report: Report, strategy: Strategy, { now, wall }: Moment, isForced = false): boolean {
    const series = this.seriesOf(report, strategy);
    this.counts.received++;
    series.latest = report.value;
    series.latestTime = report.time ?? wall;
    const goes = isForced || series.isFirst || this.decide(series, now);
    if (goes) this.send(series, report.value, now);
    this.watch(series);
    return goes;
  }

  /**
   * What time alone sends: candidates whose window is over, heartbeats. A heartbeat ends a window that is open.
   * `postpone`: milliseconds by which heartbeats wait, because nobody would hear them.
   */
  due({ now, wall }: Moment, postpone?: number): Report[] {
    const reports: Report[] = [];
    this.next = Infinity;
    for (const series of this.timed) {
      const beat = postpone === undefined ? series.nextBeat : Math.max(series.nextBeat, now + postpone);
      const due = Math.min(series.windowEnd, beat);
      if (due > now) {
        this.next = Math.min(this.next, due);
        continue;
      }
      const report = this.endWindow(series, now) ?? (beat > now ? undefined : this.beat(series, now, wall));
      if (report !== undefined) reports.push(report);
      this.watch(series);
    }
    return reports;
  }

  /** When `due` has something to do next, or before: on the same clock as `now`. */
  get nextDue(): number {
    return this.next;
  }

  /** All candidates, whatever their windows: nothing waits any more. */
  flush(now: number): Report[] {
    return [...this.timed].flatMap((series) => {
      if (series.candidate !== undefined) series.candidate.due = now;
      const report = this.endWindow(series, now);
      this.watch(series);
      return report === undefined ? [] : [report];
    });
  }

  /** The agent does not have what was sent last: the next value goes as a first one. What waits goes on waiting. */
  forget(sensorId: string, metricIds: readonly string[]): void {
    for (const metricId of metricIds) {
      const series = this.series.get(sensorId)?.get(metricId);
      if (series !== undefined) series.isFirst = true;
    }
  }

  /**
   * Another agent, or another client of it: no heartbeat before the next value either. A series that is not `known`
   * there has other IDs from now on, and is dropped.
   */
  forgetAll(known: (sensorId: string, metricId: string) => boolean = () => true): void {
    for (const [sensorId, ofSensor] of [...this.series]) {
      this.drop(
        sensorId,
        [...ofSensor.keys()].filter((metricId) => !known(sensorId, metricId)),
      );
      for (const series of ofSensor.values()) {
        series.isFirst = true;
        series.sent = undefined;
        this.watch(series);
      }
    }
  }

  /** Deleted on the agent: a heartbeat would make it anew. */
  drop(sensorId: string, metricIds: Iterable<string> = [...(this.series.get(sensorId)?.keys() ?? [])]): void {
    const ofSensor = this.series.get(sensorId);
    for (const metricId of metricIds) {
      const series = ofSensor?.get(metricId);
      if (series === undefined) continue;
      if (series.candidate !== undefined) {
        this.counts.waiting--;
        this.counts.suppressed.deleted++;
      }
      this.remove(series);
    }
  }

  private remove(series: Series): void {
    const ofSensor = this.series.get(series.sensorId)!;
    ofSensor.delete(series.metricId);
    this.timed.delete(series);
    this.size--;
    if (ofSensor.size === 0) this.series.delete(series.sensorId);
  }

  private seriesOf({ sensorId, metricId }: Report, strategy: Strategy): Series {
    let ofSensor = this.series.get(sensorId);
    if (ofSensor === undefined) this.series.set(sensorId, (ofSensor = new Map<string, Series>()));
    let series = ofSensor.get(metricId);
    if (series === undefined) {
      ofSensor.set(metricId, (series = new Series(sensorId, metricId, strategy)));
      if (++this.size > this.most) this.dropOldest();
    }
    series.strategy = strategy;
    return series;
  }

  /** Whole sensors, the oldest first; one of which a value waits is kept. */
  private dropOldest(): void {
    for (const ofSensor of this.series.values()) {
      const all = [...ofSensor.values()];
      if (all.some(({ candidate, sent }) => candidate !== undefined || sent === undefined)) continue;
      for (const series of all) this.remove(series);
      if (this.size <= this.most) return;
    }
  }

  /** Whether the latest value is sent now; else it is a candidate, or suppressed. */
  private decide(series: Series, now: number): boolean {
    const { atMost, window } = series.strategy;
    const opens = series.sentAt + atMost;
    if (atMost > 0 && (window !== "latest" || opens > now || series.candidate !== undefined)) {
      this.fold(series, window === "latest" || opens > now ? opens : now + atMost);
      return false;
    }
    return this.passes(series, series.latest!);
  }

  /** Into the window that is open, or a new one that ends when it is `due`. */
  private fold(series: Series, due: number): void {
    const { latest: value, latestTime: time, candidate } = series;
    const isCounted = isNumber(value!);
    const sum = isCounted ? Number(value) : 0;
    const count = isCounted ? 1 : 0;
    if (candidate === undefined) {
      series.candidate = { value: value!, time, sum, count, due };
      this.counts.waiting++;
      return;
    }
    this.counts.suppressed.atMost++;
    candidate.sum += sum;
    candidate.count += count;
    if (replaces(series.strategy.window, value!, candidate.value)) Object.assign(candidate, { value, time });
  }

  private endWindow(series: Series, now: number): Report | undefined {
    const { candidate, strategy, sensorId, metricId } = series;
    if (candidate === undefined) return undefined;
    series.candidate = undefined;
    this.counts.waiting--;
    const isMean = strategy.window === "mean" && isNumber(candidate.value);
    const value = isMean ? meanOf(candidate, strategy.decimals) : candidate.value;
    const time = isMean ? series.latestTime : candidate.time;
    if (!series.isFirst && !this.passes(series, value)) return undefined;
    this.send(series, value, now);
    return { sensorId, metricId, value, time };
  }

  private beat(series: Series, now: number, wall: number): Report | undefined {
    const { sensorId, metricId, latest, latestTime, strategy } = series;
    if (series.nextBeat > now) return undefined;
    this.counts.repeated++;
    series.sent = latest;
    series.sentAt = now;
    series.hasNews = false;
    return { sensorId, metricId, value: latest!, time: strategy.repeat ? wall : latestTime };
  }

  /** Whether a value is news after the one that was sent last; if not, it is counted. */
  private passes(series: Series, value: Value): boolean {
    const { report, band } = series.strategy;
    if (report === "all" || isNews(value, series.sent!, report, band)) return true;
    this.counts.suppressed[report === "change" ? "change" : "deadband"]++;
    series.hasNews = true;
    return false;
  }

  private send(series: Series, value: Value, now: number): void {
    if (series.candidate !== undefined) {
      // A value that was forced, or is a first one, goes in its place.
      series.candidate = undefined;
      this.counts.waiting--;
      this.counts.suppressed.atMost++;
    }
    this.counts.sent++;
    series.sent = value;
    series.sentAt = now;
    series.isFirst = false;
    series.hasNews = false;
  }

  private watch(series: Series): void {
    const { due } = series;
    if (due === Infinity) return void this.timed.delete(series);
    this.timed.add(series);
    this.next = Math.min(this.next, due);
  }
}

/** Texts and yes or no have no band: they change or not. */
function isNews(value: Value, sent: Value, report: Strategy["report"], band: number): boolean {
  if (report === "change" || !isNumber(value) || !isNumber(sent)) return value !== sent;
  const one = Number(value);
  const other = Number(sent);
  const width = report === "percent" ? (Math.abs(other) * band) / 100 : band;
  return Math.abs(one - other) > width + NOISE * (Math.abs(one) + Math.abs(other));
}

function replaces(window: Strategy["window"], value: Value, candidate: Value): boolean {
  if (!isNumber(value) || !isNumber(candidate)) return true;
  if (window === "min") return value < candidate;
  return window === "max" ? value > candidate : true;
}

function meanOf({ sum, count }: Candidate, decimals: number | undefined): number {
  const mean = sum / count;
  return decimals === undefined ? mean : round(mean, decimals);
}

function isNumber(value: Value): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}
