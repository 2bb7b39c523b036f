/**
 * What the files of a store say when it is opened. The journal alone makes the books: each segment begins with the
 * ledger as it was, then come the records and their ends. Sequences have no gaps, so whatever is missing is known.
 */
import type { Moment } from "./age-clock";
import { EMPTY_LEDGER, endedIn, type Ending, type Ledger } from "./ledger";
import { readLines } from "./lines";
import type { Note, Range } from "./notes";
import { sizeOf, type OutboxRecord } from "./record";
import type { Segment } from "./segment";

/** A line of the journal that is no record. */
export type BookLine = Ledger | Ended | Missing;

/** Records that ended. */
interface Ended {
  ended: Ending;
  of: Range[];
}

/** So many records were lost to damage before. */
interface Missing {
  missing: number;
}

interface Waiting {
  sequence: number;
  sensorId: string;
  timestamp: number;
  bytes: number;
  segment: Segment;
}

/** What could be read, and what not. */
interface Recovered {
  ledger: Ledger;
  /** Oldest first. */
  pending: Waiting[];
  newest?: Moment;
  /** Records that are gone, and were not known to be. */
  lost: number;
}

export class Recovery {
  /** Ends that only the notes know. */
  readonly noted = new Map<number, Ending>();
  private readonly pending = new Map<number, Waiting>();
  /** Where the counting begins: with the oldest segment, unless its first line is damaged. */
  private beginning: Ledger | undefined;
  private counted: Ledger = { ...EMPTY_LEDGER };
  private accepted: number;
  private newest: OutboxRecord | undefined;

  constructor(private readonly note: Note | undefined) {
    this.accepted = note?.accepted ?? 0;
    for (const [as, ranges] of Object.entries(note?.ends ?? {}))
      for (const sequence of sequencesIn(ranges)) this.noted.set(sequence, as as Ending);
  }

  /** Segments are read oldest first. */
  read(segment: Segment, bytes: Buffer): void {
    const { beginning } = this.note ?? {};
    if (beginning?.segment === segment.number) this.begin(beginning.ledger);
    for (const { text, value, at } of readLines(bytes)) {
      if (value === undefined) segment.isDamaged = true;
      else if ("sequence" in value) this.wait(value as OutboxRecord, text, { segment, at });
      else this.take(value as BookLine);
    }
  }

  result(): Recovered {
    for (const [sequence, as] of this.noted) this.end(sequence, as);
    const pending = [...this.pending.values()].sort((a, b) => a.sequence - b.sequence);
    const ledger = sumOf(this.beginning ?? EMPTY_LEDGER, this.counted);
    ledger.accepted = this.accepted;
    const lost = this.accepted - endedIn(ledger) - pending.length;
    if (lost > 0) ledger.corrupt += lost;
    // A line that said how a record ended was damaged: the record waits again.
    else subtract(ledger, -lost);
    const closed = this.note?.closed;
    const newest = closed && closed.acceptedAt >= (this.newest?.acceptedAt ?? 0) ? closed : this.newest;
    return { ledger, pending, lost: Math.max(lost, 0), ...(newest && { newest }) };
  }

  private take(line: BookLine): void {
    if ("accepted" in line) this.begin(line);
    else if ("missing" in line) this.counted.corrupt += line.missing;
    else {
      for (const sequence of sequencesIn(line.of)) {
        this.noted.delete(sequence);
        this.end(sequence, line.ended);
      }
    }
  }

  private begin(ledger: Ledger): void {
    this.accepted = Math.max(this.accepted, ledger.accepted);
    if (this.beginning !== undefined) return;
    this.beginning = ledger;
    this.counted = { ...EMPTY_LEDGER };
  }

  private wait(record: OutboxRecord, text: string, { segment, at }: { segment: Segment; at: number }): void {
    const { sequence, sensorId, timestamp } = record;
    // It was copied to this segment, to free an older one.
    this.pending.get(sequence)?.segment.waiting.delete(sequence);
    this.pending.set(sequence, { sequence, sensorId, timestamp, bytes: sizeOf(record, text), segment });
    segment.waiting.set(sequence, at);
    segment.records++;
    this.accepted = Math.max(this.accepted, sequence);
    if (sequence >= (this.newest?.sequence ?? 0)) this.newest = record;
  }

  private end(sequence: number, as: Ending): void {
    this.counted[as]++;
    this.accepted = Math.max(this.accepted, sequence);
    this.pending.get(sequence)?.segment.waiting.delete(sequence);
    this.pending.delete(sequence);
  }
}

function* sequencesIn(ranges: readonly Range[]): Generator<number> {
  for (const [from, to] of ranges) for (let sequence = from; sequence <= to; sequence++) yield sequence;
}

function sumOf(one: Ledger, other: Ledger): Ledger {
  const sum = { ...one };
  for (const key of Object.keys(other) as (keyof Ledger)[]) sum[key] += other[key];
  return sum;
}

/** From the ends that are counted: first from what was delivered, which most of them are. */
function subtract(ledger: Ledger, count: number): void {
  let left = count;
  for (const as of ["delivered", "expired", "dropped", "rejected", "corrupt"] as const) {
    const part = Math.min(left, ledger[as]);
    ledger[as] -= part;
    left -= part;
  }
}
