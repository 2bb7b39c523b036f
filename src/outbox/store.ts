/**
 * The disk of the outbox: records and counters in one LevelDB, changed together in batches.
 * It decides nothing; it is the one place that knows the database and its errors.
 */
import type { ClassicLevel } from "classic-level";
import { IotError } from "../protocol/errors";
import type { Moment } from "./age-clock";
import { openDatabase } from "./database";
import { storeError } from "./disk-errors";
import { EMPTY_LEDGER, endedIn, laterOf, type Ending, type Ledger } from "./ledger";
import { decodeRecord, seal, sizeOf, unseal, type OutboxRecord } from "./record";
import type { Logged } from "./salvage";

/** A change of the store: a record that came, as its text, or one that went. */
export type Change =
  { readonly put: number; readonly text: string } | { readonly remove: number; readonly as: Ending };

/** What a store holds when it is opened. */
export interface Contents {
  ledger: Ledger;
  /** Every whole record, oldest first. */
  pending: { sequence: number; sensorId: string; timestamp: number; bytes: number }[];
  lastSequence: number;
  /** When the newest of them was accepted. */
  newest?: Moment;
  /** What could not be read: `OutboxDamaged`. */
  damage?: IotError;
}

/** What the outbox needs of a disk. */
export interface Store {
  open(): Promise<Contents>;
  /** All changes or none; when it resolves and one of them was a `put`, they are safe on disk. */
  commit(changes: readonly Change[]): Promise<void>;
  /** `undefined`: damaged beyond reading. Rejects while nobody can say, because the disk refuses. */
  read(sequence: number): Promise<OutboxRecord | undefined>;
  close(): Promise<void>;
}

const RECORDS = { gt: "r", lt: "s" };
const LEDGER = "ledger";
const SET_ASIDE = "x";

export class DiskStore implements Store {
  private database: ClassicLevel | undefined;
  private ledger: Ledger = { ...EMPTY_LEDGER };
  /** Records of a batch whose writing failed: they may be on disk or not, and must not be. */
  private uncertain: number[] = [];
  /** After a write that failed the database refuses all others until it is opened anew. */
  private isBroken = false;
  private isClosed = true;
  private reopening: Promise<ClassicLevel> | undefined;

  constructor(private readonly directory: string) {}

  async open(): Promise<Contents> {
    try {
      const { database, contents, keptIn } = await openDatabase(this.directory, take);
      this.database = database;
      this.ledger = contents.ledger;
      this.isClosed = false;
      const { lost, ...rest } = contents;
      const damage = damageOf(this.directory, lost, keptIn);
      return { ...rest, ledger: { ...contents.ledger }, ...(damage && { damage }) };
    } catch (error) {
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
      this.isBroken = true;
      for (const change of changes) if ("put" in change) this.uncertain.push(change.put);
      throw storeError(error, this.directory);
    }
  }

  async read(sequence: number): Promise<OutboxRecord | undefined> {
    try {
      const database = this.database ?? (await this.usable());
      // A damaged block is a damaged record.
      const encoded = await database.get(keyOf(sequence)).catch(() => undefined);
      return encoded === undefined ? undefined : decodeRecord(encoded);
    } catch (error) {
      throw storeError(error, this.directory);
    }
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await this.reopening?.catch(() => undefined);
    const { database } = this;
    this.database = undefined;
    await database?.close().catch(() => undefined);
  }

  /** The database, for writing too. */
  private async usable(): Promise<ClassicLevel> {
    if (this.isClosed) throw new Error("closed");
    if (this.database !== undefined && !this.isBroken) return this.database;
    this.reopening ??= this.reopen().finally(() => (this.reopening = undefined));
    return this.reopening;
  }

  private async reopen(): Promise<ClassicLevel> {
    const { database: broken } = this;
    this.database = undefined;
    await broken?.close();
    const { database } = await openDatabase(this.directory, (database, logged) => {
      for (const refused of this.uncertain) logged.removed.add(refused);
      return putBack(database, logged);
    });
    this.isBroken = false;
    return (this.database = database);
  }
}

/** Puts back what a damaged log dropped. */
async function putBack(database: ClassicLevel, { records, removed }: Logged): Promise<void> {
  const batch = database.batch();
  const expected = [...records.values()].filter(({ sequence }) => !removed.has(sequence));
  const found = await database.getMany(expected.map(({ sequence }) => keyOf(sequence)));
  expected.forEach((record, at) => {
    if (decodeRecord(found[at] ?? "") === undefined) batch.put(keyOf(record.sequence), seal(record));
  });
  if (batch.length > 0) await batch.write({ sync: true });
  else await batch.close();
}

/** Reads everything once: sets damaged records aside, and counts what is gone. */
async function take(database: ClassicLevel, logged: Logged): Promise<Contents & { lost: number }> {
  await putBack(database, logged);
  const saved = await database.get(LEDGER).catch(() => undefined);
  const ledger = laterOf(unsealLedger(saved), logged.ledger ?? EMPTY_LEDGER);
  const batch = database.batch();
  const pending: Contents["pending"] = [];
  let newest: Moment | undefined;
  // The keys' order is that of the sequences: oldest first.
  for await (const [key, encoded] of database.iterator(RECORDS)) {
    const record = decodeRecord(encoded);
    if (record !== undefined && keyOf(record.sequence) === key) {
      const { sequence, sensorId, timestamp } = record;
      pending.push({ sequence, sensorId, timestamp, bytes: sizeOf(record) });
      newest = record;
    } else batch.del(key).put(SET_ASIDE + key, encoded);
  }
  const known = endedIn(ledger) + pending.length;
  // The ledger shows how many records damage took; where it was damaged itself, the records make it good.
  const lost = Math.max(ledger.accepted - known, 0);
  const mended = {
    ...ledger,
    accepted: Math.max(ledger.accepted, known),
    corrupt: ledger.corrupt + lost,
  };
  await batch.put(LEDGER, seal(mended)).write({ sync: true });
  // No sequence is used twice: every accepted record had one, and what is logged may be the latest.
  const lastSequence = [...logged.records.keys(), ...logged.removed].reduce(
    (last, sequence) => Math.max(last, sequence),
    Math.max(mended.accepted, pending.at(-1)?.sequence ?? 0),
  );
  return { ledger: mended, pending, lastSequence, lost, ...(newest && { newest }) };
}

function damageOf(path: string, count: number, keptIn: string | undefined): IotError | undefined {
  if (keptIn !== undefined)
    return new IotError("OutboxDamaged", { reason: "begunAnew", details: { path, count, keptIn } });
  return count > 0
    ? new IotError("OutboxDamaged", { reason: "repaired", details: { path, count } })
    : undefined;
}

function keyOf(sequence: number): string {
  return `r${sequence.toString(16).padStart(13, "0")}`;
}

function unsealLedger(encoded: string | undefined): Ledger {
  return ((encoded && unseal(encoded)) || EMPTY_LEDGER) as Ledger;
}
