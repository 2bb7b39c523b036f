/** Sends what waits while there is a connection: oldest first per sensor, one at a time per sensor, some sensors at once. */
import { IotError } from "../protocol/errors";
import type { Endings } from "./endings";
import type { Expiry } from "./expiry";
import type { SensorQueue, SensorQueues } from "./sensor-queues";
import type { OutboxRecord } from "./record";
import type { Store } from "./store";
import type { Timers } from "../time/timers";

/** Sends a record: resolves when the agent has confirmed it, rejects with its error or with why there was no answer; calls back when it is sent again. */
export type Deliver = (record: OutboxRecord, onRepeat: () => void) => Promise<unknown>;

/** What sending needs of the others. */
export interface DeliveryParts {
  queues: SensorQueues;
  store: Pick<Store, "read">;
  endings: Endings;
  expiry: Expiry;
  timers: Timers;
  deliver: Deliver;
  random: () => number;
  /** The agent does not serve this client. */
  unserved: (error: IotError) => void;
}

/** Sensors that are being sent to at once: enough to hide the agent's answer time, little enough to leave room for requests. */
const SENSORS_AT_ONCE = 8;
/** The disk refuses: with luck not for long. */
const UNREADABLE_REST = 10_000;

export class Delivery {
  /** Records that were delivered after they had waited through a lost connection or a restart. */
  replayed = 0;
  /** Records that the agent took, whole or in part, while this process lives. */
  private taken = 0;
  private isConnected = false;
  private readonly sending = new Set<Promise<void>>();

  constructor(private readonly parts: DeliveryParts) {}

  setConnected(isConnected: boolean): void {
    this.isConnected = isConnected;
    this.pump();
  }

  pump(): void {
    while (this.isConnected && this.sending.size < SENSORS_AT_ONCE) {
      const queue = this.parts.queues.takeReady();
      if (queue === undefined) return;
      const sending = this.send(queue).finally(() => {
        this.sending.delete(sending);
        this.pump();
      });
      this.sending.add(sending);
    }
  }

  /** Resolves when nothing is being sent any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.sending);
  }

  private async send(queue: SensorQueue): Promise<void> {
    const { store, endings, expiry, deliver } = this.parts;
    let record: OutboxRecord | undefined;
    try {
      record = await store.read(queue.first);
    } catch {
      return this.rest(queue, UNREADABLE_REST);
    }
    if (record === undefined) return endings.endFirst(queue, record, "corrupt");
    if (expiry.isOver(record)) return endings.endFirst(queue, record, "expired", expiry.errorOf(record));
    try {
      await deliver(record, () => queue.attempts.unanswered++);
    } catch (error) {
      return this.follow(queue, record, asIotError(error));
    }
    return this.end(queue, record, "delivered");
  }

  /** Does what a failure asks for. */
  private async follow(queue: SensorQueue, record: OutboxRecord, failure: IotError): Promise<void> {
    const next = queue.attempts.afterFailure(failure, record, this.taken);
    if ("as" in next) return this.end(queue, record, next.as, next.error);
    this.rest(queue, next.restsAtMost);
    if (next.isUnserved) this.parts.unserved(failure);
  }

  private end(
    queue: SensorQueue,
    record: OutboxRecord,
    as: "delivered" | "rejected",
    error?: IotError,
  ): Promise<void> {
    const { queues, endings } = this.parts;
    if (as === "delivered") {
      this.taken++;
      if (queues.mayHaveArrived(queue)) this.replayed++;
    }
    return endings.endFirst(queue, record, as, error);
  }

  /** Full jitter. */
  private rest(queue: SensorQueue, ceiling: number): void {
    const { queues, timers, random } = this.parts;
    queue.state = "resting";
    timers.after(random() * ceiling, () => {
      if (!queues.has(queue)) return; // Its records were given up meanwhile.
      queues.makeReady(queue);
      this.pump();
    });
  }
}

function asIotError(error: unknown): IotError {
  if (error instanceof IotError) return error;
  return new IotError("BadReply", { details: { value: String(error) }, cause: error });
}
