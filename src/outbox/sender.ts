/** Sends what waits while there is a connection: oldest first per sensor, one at a time per sensor, some sensors at once. */
import { IotError } from "../protocol/errors";
import type { Endings } from "./endings";
import type { Expiry } from "./expiry";
import type { Lane, Lanes } from "./lanes";
import type { OutboxRecord } from "./record";
import type { Store } from "./store";
import type { Timers } from "../time/timers";

/** Sends a record: resolves when the agent has confirmed it, rejects with its error or with why there was no answer; calls back when it is sent again. */
export type Deliver = (record: OutboxRecord, onRepeat: () => void) => Promise<unknown>;

/** What sending needs of the others. */
export interface SenderParts {
  lanes: Lanes;
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

export class Sender {
  /** Records that were delivered after they had waited through a lost connection or a restart. */
  replayed = 0;
  /** Records that the agent took, whole or in part, while this process lives. */
  private taken = 0;
  private isConnected = false;
  private readonly sending = new Set<Promise<void>>();

  constructor(private readonly parts: SenderParts) {}

  setConnected(isConnected: boolean): void {
    this.isConnected = isConnected;
    this.pump();
  }

  pump(): void {
    while (this.isConnected && this.sending.size < SENSORS_AT_ONCE) {
      const lane = this.parts.lanes.takeReady();
      if (lane === undefined) return;
      const sending = this.send(lane).finally(() => {
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

  private async send(lane: Lane): Promise<void> {
    const { store, endings, expiry, deliver } = this.parts;
    let record: OutboxRecord | undefined;
    try {
      record = await store.read(lane.first);
    } catch {
      return this.rest(lane, UNREADABLE_REST);
    }
    if (record === undefined) return endings.endFirst(lane, record, "corrupt");
    if (expiry.isOver(record)) return endings.endFirst(lane, record, "expired", expiry.errorOf(record));
    try {
      await deliver(record, () => lane.attempts.unanswered++);
    } catch (error) {
      return this.follow(lane, record, asIotError(error));
    }
    return this.end(lane, record, "delivered");
  }

  /** Does what a failure asks for. */
  private async follow(lane: Lane, record: OutboxRecord, failure: IotError): Promise<void> {
    const next = lane.attempts.afterFailure(failure, record, this.taken);
    if ("as" in next) return this.end(lane, record, next.as, next.error);
    this.rest(lane, next.restsAtMost);
    if (next.isUnserved) this.parts.unserved(failure);
  }

  private end(
    lane: Lane,
    record: OutboxRecord,
    as: "delivered" | "rejected",
    error?: IotError,
  ): Promise<void> {
    const { lanes, endings } = this.parts;
    if (as === "delivered") {
      this.taken++;
      if (lanes.mayHaveArrived(lane)) this.replayed++;
    }
    return endings.endFirst(lane, record, as, error);
  }

  /** Full jitter. */
  private rest(lane: Lane, ceiling: number): void {
    const { lanes, timers, random } = this.parts;
    lane.state = "resting";
    timers.after(random() * ceiling, () => {
      if (!lanes.has(lane)) return; // Its records were given up meanwhile.
      lanes.makeReady(lane);
      this.pump();
    });
  }
}

function asIotError(error: unknown): IotError {
  if (error instanceof IotError) return error;
  return new IotError("BadReply", { details: { value: String(error) }, cause: error });
}
