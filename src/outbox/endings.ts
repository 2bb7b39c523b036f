/** How records end: taken out of memory, written off on disk, and told, each once. */
import type { IotError } from "../protocol/errors";
import type { Journal } from "./journal";
import type { SensorQueue, SensorQueues } from "./sensor-queues";
import type { Ending } from "./ledger";
import type { OutboxRecord } from "./record";
import type { Store } from "./store";

/** How a record ended; told for every record, once. */
export interface OutboxEnding {
  record: OutboxRecord;
  outcome: Ending;
  /** Why, unless it was delivered whole; a partial failure is delivered and names the metrics that were refused. */
  error?: IotError;
  /** It may have reached the agent before: it was sent without an answer, or waited when this process began. */
  maybeDuplicate: boolean;
}

export class Endings {
  constructor(
    private readonly queues: SensorQueues,
    private readonly journal: Journal,
    private readonly store: Pick<Store, "read">,
    /** Of a record that could not be read nobody knows whose it was, only how it ended. */
    private readonly tell: (ending: OutboxEnding | Ending) => void,
  ) {}

  /** Ends the first record of a queue that is sending; `undefined` is one that cannot be read. */
  async endFirst(
    queue: SensorQueue,
    record: OutboxRecord | undefined,
    as: Ending,
    error?: IotError,
  ): Promise<void> {
    const { queues } = this;
    const maybeDuplicate = queues.mayHaveArrived(queue);
    const { sequence } = queues.takeFirst(queue);
    // The sensor's next record waits until this one's end is written: a kill repeats one record, not two.
    await this.end(sequence, record, as, error, maybeDuplicate);
    if (queue.isEmpty) queues.forget(queue);
    else queues.makeReady(queue);
  }

  /** Takes the first record of a queue that is not sending out unsent. */
  async endUnsent(queue: SensorQueue, as: Ending, why: (record: OutboxRecord) => IotError): Promise<void> {
    const { queues } = this;
    const maybeDuplicate = queues.mayHaveArrived(queue);
    const { sequence } = queues.takeFirst(queue);
    if (queue.isEmpty) queues.forget(queue);
    let record: OutboxRecord | undefined;
    try {
      record = await this.store.read(sequence);
    } catch {
      // The disk refuses: it has to go all the same, and is counted, but nobody can say whose it was.
      return this.end(sequence, undefined, as, undefined, maybeDuplicate);
    }
    if (record === undefined) await this.end(sequence, record, "corrupt", undefined, maybeDuplicate);
    else await this.end(sequence, record, as, why(record), maybeDuplicate);
  }

  private async end(
    sequence: number,
    record: OutboxRecord | undefined,
    as: Ending,
    error: IotError | undefined,
    maybeDuplicate: boolean,
  ): Promise<void> {
    await this.journal.write({ remove: sequence, as });
    const why = error === undefined ? {} : { error };
    this.tell(record === undefined ? as : { record, outcome: as, maybeDuplicate, ...why });
  }
}
