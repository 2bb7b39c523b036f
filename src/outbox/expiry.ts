/** Gives up what has waited too long, also while nothing can be sent. */
import { IotError } from "../protocol/errors";
import type { AgeClock } from "./age-clock";
import type { Endings } from "./endings";
import type { SensorQueues } from "./sensor-queues";
import type { OutboxRecord } from "./record";
import type { Store } from "./store";
import type { Timers } from "../time/timers";

const LOOK_SOONEST = 100;
const LOOK_LATEST = 60_000;

export class Expiry {
  private lookIsDue = false;

  constructor(
    /** Milliseconds; 0: never. */
    private readonly age: number,
    private readonly clock: AgeClock,
    private readonly timers: Timers,
    private readonly queues: SensorQueues,
    private readonly store: Pick<Store, "read">,
    private readonly endings: Endings,
  ) {}

  isOver({ acceptedAt }: OutboxRecord): boolean {
    return this.age > 0 && this.clock.now() - acceptedAt > this.age;
  }

  errorOf({ acceptedAt }: OutboxRecord): IotError {
    const seconds = Math.round((this.clock.now() - acceptedAt) / 1000);
    return new IotError("RecordExpired", { details: { seconds } });
  }

  /** Looks for records that are too old, now and then, as long as any wait. */
  watch(): void {
    if (this.age === 0 || this.lookIsDue) return;
    this.lookIsDue = true;
    this.timers.after(Math.min(Math.max(this.age / 4, LOOK_SOONEST), LOOK_LATEST), () => {
      this.lookIsDue = false;
      // While the disk refuses nobody can say how old a record is: another look will.
      const sweep = this.sweep().catch(() => undefined);
      void sweep.finally(() => this.queues.pending > 0 && this.watch());
    });
  }

  private async sweep(): Promise<void> {
    const { queues, timers } = this;
    for (let queue = queues.oldestAtRest(); queue && !timers.isClosed; queue = queues.oldestAtRest()) {
      const { first } = queue;
      const record = await this.store.read(first);
      if (record !== undefined && !this.isOver(record)) return;
      // It was sent, or given up, while it was read.
      if (queue.state === "sending" || queue.first !== first) continue;
      await this.endings.endUnsent(queue, "expired", (old) => this.errorOf(old));
    }
  }
}
