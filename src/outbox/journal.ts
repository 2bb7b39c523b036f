/**
 * The order of writing: one batch at a time, and each takes all that came while the last was written, so
 * that many pushes share one sync. Gives each record its sequence, without gaps, and keeps the ledger.
 */
import type { IotError } from "../protocol/errors";
import { EMPTY_LEDGER, type Ledger } from "./ledger";
import type { Change, Removal, Store } from "./store";

/** What is to be written: a record, whose text depends on its sequence; or what a store takes besides. */
type Entry = { readonly put: (sequence: number) => string } | Exclude<Change, { put: number }>;

interface Waiting {
  readonly entry: Entry;
  readonly done: (sequence: number) => void;
  readonly failed: (error: IotError) => void;
}

export class Journal {
  ledger: Ledger = { ...EMPTY_LEDGER };
  /** The sequence of the newest record. */
  sequence = 0;
  /** Why the disk takes no new record, as far as is known. */
  refusal: IotError | undefined;
  private waiting: Waiting[] = [];
  private running: Promise<void> | undefined;

  constructor(
    private readonly store: Pick<Store, "commit">,
    /** The disk refuses, or does not any more. */
    private readonly refusalChanged: (refusal: IotError | undefined) => void,
  ) {}

  /**
   * Resolves with its sequence when a new record is safe on disk, and rejects when it is not, or when there is no room
   * where that was asked; a removal always resolves.
   */
  write(entry: Entry): Promise<number> {
    return new Promise((done, failed) => {
      this.waiting.push({ entry, done, failed });
      this.running ??= this.run();
    });
  }

  get busy(): boolean {
    return this.running !== undefined;
  }

  /** Resolves when nothing is left to write. */
  async settled(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    await Promise.resolve(); // Let everything of this turn join the batch.
    while (this.waiting.length > 0) {
      const batch = this.waiting;
      this.waiting = [];
      await this.writeBatch(batch);
    }
    this.running = undefined;
  }

  private async writeBatch(batch: readonly Waiting[]): Promise<void> {
    let next = this.sequence;
    const changes = batch.map(({ entry }): Change => {
      return "put" in entry ? { put: ++next, text: entry.put(next) } : entry;
    });
    let failure: IotError | undefined;
    try {
      await this.store.commit(changes);
      this.sequence = next;
    } catch (error) {
      failure = error as IotError;
    }
    // That a removal has room says nothing of a record.
    if (failure !== undefined || changes.some((change) => !isRemoval(change))) this.note(failure);
    batch.forEach(({ done, failed }, index) => {
      const change = changes[index]!;
      if (isRemoval(change)) this.ledger[change.as]++;
      else if (failure !== undefined) return failed(failure);
      else if ("put" in change) this.ledger.accepted++;
      done("put" in change ? change.put : this.sequence);
    });
  }

  private note(refusal: IotError | undefined): void {
    const { refusal: before } = this;
    this.refusal = refusal;
    if (before?.details.code !== refusal?.details.code || before?.name !== refusal?.name)
      this.refusalChanged(refusal);
  }
}

function isRemoval(change: Change): change is Removal {
  return "remove" in change;
}
