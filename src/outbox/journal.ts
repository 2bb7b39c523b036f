/**
 * The order of writing: one batch at a time, and each takes all that came while the last was written, so
 * that many pushes share one sync. Keeps the ledger of what is written.
 */
import type { IotError } from "../protocol/errors";
import { EMPTY_LEDGER, type Ledger } from "./ledger";
import type { Change, Store } from "./store";

interface Waiting {
  readonly change: Change | undefined;
  readonly done: () => void;
  readonly failed: (error: IotError) => void;
}

export class Journal {
  ledger: Ledger = { ...EMPTY_LEDGER };
  /** The last batch could not be written. */
  isRefused = false;
  private waiting: Waiting[] = [];
  /** Removals whose batch could not be written: they join the next one. */
  private unwritten: Change[] = [];
  private running: Promise<void> | undefined;

  constructor(private readonly store: Store) {}

  /**
   * Resolves when a new record is safe on disk, and rejects when it is not; a removal always resolves. Without a change
   * it rejects while the disk takes nothing.
   */
  write(change?: Change): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ change, done, failed });
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
    let failure: IotError | undefined;
    try {
      const changes = batch.flatMap(({ change }) => change ?? []);
      await this.store.commit([...this.unwritten, ...changes]);
      this.unwritten = [];
    } catch (error) {
      failure = error as IotError;
    }
    this.isRefused = failure !== undefined;
    for (const { change, done, failed } of batch) {
      const isRemoval = change !== undefined && "remove" in change;
      if (failure !== undefined && !isRemoval) {
        failed(failure);
        continue;
      }
      // A record has ended whether its removal is on disk or not; if it never gets there, it is sent again after a restart.
      if (failure !== undefined && isRemoval) this.unwritten.push(change);
      if (change !== undefined) this.ledger["put" in change ? "accepted" : change.as]++;
      done();
    }
  }
}
