/** What is to be reached. Pure; nothing fails where it is not: the numbers mean something only on a quiet machine. */

export interface Target {
  name: string;
  value: number;
  /** As `≥ 2.5` or `≤ 0.4`. */
  target: string;
  holds: boolean;
}

/** What a ratio, or a number with its unit in its name, is to be. */
export interface Bound {
  atLeast?: number;
  atMost?: number;
}

export function judge(name: string, value: number, { atLeast, atMost }: Bound): Target {
  const holds = value >= (atLeast ?? -Infinity) && value <= (atMost ?? Infinity);
  return { name, value: rounded(value), target: inWords({ atLeast, atMost }), holds };
}

export function inWords({ atLeast, atMost }: Bound): string {
  return [atLeast === undefined ? "" : `≥ ${atLeast}`, atMost === undefined ? "" : `≤ ${atMost}`]
    .filter((words) => words !== "")
    .join(", ");
}

/** To three digits: more of them say nothing. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
