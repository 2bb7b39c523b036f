/**
 * The disk of the outbox: records and counters in one LevelDB, changed together in batches.
 * It decides nothing; it is the one place that knows the database and its errors.
 */
import { mkdir, rename } from "node:fs/promises";
import { ClassicLevel } from "classic-level";
import { IotError } from "../protocol/errors";
import { isRecord, parseJson } from "../protocol/json";
import { decodeRecord, encodeRecord, type OutboxRecord } from "./record";

/** How many records ended how. accepted = delivered + rejected + expired + dropped + corrupt + pending. */
export interface Ledger {
  accepted: number;
  delivered: number;
  rejected: number;
  expired: number;
  dropped: number;
  corrupt: number;
}

export type Ending = Exclude<keyof Ledger, "accepted">;

/** A change of the store: a record that came, or one that went. */
export type Change = { readonly put: OutboxRecord } | { readonly remove: number; readonly as: Ending };

/** What a store holds when it is opened. */
export interface Contents {
  ledger: Ledger;
  /** Every whole record, oldest first. */
  pending: { sequence: number; sensorId: string; bytes: number }[];
  lastSequence: number;
}

/** What the outbox needs of a disk. */
export interface Store {
  open(): Promise<Contents>;
  /** All changes or none; when it resolves and one of them was a `put`, they are safe on disk. */
  commit(changes: readonly Change[]): Promise<void>;
  read(sequence: number): Promise<OutboxRecord | undefined>;
  close(): Promise<void>;
}

const EMPTY: Ledger = { accepted: 0, delivered: 0, rejected: 0, expired: 0, dropped: 0, corrupt: 0 };
const RECORDS = { gt: "r", lt: "s" };
const LEDGER = "ledger";
const SET_ASIDE = "x";

export class DiskStore implements Store {
  private database: ClassicLevel | undefined;
  private ledger: Ledger = { ...EMPTY };
  /** Records of a batch whose writing failed: they may be on disk or not, and must not be. */
  private uncertain: number[] = [];
  private broken = false;

  constructor(private readonly directory: string) {}

  async open(): Promise<Contents> {
    try {
      await mkdir(this.directory, { recursive: true, mode: 0o700 });
      this.database = await openOrRepair(this.directory);
      return await this.take(this.database);
    } catch (error) {
      await this.close();
      throw storeError(error, this.directory);
    }
  }

  async commit(changes: readonly Change[]): Promise<void> {
    try {
      const database = await this.usable();
      const ledger = { ...this.ledger };
      const batch = database.batch();
      let sync = false;
      for (const sequence of this.uncertain) batch.del(keyOf(sequence));
      for (const change of changes) {
        if ("put" in change) {
          ledger.accepted++;
          sync = true;
          batch.put(keyOf(change.put.sequence), encodeRecord(change.put));
        } else {
          ledger[change.as]++;
          batch.del(keyOf(change.remove));
        }
      }
      batch.put(LEDGER, JSON.stringify(ledger));
      // Without sync a removal survives a kill of this process; a power cut can undo it, and the push is sent again.
      await batch.write({ sync });
      this.ledger = ledger;
      this.uncertain = [];
    } catch (error) {
      this.broken = true;
      for (const change of changes) if ("put" in change) this.uncertain.push(change.put.sequence);
      throw storeError(error, this.directory);
    }
  }

  /** After a write that failed the database refuses all others until it is opened anew. */
  private async usable(): Promise<ClassicLevel> {
    if (this.database === undefined) throw new Error("closed");
    if (this.broken) {
      await this.database.close();
      await this.database.open();
      this.broken = false;
    }
    return this.database;
  }

  async read(sequence: number): Promise<OutboxRecord | undefined> {
    try {
      const encoded = await this.database?.get(keyOf(sequence));
      return encoded === undefined ? undefined : decodeRecord(encoded);
    } catch {
      return undefined; // A damaged block: the caller counts the record as corrupt.
    }
  }

  async close(): Promise<void> {
    const { database } = this;
    this.database = undefined;
    await database?.close().catch(() => undefined);
  }

  /** Reads everything once: sets damaged records aside and counts those that are gone without a trace. */
  private async take(database: ClassicLevel): Promise<Contents> {
    this.ledger = readLedger(await database.get(LEDGER).catch(() => undefined));
    const contents: Contents = { ledger: this.ledger, pending: [], lastSequence: 0 };
    const damaged: [key: string, encoded: string][] = [];
    for await (const [key, encoded] of database.iterator(RECORDS)) {
      const sequence = sequenceOf(key);
      contents.lastSequence = Math.max(contents.lastSequence, sequence);
      const record = decodeRecord(encoded);
      if (record === undefined) damaged.push([key, encoded]);
      else contents.pending.push({ sequence, sensorId: record.sensorId, bytes: sizeOf(record) });
    }
    const { accepted, ...endings } = this.ledger;
    const ended = Object.values(endings).reduce((sum, count) => sum + count, 0);
    const gone = Math.max(accepted - ended - contents.pending.length, 0);
    // A record whose ledger entry was damaged with it was accepted all the same.
    this.ledger.accepted = Math.max(accepted, ended + contents.pending.length + damaged.length);
    this.ledger.corrupt += Math.max(gone, damaged.length);
    // Every record ever accepted had a sequence of its own; none may be used again.
    contents.lastSequence = Math.max(contents.lastSequence, this.ledger.accepted);
    const batch = database.batch();
    for (const [key, encoded] of damaged) batch.del(key).put(SET_ASIDE + key, encoded);
    await batch.put(LEDGER, JSON.stringify(this.ledger)).write({ sync: true });
    return contents;
  }
}

/** The bytes that a record counts for: its text and what the database adds to it. */
export function sizeOf(record: Pick<OutboxRecord, "metrics" | "sensorId">): number {
  return Buffer.byteLength(JSON.stringify(record.metrics)) + record.sensorId.length + 128;
}

async function openOrRepair(directory: string): Promise<ClassicLevel> {
  try {
    return await openDatabase(directory);
  } catch (error) {
    if (!/corrupt|missing files|bad record/i.test(messagesOf(error))) throw error;
  }
  await ClassicLevel.repair(directory).catch(() => undefined);
  try {
    return await openDatabase(directory);
  } catch (error) {
    if (codesOf(error).includes("LEVEL_LOCKED")) throw error;
  }
  // Beyond repair: kept for a person to look at, and a new store instead of none.
  await rename(directory, `${directory}.damaged-${Date.now()}`);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return openDatabase(directory);
}

async function openDatabase(directory: string): Promise<ClassicLevel> {
  const database = new ClassicLevel(directory, { writeBufferSize: 1024 * 1024, cacheSize: 1024 * 1024 });
  await database.open();
  return database;
}

function keyOf(sequence: number): string {
  return `r${sequence.toString(16).padStart(13, "0")}`;
}

function sequenceOf(key: string): number {
  return Number.parseInt(key.slice(1), 16);
}

function readLedger(text: string | undefined): Ledger {
  const ledger = { ...EMPTY };
  try {
    const saved: unknown = parseJson(text ?? "{}");
    for (const name of Object.keys(ledger) as (keyof Ledger)[]) {
      const count = isRecord(saved) ? saved[name] : undefined;
      if (typeof count === "number") ledger[name] = count;
    }
  } catch {
    // A damaged ledger is built anew from the records.
  }
  return ledger;
}

/** The database passes the system's text on, not its code. */
const SYSTEM_ERRORS = [
  ["ENOSPC", "No space left on device"],
  ["EDQUOT", "Disk quota exceeded"],
  ["EACCES", "Permission denied"],
  ["EROFS", "Read-only file system"],
  ["EMFILE", "Too many open files"],
] as const;

function storeError(error: unknown, path: string): IotError {
  const codes = codesOf(error);
  if (codes.includes("LEVEL_LOCKED"))
    return new IotError("OutboxLocked", { details: { path }, cause: error });
  const messages = messagesOf(error);
  const known = SYSTEM_ERRORS.find(([code, text]) => codes.includes(code) || messages.includes(text));
  const code = known?.[0] ?? messages.split(": ").at(-1) ?? messages;
  return new IotError("OutboxUnwritable", { details: { path, code }, cause: error });
}

/** An error and its causes: the database wraps what the system said. */
function* chainOf(error: unknown): Generator<Error & { code?: unknown }> {
  for (let link = error; link instanceof Error; link = link.cause) yield link;
}

function codesOf(error: unknown): string[] {
  return [...chainOf(error)].flatMap(({ code }) => (typeof code === "string" ? [code] : []));
}

function messagesOf(error: unknown): string {
  return [...chainOf(error)].map(({ message }) => message).join(": ");
}
