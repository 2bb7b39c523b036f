/** How an agent's connection is doing, in the few lines that an operator looks at first. Pure. */
import type { Failure } from "../../nodes/shared/editor/failure";

/** Of what `GET agents/:agent` gives. Times are milliseconds since the epoch, ages milliseconds. */
export interface HealthFacts {
  state: string;
  since?: number;
  certificate?: { validTo: number };
  counters: Record<string, number>;
  outbox?: Record<string, number>;
  replay?: { waiting: number; seconds?: number; oldestAge?: number };
  health?: {
    reconnects: number;
    lastFailure?: { time: number; failure?: Failure };
    latency?: { p50: number; p95: number; p99: number };
    certificateDays?: number;
  };
}

/** What speaks the person's language. */
interface Words {
  word: (key: string, values?: Record<string, unknown>) => string;
  sentence: (failure: Failure) => string;
}
/** A key of the catalogue, and what stands beside it; `undefined`: there is nothing to say. */
export type Line = [key: string, value: string | undefined];

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
/** From so many of a unit on, no smaller one is of interest. */
const MANY = 2;

export function healthLines(facts: HealthFacts, { word, sentence }: Words, now = Date.now()): Line[] {
  const { since, certificate, counters, outbox, replay, health } = facts;
  const { reconnects, lastFailure, latency, certificateDays } = health ?? {};
  return [
    ["label.since", since === undefined ? undefined : moment(since, now)],
    ["label.reconnects", some(reconnects)],
    ["label.lastFailure", lastFailure && withSentence(lastFailure, sentence, now)],
    ["label.latency", latency && word("value.latency", inMilliseconds(latency))],
    ["counter.queued", some(counters.queued)],
    ["store.pending", some(outbox?.pending)],
    ["label.oldest", replay?.oldestAge === undefined ? undefined : duration(replay.oldestAge)],
    ["label.through", replay?.seconds === undefined ? undefined : moment(now + replay.seconds * 1000, now)],
    ["label.certificateEnds", certificate && withDays(certificate.validTo, certificateDays)],
  ];
}

/** A time of today without its date. */
function moment(time: number, now = Date.now()): string {
  const isToday = date(time) === date(now);
  return isToday ? clock(time) : `${date(time)} ${clock(time)}`;
}

export const date = (time: number): string => new Date(time).toLocaleDateString();
export const clock = (time: number): string => new Date(time).toLocaleTimeString();

function withSentence(
  { time, failure }: { time: number; failure?: Failure },
  sentence: Words["sentence"],
  now: number,
): string {
  const when = moment(time, now);
  return failure === undefined ? when : `${when} · ${sentence(failure)}`;
}

function withDays(validTo: number, days: number | undefined): string {
  return days === undefined ? date(validTo) : `${date(validTo)} (${amount(days, "day")})`;
}

function inMilliseconds(latency: { p50: number; p95: number; p99: number }): Record<string, string> {
  const entries = Object.entries(latency);
  return Object.fromEntries(entries.map(([name, value]) => [name, amount(value, "millisecond", "short")]));
}

/** In the largest unit of which there are a few. */
function duration(milliseconds: number): string {
  if (milliseconds >= MANY * DAY) return amount(milliseconds / DAY, "day");
  if (milliseconds >= MANY * HOUR) return amount(milliseconds / HOUR, "hour", "short");
  if (milliseconds >= MANY * MINUTE) return amount(milliseconds / MINUTE, "minute", "short");
  return amount(milliseconds / 1000, "second", "short");
}

/** As the browser's language writes a number of something. */
function amount(value: number, unit: string, unitDisplay: "long" | "short" = "long"): string {
  const digits = unit === "millisecond" && value < 10 ? 1 : 0;
  return value.toLocaleString(undefined, {
    style: "unit",
    unit,
    unitDisplay,
    maximumFractionDigits: digits,
  });
}

/** What there is none of is not shown. */
function some(count: number | undefined): string | undefined {
  return count === undefined || count === 0 ? undefined : count.toLocaleString();
}
