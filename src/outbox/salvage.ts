/**
 * What a damaged database log still holds. When LevelDB finds a damaged byte in its log it drops the rest
 * of the log, in silence (fault 32): so the log is read here before the database opens and discards it.
 */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { laterOf, type Ledger } from "./ledger";
import { decodeRecord, unseal, type OutboxRecord } from "./record";

/** What the logs of a store say, whether the database could read them or not. */
export interface Logged {
  /** Whole records, by sequence. */
  records: Map<number, OutboxRecord>;
  /** Sequences whose removal is logged. */
  removed: Set<number>;
  /** The last ledger that is whole. */
  ledger: Ledger | undefined;
}

/** Where the database's repair puts the files that it has put out of use. */
export const LOST = "lost";
/** A log is a row of blocks; a record that crosses from one to the next has a header of the format in it. */
const BLOCK = 32 * 1024;
const HEADER = 7;
/** A record as `encodeRecord` writes it; quotes within its texts are escaped, so the end is certain. */
const RECORD = /[0-9a-f]{16}\{"sequence":[^\0]*?"acceptedAt":\d+\}/g;
const LEDGER = /[0-9a-f]{16}\{"accepted":[^}\0]*\}/g;
/** A removal in a batch: its tag, the key's length, the key. */
const REMOVAL = /\0\x0er([0-9a-f]{13})/g; // eslint-disable-line no-control-regex -- the format's own bytes

/** Reads also the logs of a repair that had no end: by a kill, or because the disk was full. */
export async function readLogs(directory: string): Promise<Logged> {
  const logged: Logged = { records: new Map(), removed: new Set(), ledger: undefined };
  for (const folder of [directory, join(directory, LOST)]) {
    const files = await readdir(folder).catch(() => []);
    for (const file of files.filter((name) => name.endsWith(".log"))) {
      readLog(await readFile(join(folder, file)), logged);
    }
  }
  return logged;
}

function readLog(log: Buffer, logged: Logged): void {
  const blocks: Buffer[] = [];
  for (let at = 0; at < log.length; at += BLOCK) blocks.push(log.subarray(at + HEADER, at + BLOCK));
  const bytes = Buffer.concat(blocks);
  const text = bytes.toString("utf8");
  for (const [encoded] of text.matchAll(RECORD)) {
    const record = decodeRecord(encoded);
    if (record !== undefined) logged.records.set(record.sequence, record);
  }
  for (const [encoded] of text.matchAll(LEDGER)) {
    const ledger = unseal(encoded) as Ledger | undefined;
    if (ledger !== undefined) logged.ledger = laterOf(ledger, logged.ledger ?? ledger);
  }
  for (const [, sequence = ""] of bytes.toString("latin1").matchAll(REMOVAL)) {
    logged.removed.add(Number.parseInt(sequence, 16));
  }
}
