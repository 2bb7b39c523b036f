/** Timestamps of our own: strictly increasing per sensor, so that no two pushes of it are the same push. */
const SENSORS_REMEMBERED = 10_000;

export class Timestamps {
  private readonly last = new Map<string, number>();

  constructor(private readonly now: () => number) {}

  next(sensorId: string): number {
    const timestamp = Math.max(this.now(), (this.last.get(sensorId) ?? 0) + 1);
    // The last in the map is the one that was used last.
    this.last.delete(sensorId);
    this.last.set(sensorId, timestamp);
    const [longestUnused] = this.last.keys();
    if (this.last.size > SENSORS_REMEMBERED && longestUnused !== undefined) this.last.delete(longestUnused);
    return timestamp;
  }
}
