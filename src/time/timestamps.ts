/** The timestamps that pushes are given: two pushes of a sensor with one timestamp would be the same push. */

/** So much back, and it was the machine's time that was set. */
const CLOCK_WAS_SET = 60_000;
/** Sensors that are remembered at least, and half of those that are at most. */
const SENSORS_REMEMBERED = 25_000;

/**
 * The last timestamp of each sensor: one memory for all pushes of a client, whatever way they go and whoever made
 * their timestamps (fault 45). Of many sensors those are forgotten that were not pushed to for the longest time.
 * Times are milliseconds since the epoch.
 */
export class Timestamps {
  /** Two halves: one is dropped whole, which costs less than to note for each push that it was the last. */
  private recent = new Map<string, number>();
  private older = new Map<string, number>();
  /** What the clock said when it was looked at last. */
  private seen = -Infinity;

  constructor(private readonly sensors = SENSORS_REMEMBERED) {}

  /** The timestamp of a push that has none. `now`: what the machine's clock says. */
  next(sensorId: string, now: number): number {
    this.see(now);
    const timestamp = Math.max(now, this.lastOf(sensorId) + 1);
    this.keep(sensorId, timestamp);
    return timestamp;
  }

  /** A push has this timestamp already: the next ones are later. One that is far ahead of the clock is not followed. */
  note(sensorId: string, timestamp: number, now: number): void {
    this.see(now);
    if (timestamp > this.lastOf(sensorId) && timestamp - now < CLOCK_WAS_SET) this.keep(sensorId, timestamp);
  }

  /** Where the clock was set back, timestamps go on from there: a wrong time is not kept. */
  private see(now: number): void {
    if (this.seen - now >= CLOCK_WAS_SET) {
      this.recent = new Map();
      this.older = new Map();
    }
    this.seen = now;
  }

  private lastOf(sensorId: string): number {
    return this.recent.get(sensorId) ?? this.older.get(sensorId) ?? 0;
  }

  private keep(sensorId: string, timestamp: number): void {
    this.recent.set(sensorId, timestamp);
    if (this.recent.size < this.sensors) return;
    this.older = this.recent;
    this.recent = new Map();
  }
}
