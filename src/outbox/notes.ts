/**
 * What the journal cannot say of itself: how many records were ever accepted, which shows a journal that was cut at its
 * end; and how records ended while there was no room to write it. It is written in place, so a full disk takes it.
 */
import { constants } from "node:fs";
import { type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import type { Moment } from "./age-clock";
import type { Ending, Ledger } from "./ledger";
import { readLines, seal } from "./lines";
import { CHANGE, openPrivate } from "./segment";

/** Sequences from one to the other, both included. */
export type Range = readonly [from: number, to: number];

export interface Note {
  accepted: number;
  /** Records that ended in this way, which the journal does not know yet. */
  ends: Partial<Record<Ending, Range[]>>;
  /** The first line of the newest segment once more: no other could make up for it. */
  beginning?: { segment: number; ledger: Ledger };
  /** When the store was closed. */
  closed?: Moment;
}

const FILE = "notes";
/** Two places that are written in turn: one of them is whole, whenever the power fails. */
const SLOT = 8 * 1024;

export class Notes {
  private file: FileHandle | undefined;
  private slot = 0;

  constructor(private readonly directory: string) {}

  /** The latest note; `undefined` when there is none that can be read. */
  async read(): Promise<Note | undefined> {
    const file = await openPrivate(join(this.directory, FILE), constants.O_RDONLY).catch(() => undefined);
    const bytes = Buffer.alloc(2 * SLOT);
    await file?.read(bytes, 0, bytes.length, 0).catch(() => undefined);
    await file?.close();
    let latest: (Note & { count: number }) | undefined;
    for (const { value } of readLines(bytes)) {
      const note = value as (Note & { count: number }) | undefined;
      if (note !== undefined && note.count > (latest?.count ?? -1)) latest = note;
    }
    this.slot = (latest?.count ?? 0) + 1;
    return latest;
  }

  /** False: it does not fit, or the disk does not take it. */
  async write(note: Note): Promise<boolean> {
    const count = this.slot++;
    const text = `\n${seal({ count, ...note })}\n`;
    if (text.length > SLOT) return false;
    try {
      this.file ??= await this.open();
      await this.file.write(Buffer.from(text), 0, text.length, (count % 2) * SLOT);
      return true;
    } catch {
      await this.close();
      return false;
    }
  }

  /** What was written is on disk when this resolves to true. */
  async sync(): Promise<boolean> {
    return (this.file?.datasync() ?? Promise.reject(new Error("closed"))).then(
      () => true,
      () => false,
    );
  }

  async close(): Promise<void> {
    const { file } = this;
    this.file = undefined;
    await file?.close().catch(() => undefined);
  }

  /** The room is taken at once. */
  private async open(): Promise<FileHandle> {
    const file = await openPrivate(join(this.directory, FILE), CHANGE | constants.O_CREAT);
    if ((await file.stat()).size < 2 * SLOT) await file.write(Buffer.alloc(2 * SLOT, "\n"), 0, 2 * SLOT, 0);
    return file;
  }
}

/** Sequences that ended in one way each, as ranges. */
export function rangesOf(
  ends: readonly { readonly remove: number; readonly as: Ending }[],
): Partial<Record<Ending, Range[]>> {
  const ranges: Partial<Record<Ending, [number, number][]>> = {};
  for (const { remove, as } of [...ends].sort((a, b) => a.remove - b.remove)) {
    const list = (ranges[as] ??= []);
    const last = list.at(-1);
    if (last?.[1] === remove - 1) last[1] = remove;
    else list.push([remove, remove]);
  }
  return ranges;
}
