/**
 * Live data repeats the values and, so other clients of real agents say, the timestamp of a push. Where that is
 * so it identifies the push, which its answer does not. It is learned, not relied on: without it one push a
 * sensor is in flight, and its answer counts.
 */
import type { LiveData } from "../protocol/answers";
import type { PushedValue } from "../protocol/requests";

/** An agent that puts in its own time would be right by chance for a push that is new. */
const CHANCE_MS = 50;
/** So many answers in a row whose echo does not come unlearn it. */
const MISSES = 3;

export class Echo {
  private live = false;
  private learned = false;
  private misses = 0;

  /** Whether the echo may decide about a push. */
  get isUsable(): boolean {
    return this.live && this.learned;
  }

  /** Whether live data is coming in at all. */
  set isLive(live: boolean) {
    this.live = live;
    this.misses = 0;
  }

  /** An echo that fits a push; `now` in milliseconds since the epoch. */
  learn(timestamp: number, now: number): void {
    if (Math.abs(now - timestamp) > CHANCE_MS) this.learned = true;
    this.misses = 0;
  }

  /** A push was answered, and its echo never came. */
  miss(): void {
    if (++this.misses >= MISSES) this.learned = false;
  }
}

/** Whether live data is what a push of this sensor said: all of its values, at its timestamp. */
export function isEcho(pushed: object, { metrics, timestamp }: LiveData): boolean {
  const push = pushed as { metrics: readonly PushedValue[]; timestamp?: number };
  if (timestamp === undefined || push.timestamp !== timestamp || push.metrics.length !== metrics.length)
    return false;
  return push.metrics.every(({ metricId, value }, index) => {
    const same =
      metrics[index]?.metricId === metricId ? metrics[index] : metrics.find((m) => m.metricId === metricId);
    return same !== undefined && (same.value === value || String(same.value) === String(value));
  });
}
