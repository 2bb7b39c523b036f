/** Timestamps of our own, for each sensor by itself. */
import { nextTimestamp } from "../protocol/timestamps";
import type { Clock } from "../time/clock";

const SENSORS_REMEMBERED = 10_000;

export class Timestamps {
  private readonly last = new Map<string, number>();

  constructor(private readonly clock: Pick<Clock, "now">) {}

  next(sensorId: string): number {
    const timestamp = nextTimestamp(this.clock.now(), this.last.get(sensorId) ?? 0);
    // The last in the map is the one that was used last.
    this.last.delete(sensorId);
    this.last.set(sensorId, timestamp);
    const [longestUnused] = this.last.keys();
    if (this.last.size > SENSORS_REMEMBERED && longestUnused !== undefined) this.last.delete(longestUnused);
    return timestamp;
  }
}
