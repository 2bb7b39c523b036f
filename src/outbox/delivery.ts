/**
 * Sends what waits while there is a connection: live values at once, the backlog at its pace; each oldest first per
 * sensor, one at a time per sensor, some sensors at once.
 */
import { toIotError, type IotError } from "../protocol/errors";
import type { Endings } from "./endings";
import type { Expiry } from "./expiry";
import type { OutboxRecord } from "./record";
import type { Replay } from "./replay";
import type { Kind, SensorQueue, SensorQueues } from "./sensor-queues";
import type { Store } from "./store";
import type { Clock } from "../time/clock";
import type { Timers } from "../time/timers";

/** Sends a record: resolves when the agent has confirmed it, rejects with its error or with why there was no answer; calls back when it is sent again. */
export type Deliver = (record: OutboxRecord, onRepeat: () => void) => Promise<unknown>;

/** What sending needs of the others. */
export interface DeliveryParts {
  queues: SensorQueues;
  replay: Replay;
  clock: Pick<Clock, "monotonic">;
  store: Pick<Store, "read">;
  endings: Endings;
  expiry: Expiry;
  timers: Timers;
  deliver: Deliver;
  random: () => number;
  /** The agent does not serve this client. */
  unserved: (error: IotError) => void;
}

/**
 * Sensors that are being sent to at once: enough to hide the agent's answer time, little enough to leave room for
 * requests. The backlog takes no place of a live value, and what of it is in flight before one is little.
 */
const SENSORS_AT_ONCE: Readonly<Record<Kind, number>> = { live: 8, backlog: 4 };
/** The disk refuses: with luck not for long. */
const UNREADABLE_REST = 10_000;

export class Delivery {
  /** Records that were delivered after they had waited through a lost connection or a restart. */
  replayed = 0;
  /** Records that the agent took, whole or in part, while this process lives. */
  private taken = 0;
  private isConnected = false;
  /** The pace is waited for. */
  private isPaced = false;
  private readonly sending: Readonly<Record<Kind, Set<Promise<void>>>> = {
    live: new Set(),
    backlog: new Set(),
  };

  constructor(private readonly parts: DeliveryParts) {}

  setConnected(isConnected: boolean): void {
    const { queues, replay, clock } = this.parts;
    if (isConnected !== this.isConnected) {
      this.isConnected = isConnected;
      queues.setConnected(isConnected);
      if (isConnected) replay.begin(clock.monotonic());
      else replay.end();
    }
    this.pump();
  }

  pump(): void {
    while (this.mayBegin("live") && this.begin("live"));
    while (this.mayBegin("backlog") && this.parts.queues.isReady("backlog")) {
      const wait = this.parts.replay.wait(this.parts.clock.monotonic());
      if (wait > 0) return this.pumpAfter(wait);
      this.begin("backlog");
    }
  }

  private mayBegin(kind: Kind): boolean {
    return this.isConnected && this.sending[kind].size < SENSORS_AT_ONCE[kind];
  }

  /** False: there is nothing to send. */
  private begin(kind: Kind): boolean {
    const { queues, replay, clock } = this.parts;
    const queue = queues.takeReady(kind);
    if (queue === undefined) return false;
    if (kind === "backlog") replay.take(queue.firstBytes, clock.monotonic());
    const all = this.sending[kind];
    const sending = this.send(queue).finally(() => {
      all.delete(sending);
      this.pump();
    });
    all.add(sending);
    return true;
  }

  private pumpAfter(milliseconds: number): void {
    if (this.isPaced) return;
    this.isPaced = true;
    this.parts.timers.after(milliseconds, () => {
      this.isPaced = false;
      this.pump();
    });
  }

  /** Resolves when nothing is being sent any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.sending.live, ...this.sending.backlog]);
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
      return this.follow(queue, record, toIotError(error));
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
    const { queues, endings, replay, clock } = this.parts;
    const isBacklog = queue.kind === "backlog";
    if (isBacklog) replay.note(clock.monotonic());
    if (as === "delivered") {
      this.taken++;
      if (isBacklog || queues.mayHaveArrived(queue)) this.replayed++;
    }
    return endings.endFirst(queue, record, as, error);
  }

  /** Full jitter. */
  private rest(queue: SensorQueue, ceiling: number): void {
    const { queues, timers, random } = this.parts;
    queues.rest(queue);
    timers.after(random() * ceiling, () => {
      if (!queues.has(queue)) return; // Its records were given up meanwhile.
      queues.makeReady(queue);
      this.pump();
    });
  }
}
