/** A store of the outbox in memory: for tests of what it promises on a disk that does what it is told. */
import { strict as assert } from "node:assert";
import type { IotError } from "../../src/protocol/errors";
import { EMPTY_LEDGER, type Ledger } from "../../src/outbox/ledger";
import { decodeRecord, sizeOf, type OutboxRecord } from "../../src/outbox/record";
import type { Change, Contents, Store } from "../../src/outbox/store";

/** A disk that keeps what was committed when the outbox on it is thrown away, as by a kill. */
export class MemoryStore implements Store {
  readonly records = new Map<number, OutboxRecord>();
  private readonly texts = new Map<number, string>();
  ledger: Ledger = { ...EMPTY_LEDGER };
  failure: IotError | undefined;
  refusesToOpen: IotError | undefined;
  opens = 0;

  open(): Promise<Contents> {
    this.opens++;
    if (this.refusesToOpen !== undefined) return Promise.reject(this.refusesToOpen);
    const records = [...this.records.values()];
    return Promise.resolve({
      ledger: { ...this.ledger },
      pending: records.map((record) => ({
        sequence: record.sequence,
        sensorId: record.sensorId,
        timestamp: record.timestamp,
        bytes: sizeOf(record, this.texts.get(record.sequence) ?? ""),
      })),
      ...(records.length > 0 && { newest: records.at(-1) }),
    });
  }
  commit(changes: readonly Change[]): Promise<void> {
    const { failure } = this;
    for (const change of changes) {
      if ("room" in change || ("put" in change && failure !== undefined)) continue;
      if ("put" in change) {
        this.ledger.accepted++;
        this.texts.set(change.put, change.text);
        this.records.set(change.put, decodeRecord(change.text) ?? assert.fail("damaged"));
      } else {
        this.ledger[change.as]++;
        this.records.delete(change.remove);
      }
    }
    return failure === undefined ? Promise.resolve() : Promise.reject(failure);
  }
  read(sequence: number): Promise<OutboxRecord | undefined> {
    return Promise.resolve(this.records.get(sequence));
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}
