/**
 * The disk of the outbox: a journal of records and their ends, in segments that are deleted when nothing in them waits.
 * A disk that takes nothing can still be read: how records end is kept in memory then, and in the notes.
 * It decides nothing; it is the one place that knows files and their errors.
 */
import { readdir } from "node:fs/promises";
import { makePrivateFolder, type Exposure } from "../files/private-file";
import { IotError } from "../protocol/errors";
import { systemClock, type Clock } from "../time/clock";
import type { Moment } from "./age-clock";
import { storeError } from "./disk-errors";
import { EMPTY_LEDGER, type Ending, type Ledger } from "./ledger";
import { seal } from "./lines";
import { lockFolder, type Unlock } from "../files/folder-lock";
import { Notes, rangesOf } from "./notes";
import type { OutboxRecord } from "./record";
import { Recovery, type BookLine } from "./recovery";
import { Segment } from "./segment";

/** A record that came, as its text; sequences have no gaps. */
interface Put {
  readonly put: number;
  readonly text: string;
}

/** A record that went. */
export interface Removal {
  readonly remove: number;
  readonly as: Ending;
}

/** A change of the store, or the question whether a record of so many bytes would have room. */
export type Change = Put | Removal | { readonly room: number };

/** What a store holds when it is opened. */
export interface Contents {
  ledger: Ledger;
  /** Every whole record, oldest first. */
  pending: { sequence: number; sensorId: string; timestamp: number; bytes: number }[];
  /** The latest moment that is known of: the newest record's, or that of closing. */
  newest?: Moment;
  /** What could not be read: `OutboxDamaged`. */
  damage?: IotError;
  /** What others can do with the store, and cannot be changed: `OutboxExposed`. */
  exposure?: IotError;
}

/** What the outbox needs of a disk. */
export interface Store {
  open(): Promise<Contents>;
  /**
   * When it resolves the records are safe on disk; when it rejects none of them is. Removals count in any case: the
   * store remembers those that it cannot write, and writes them when it can.
   */
  commit(changes: readonly Change[]): Promise<void>;
  /** `undefined`: damaged beyond reading. Rejects while nobody can say, because the disk refuses. */
  read(sequence: number): Promise<OutboxRecord | undefined>;
  close(now?: Moment): Promise<void>;
}

/** A segment takes no more lines when it has so many bytes. */
const SEGMENT_SIZE = 256 * 1024;
/** What ended may take so much room beside what waits. */
const WASTE_MOST = 4 * SEGMENT_SIZE;
/** Files that are kept open for reading. */
const READERS = 8;
/** Milliseconds for which a disk that refused is not asked to take removals alone. */
const REFUSAL = 1000;
/** Each note tells of all ends that the journal does not know: many are noted only now and then (milliseconds). */
const NOTED_AT_ONCE = 1000;
const NOTE_INTERVAL = 100;
/** So many removals are written at a time. */
const REMOVALS = 10_000;

export class DiskStore implements Store {
  /** Oldest first; lines are added to the last one. */
  private segments: Segment[] = [];
  /** As the journal tells it. */
  private ledger: Ledger = { ...EMPTY_LEDGER };
  private beginning: { segment: number; ledger: Ledger } | undefined;
  /** What the journal is still to be told. */
  private unrecorded: Removal[] = [];
  private missing = 0;
  private readonly notes: Notes;
  private unlock: Unlock | undefined;
  private readers: Segment[] = [];
  private refusal: { error: IotError; until: number } | undefined;
  /** The latest note tells of ends that the journal may know by now. */
  private hasNotedEnds = false;
  /** When a refusing disk's notes are written next, by the monotonic clock. */
  private noteAgain = 0;
  /** Of the newest segment. */
  private number = 0;
  /** Somebody deleted the folder. */
  private isGone = false;
  private isClosed = true;

  constructor(
    private readonly directory: string,
    private readonly clock: Pick<Clock, "monotonic"> = systemClock,
  ) {
    this.notes = new Notes(directory);
  }

  async open(): Promise<Contents> {
    try {
      const exposure = this.exposed(await makePrivateFolder(this.directory));
      this.unlock = await this.lock();
      const contents = await this.recover();
      this.isClosed = false;
      await this.flush();
      return { ...contents, ...(exposure && { exposure }) };
    } catch (error) {
      await this.unlock?.();
      throw storeError(error, this.directory);
    }
  }

  async commit(changes: readonly Change[]): Promise<void> {
    const puts: Put[] = [];
    let room = 0;
    for (const change of changes) {
      if ("put" in change) puts.push(change);
      else if ("room" in change) room = Math.max(room, change.room);
      else this.end(change);
    }
    await this.write(puts, room);
  }

  async read(sequence: number): Promise<OutboxRecord | undefined> {
    for (;;) {
      const segment = this.segmentOf(sequence);
      const at = segment?.waiting.get(sequence);
      try {
        if (this.isClosed) throw new Error("closed");
        if (segment === undefined || at === undefined) return undefined;
        this.keepReader(segment);
        return (await segment.read(at))?.value as OutboxRecord | undefined;
      } catch (error) {
        // It may have been copied to another segment while it was read.
        if (this.segmentOf(sequence) === segment) throw storeError(error, this.directory);
      }
    }
  }

  async close(now?: Moment): Promise<void> {
    if (!this.isClosed) {
      await this.flush();
      if (await this.note(now)) await this.notes.sync();
    }
    this.isClosed = true;
    for (const segment of this.segments) await segment.close();
    await this.notes.close();
    await this.unlock?.();
    this.unlock = undefined;
  }

  /** Rejects with `OutboxLocked` while another process owns the store. */
  private lock(): Promise<Unlock> {
    const { directory: path } = this;
    return lockFolder(path, () => new IotError("OutboxLocked", { details: { path } }));
  }

  /** What was repaired needs no telling: values are no secret that has to be changed afterwards, as a key is. */
  private exposed(exposure: Exposure | undefined): IotError | undefined {
    if (exposure === undefined || exposure.how === "repaired") return undefined;
    const { how: reason, mode, owner } = exposure;
    return new IotError("OutboxExposed", { reason, details: { path: this.directory, mode, owner } });
  }

  private async recover(): Promise<Contents> {
    const names = await readdir(this.directory);
    const numbers = names.flatMap((name) => Segment.numberOf(name) ?? []).sort((a, b) => a - b);
    const note = await this.notes.read();
    const recovery = new Recovery(note);
    this.segments = numbers.map((number) => Segment.in(this.directory, number));
    for (const segment of this.segments) recovery.read(segment, await segment.readAll());
    const { lost, ledger, ...rest } = recovery.result();
    this.unrecorded = [...recovery.noted].map(([remove, as]) => ({ remove, as }));
    this.missing = lost;
    this.ledger = { ...ledger, corrupt: ledger.corrupt - lost };
    for (const { as } of this.unrecorded) this.ledger[as]--;
    this.beginning = note?.beginning;
    this.number = Math.max(numbers.at(-1) ?? 0, note?.beginning?.segment ?? 0);
    const damage = await this.damageOf(lost, ledger);
    return { ...rest, ledger, ...(damage && { damage }) };
  }

  /** What is told of damage; a person can look at what could not be read. */
  private async damageOf(count: number, { accepted }: Ledger): Promise<IotError | undefined> {
    const path = this.directory;
    const damaged = this.segments.filter(({ isDamaged }) => isDamaged);
    if (accepted === 0 && damaged.length > 0) {
      let keptIn = path;
      for (const segment of this.segments) keptIn = await segment.setAside();
      this.segments = [];
      return new IotError("OutboxDamaged", { reason: "begunAnew", details: { path, count, keptIn } });
    }
    if (count > 0) return new IotError("OutboxDamaged", { reason: "lost", details: { path, count } });
    // Nothing is missing: a crash left a line unfinished.
    for (const segment of damaged) segment.isDamaged = false;
    return undefined;
  }

  private async write(puts: readonly Put[], room = 0): Promise<void> {
    const { refusal } = this;
    const isAsked = puts.length > 0 || room > 0;
    if (!isAsked && refusal && this.clock.monotonic() < refusal.until) {
      await this.makesRoom(isAsked);
      throw refusal.error;
    }
    try {
      if (this.isClosed) throw new Error("closed");
      // A line that says how records ended has room where a record has none.
      if (refusal !== undefined || room > 0) await this.append([]);
      if (puts.length > 0 || refusal === undefined) await this.append(puts);
      if (room > 0) await (await this.segmentToWrite()).probe(room);
      this.refusal = undefined;
    } catch (error) {
      const failure = storeError(error, this.directory);
      this.refusal = { error: failure, until: this.clock.monotonic() + REFUSAL };
      this.isGone ||= failure.details.code === "ENOENT";
      if (await this.makesRoom(isAsked)) return this.write(puts, room);
      throw failure;
    }
    await this.freeDead();
    await this.compact().catch(() => undefined); // What waits has its place as it is.
  }

  /** The disk takes nothing new; but the notes are in place, and to delete what has ended makes room: whether it did. */
  private async makesRoom(isAsked: boolean): Promise<boolean> {
    const now = this.clock.monotonic();
    const isCheap = isAsked || this.unrecorded.length < NOTED_AT_ONCE;
    if (this.isGone || this.isClosed || (!isCheap && now < this.noteAgain)) return false;
    this.noteAgain = now + NOTE_INTERVAL;
    const { length } = this.segments;
    if ((await this.note()) && (await this.notes.sync())) await this.freeDead();
    return this.segments.length < length;
  }

  private async append(puts: readonly Put[]): Promise<void> {
    if (this.isGone) await this.beginAnew();
    const segment = await this.segmentToWrite();
    const removals = this.unrecorded.slice(0, REMOVALS);
    const { missing } = this;
    let text = linesOf(removals, missing);
    let at = segment.size + Buffer.byteLength(text);
    const places = puts.map((put) => {
      const line = `\n${put.text}`;
      const place = at + 1;
      text += line;
      at += Buffer.byteLength(line);
      return place;
    });
    // Without sync a removal survives a kill of this process; a power cut can undo it, and the push is sent again.
    if (text !== "") await segment.append(text, puts.length > 0);
    this.unrecorded.splice(0, removals.length);
    for (const { as } of removals) this.ledger[as]++;
    this.ledger.corrupt += missing;
    this.missing -= missing;
    puts.forEach(({ put }, index) => segment.waiting.set(put, places[index] ?? 0));
    segment.records += puts.length;
    this.ledger.accepted = puts.at(-1)?.put ?? this.ledger.accepted;
    if (puts.length > 0 || this.hasNotedEnds) await this.note();
  }

  private async segmentToWrite(): Promise<Segment> {
    const last = this.segments.at(-1);
    if (last !== undefined && last.size < SEGMENT_SIZE) return last;
    try {
      return await this.beginSegment();
    } catch (error) {
      // No new file can be made: the one that is there may still grow.
      if (last === undefined) throw error;
      return last;
    }
  }

  private async beginSegment(): Promise<Segment> {
    await this.segments.at(-1)?.finish();
    const segment = Segment.in(this.directory, ++this.number);
    const ledger = { ...this.ledger };
    await segment.create(`\n${seal(ledger)}`);
    this.segments.push(segment);
    this.beginning = { segment: segment.number, ledger };
    await this.note();
    return segment;
  }

  /** Copies the few records that keep an old segment from being deleted. */
  private async compact(): Promise<void> {
    const [oldest] = this.segments;
    const newest = this.segments.at(-1);
    let size = 0;
    let wasted = 0;
    for (const segment of this.segments) {
      size += segment.size;
      wasted += segment.size * (1 - segment.waiting.size / Math.max(segment.records, 1));
    }
    if (!oldest || !newest || oldest === newest || wasted < WASTE_MOST + size / 2) return;
    const places = new Map<number, number>();
    let text = "";
    for (const [sequence, at] of oldest.waiting) {
      const line = await oldest.read(at);
      if (line === undefined) continue; // It is missed, and counted, when its turn comes.
      places.set(sequence, newest.size + Buffer.byteLength(text) + 1);
      text += `\n${line.text}`;
    }
    await newest.append(text, true);
    for (const [sequence, at] of places) newest.waiting.set(sequence, at);
    newest.records += places.size;
    oldest.waiting.clear();
    await this.freeDead();
  }

  /** Deletes the oldest segments: an end may only go after the record that it is of. */
  private async freeDead(): Promise<void> {
    for (
      let [oldest, next] = this.segments;
      oldest?.waiting.size === 0 && next;
      [oldest, next] = this.segments
    ) {
      try {
        await this.segments.at(-1)?.sync();
        await oldest.retire();
      } catch {
        return; // Another time.
      }
      this.segments.shift();
      this.readers = this.readers.filter((reader) => reader !== oldest);
    }
  }

  /** A store whose folder was deleted: what is gone is missed when its turn comes. */
  private async beginAnew(): Promise<void> {
    await makePrivateFolder(this.directory);
    await this.unlock?.();
    this.unlock = undefined;
    this.unlock = await this.lock();
    for (const segment of this.segments) await segment.close();
    await this.notes.close();
    const there = await Promise.all(this.segments.map((segment) => segment.exists()));
    this.segments = this.segments.filter((_, index) => there[index]);
    this.isGone = false;
    await this.beginSegment();
  }

  private end(removal: Removal): void {
    this.unrecorded.push(removal);
    this.segmentOf(removal.remove)?.waiting.delete(removal.remove);
  }

  private segmentOf(sequence: number): Segment | undefined {
    // Most are live values, or the oldest: they are found at once, however many files there are.
    const newest = this.segments.at(-1);
    if (newest?.waiting.has(sequence)) return newest;
    return this.segments.find(({ waiting }) => waiting.has(sequence));
  }

  private async note(closed?: Moment): Promise<boolean> {
    const { beginning, unrecorded } = this;
    const isWritten = await this.notes.write({
      accepted: this.ledger.accepted,
      ends: rangesOf(unrecorded),
      ...(beginning && { beginning }),
      ...(closed && { closed }),
    });
    if (isWritten) this.hasNotedEnds = unrecorded.length > 0;
    return isWritten;
  }

  /** Tells the journal what it does not know, if the disk lets us. */
  private async flush(): Promise<void> {
    this.refusal = undefined;
    do await this.write([]).catch(() => undefined);
    while (this.unrecorded.length > 0 && this.refusal === undefined);
  }

  private keepReader(segment: Segment): void {
    if (this.readers.at(-1) === segment) return;
    this.readers = [...this.readers.filter((reader) => reader !== segment), segment];
    if (this.readers.length > READERS) void this.readers.shift()?.rest();
  }
}

/** What the journal is told of ends: a line for each way to end. */
function linesOf(removals: readonly Removal[], missing: number): string {
  const lines: BookLine[] = Object.entries(rangesOf(removals)).map(([as, of]) => ({
    ended: as as Ending,
    of,
  }));
  if (missing > 0) lines.push({ missing });
  return lines.map((line) => `\n${seal(line)}`).join("");
}
