/** How long the long tests are: short in every run of the tests, at full length with `npm run test:faults`. */

export const FULL = process.env.FAULTS === "full";

export function size(short: number, full: number): number {
  return FULL ? full : short;
}

/** Something between `least` and `most` milliseconds; which, does not decide whether a test passes. */
export function someTime(least: number, most: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, least + Math.random() * (most - least)));
}
