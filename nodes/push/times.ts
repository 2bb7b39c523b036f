/** What people give as the time of a push, as milliseconds since 1970. Pure; throws `InvalidInput` that names the field. */
import { types } from "node:util";
import { invalid } from "../../src/protocol/input";
import { LAST_TIME } from "../../src/protocol/limits";

/** What was measured was measured in these years: outside of them is a mistake, most often one of the unit. */
const FIRST_LIKELY = Date.UTC(1990, 0);
const LAST_LIKELY = Date.UTC(2101, 0) - 1;

const ISO_TIME = /^(\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** How many milliseconds one has, and how a person is told of it. */
const OTHER_UNITS = [
  [1e3, "words.timeInSeconds"],
  [1e-3, "words.timeInMicroseconds"],
  [1e-6, "words.timeInNanoseconds"],
] as const;

/**
 * A number of milliseconds, a Date or an ISO text; nothing is nothing: the push then gets this machine's time.
 * `isAnyTime`: times outside of 1990 to 2100 are meant.
 */
export function readTimestamp(value: unknown, isAnyTime = false): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  const time = asNumber(value);
  if (!isAnyTime && !isLikely(time)) {
    const unit = OTHER_UNITS.find(([milliseconds]) => isLikely(time * milliseconds));
    if (unit || isTime(time)) {
      throw invalid("time", "timestamp", value, { allowed: unit?.[1] ?? "words.timeInMilliseconds" });
    }
  }
  if (isTime(time)) return time;
  throw invalid("type", "timestamp", value, { allowed: "words.time" });
}

/** `NaN` for what is no time. */
function asNumber(value: unknown): number {
  if (types.isDate(value)) return Date.prototype.getTime.call(value);
  if (typeof value === "string") return readIsoTime(value);
  return typeof value === "number" || typeof value === "bigint" ? Number(value) : NaN;
}

/** JavaScript takes 30 February for 2 March. */
function readIsoTime(text: string): number {
  const [, year, month, day] = ISO_TIME.exec(text) ?? [];
  const isThere =
    new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDate() === Number(day);
  return isThere ? Date.parse(text) : NaN;
}

function isTime(time: number): boolean {
  return Number.isInteger(time) && time >= 0 && time <= LAST_TIME;
}

function isLikely(time: number): boolean {
  return time >= FIRST_LIKELY && time <= LAST_LIKELY;
}
