/** Gives up what has waited too long, also while nothing can be sent. */
import { IotError } from "../protocol/errors";
import type { Endings } from "./endings";
import type { Lanes } from "./lanes";
import type { OutboxRecord } from "./record";
import type { Store } from "./store";
import type { Timers } from "./timers";

const LOOK_SOONEST = 100;
const LOOK_LATEST = 60_000;

export class Expiry {
  private lookIsDue = false;
  private readonly started: { wall: number; monotonic: number };

  constructor(
    /** Milliseconds; 0: never. */
    private readonly age: number,
    private readonly clock: { now: () => number; monotonic: () => number },
    private readonly timers: Timers,
    private readonly lanes: Lanes,
    private readonly store: Pick<Store, "read">,
    private readonly endings: Endings,
  ) {
    this.started = { wall: clock.now(), monotonic: clock.monotonic() };
  }

  /** Time for ages: follows the clock at start and runs on evenly, whatever is done to the clock (fault 34). */
  now(): number {
    return Math.round(this.started.wall + this.clock.monotonic() - this.started.monotonic);
  }

  isOver({ acceptedAt }: OutboxRecord): boolean {
    return this.age > 0 && this.now() - acceptedAt > this.age;
  }

  errorOf({ acceptedAt }: OutboxRecord): IotError {
    const seconds = Math.round((this.now() - acceptedAt) / 1000);
    return new IotError("RecordExpired", { details: { seconds } });
  }

  /** Looks for records that are too old, now and then, as long as any wait. */
  watch(): void {
    if (this.age === 0 || this.lookIsDue) return;
    this.lookIsDue = true;
    this.timers.after(Math.min(Math.max(this.age / 4, LOOK_SOONEST), LOOK_LATEST), () => {
      this.lookIsDue = false;
      void this.sweep().finally(() => this.lanes.pending > 0 && this.watch());
    });
  }

  private async sweep(): Promise<void> {
    const { lanes, timers } = this;
    for (let lane = lanes.oldestAtRest(); lane && !timers.isClosed; lane = lanes.oldestAtRest()) {
      const { first } = lane;
      const record = await this.store.read(first);
      if (record !== undefined && !this.isOver(record)) return;
      // It was sent, or given up, while it was read.
      if (lane.state === "sending" || lane.first !== first) continue;
      await this.endings.giveUp(lane, "expired", (old) => this.errorOf(old));
    }
  }
}
