/** The timestamps that pushes are given: two pushes of a sensor with one timestamp would be the same push. */

/** So much back, and it was the machine's time that was set. */
const CLOCK_WAS_SET = 60_000;

/** Later than the last one of the sensor; but where the clock was set back, from there on: a wrong time is not kept. */
export function nextTimestamp(now: number, last: number): number {
  return last - now >= CLOCK_WAS_SET ? now : Math.max(now, last + 1);
}
