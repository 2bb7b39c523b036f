/**
 * The disk of the outbox: records and counters in one LevelDB, changed together in batches.
 * It decides nothing; it is the one place that knows the database and its errors.
 */
import { rename } from "node:fs/promises";
import { ClassicLevel } from "classic-level";
import { makePrivateFolder } from "../files/private-file";
import { IotError } from "../protocol/errors";
import { EMPTY_LEDGER, endedIn, laterOf, type Ending, type Ledger } from "./ledger";
import { decodeRecord, seal, sizeOf, unseal, type OutboxRecord } from "./record";
import { readLogs, type Logged } from "./salvage";

/** A change of the store: a record that came, as its text, or one that went. */
export type Change =
  { readonly put: number; readonly text: string } | { readonly remove: number; readonly as: Ending };

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

const RECORDS = { gt: "r", lt: "s" };
const LEDGER = "ledger";
const SET_ASIDE = "x";
/** Uncompressed, so that a damaged byte damages one record, not a block of them. */
const DATABASE_OPTIONS = { writeBufferSize: 1024 * 1024, cacheSize: 1024 * 1024, compression: false };

export class DiskStore implements Store {
  private database: ClassicLevel | undefined;
  private ledger: Ledger = { ...EMPTY_LEDGER };
  /** Records of a batch whose writing failed: they may be on disk or not, and must not be. */
  private uncertain: number[] = [];
  private broken = false;

  constructor(private readonly directory: string) {}

  async open(): Promise<Contents> {
    try {
      await makePrivateFolder(this.directory);
      const logged = await readLogs(this.directory);
      return await this.openRepairing(() => this.take(logged));
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
          batch.put(keyOf(change.put), change.text);
        } else {
          ledger[change.as]++;
          batch.del(keyOf(change.remove));
        }
      }
      batch.put(LEDGER, seal(ledger));
      // Without sync a removal survives a kill of this process; a power cut can undo it, and the push is sent again.
      await batch.write({ sync });
      this.ledger = ledger;
      this.uncertain = [];
    } catch (error) {
      this.broken = true;
      for (const change of changes) if ("put" in change) this.uncertain.push(change.put);
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

  /** Opens the database and reads it; when it is damaged, repairs it; when that fails, begins a new one beside it. */
  private async openRepairing(take: () => Promise<Contents>): Promise<Contents> {
    const attempt = async () => {
      this.database = new ClassicLevel(this.directory, DATABASE_OPTIONS);
      await this.database.open();
      return take();
    };
    try {
      return await attempt();
    } catch (error) {
      if (!/corrupt|missing files|bad record|does not exist/i.test(messagesOf(error))) throw error;
    }
    await this.close();
    await ClassicLevel.repair(this.directory).catch(() => undefined);
    try {
      return await attempt();
    } catch (error) {
      if (codesOf(error).includes("LEVEL_LOCKED")) throw error;
    }
    await this.close();
    await rename(this.directory, `${this.directory}.damaged-${Date.now()}`);
    await makePrivateFolder(this.directory);
    return attempt();
  }

  /** Reads everything once: puts back what a damaged log dropped, sets damaged records aside, and counts what is gone. */
  private async take(logged: Logged): Promise<Contents> {
    const { database } = this;
    if (database === undefined) throw new Error("closed");
    const saved = await database.get(LEDGER).catch(() => undefined);
    const ledger = laterOf(unsealLedger(saved), logged.ledger ?? EMPTY_LEDGER);
    const batch = database.batch();
    const pending: Contents["pending"] = [];
    const whole = new Set<number>();
    const add = (record: OutboxRecord) => {
      whole.add(record.sequence);
      pending.push({ sequence: record.sequence, sensorId: record.sensorId, bytes: sizeOf(record) });
    };
    for await (const [key, encoded] of database.iterator(RECORDS)) {
      const record = decodeRecord(encoded);
      if (record !== undefined && keyOf(record.sequence) === key) add(record);
      else batch.del(key).put(SET_ASIDE + key, encoded);
    }
    for (const [sequence, record] of logged.records) {
      if (whole.has(sequence) || logged.removed.has(sequence)) continue;
      add(record);
      batch.put(keyOf(sequence), seal(record));
    }
    pending.sort((a, b) => a.sequence - b.sequence);
    const known = endedIn(ledger) + pending.length;
    // The ledger shows how many records damage took; where it was damaged itself, the records make it good.
    this.ledger = {
      ...ledger,
      accepted: Math.max(ledger.accepted, known),
      corrupt: ledger.corrupt + Math.max(ledger.accepted - known, 0),
    };
    await batch.put(LEDGER, seal(this.ledger)).write({ sync: true });
    // No sequence is used twice: every accepted record had one, and what is logged may be the latest.
    const lastSequence = [...logged.records.keys(), ...logged.removed].reduce(
      (last, sequence) => Math.max(last, sequence),
      Math.max(this.ledger.accepted, pending.at(-1)?.sequence ?? 0),
    );
    return { ledger: { ...this.ledger }, pending, lastSequence };
  }
}

function keyOf(sequence: number): string {
  return `r${sequence.toString(16).padStart(13, "0")}`;
}

function unsealLedger(encoded: string | undefined): Ledger {
  return ((encoded && unseal(encoded)) || EMPTY_LEDGER) as Ledger;
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
