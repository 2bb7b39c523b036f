/** Values as pushes: those of one sensor that belong together go as one, with one timestamp. Pure but for the timer. */
import type { Report } from "./reporter";
import type { Value } from "./conversion";

export interface PointPush {
  sensorId: string;
  metrics: { metricId: string; value: Value }[];
  /** Milliseconds since 1970; `undefined`: the time at which it is sent. */
  time: number | undefined;
}

/** Of each sensor, values whose times are no more than `moment` milliseconds apart; the newest is the push's. */
export function groupPushes(reports: readonly Report[], moment: number): PointPush[] {
  const open = new Map<string, Group>();
  const pushes: PointPush[] = [];
  // What has no time is of this moment.
  const inOrder = isInOrder(reports)
    ? reports
    : [...reports].sort((one, other) => timeOf(one) - timeOf(other));
  for (const report of inOrder) {
    let group = open.get(report.sensorId);
    if (group?.takes(report, moment) !== true) {
      group = new Group(report.sensorId);
      open.set(report.sensorId, group);
      pushes.push(group.push);
    }
    group.add(report);
  }
  return pushes;
}

const timeOf = ({ time }: { time: number | undefined }): number => time ?? Infinity;

function isInOrder(reports: readonly Report[]): boolean {
  return reports.every((report, index) => index === 0 || timeOf(reports[index - 1]!) <= timeOf(report));
}

/** Values of one sensor on their way to one push. */
export class Group {
  readonly push: PointPush;
  private readonly metricIds = new Set<string>();
  private oldest = Infinity;

  constructor(sensorId: string) {
    this.push = { sensorId, metrics: [], time: undefined };
  }

  /** A push has each metric once, and one time. */
  takes({ metricId, time }: Pick<Report, "metricId" | "time">, moment: number): boolean {
    const { time: newest, metrics } = this.push;
    if (this.metricIds.has(metricId)) return false;
    if (metrics.length === 0 || time === newest) return true;
    if (time === undefined || newest === undefined) return false;
    return Math.max(time, newest) - Math.min(time, this.oldest) <= moment;
  }

  add({ metricId, value, time }: Pick<Report, "metricId" | "value" | "time">): void {
    const { push } = this;
    if (push.metrics.length === 0) push.time = time;
    else if (time !== undefined) push.time = Math.max(time, push.time ?? time);
    if (time !== undefined) this.oldest = Math.min(this.oldest, time);
    this.metricIds.add(metricId);
    push.metrics.push({ metricId, value });
  }
}
