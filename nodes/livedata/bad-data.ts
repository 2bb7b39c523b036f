/**
 * Live data that cannot be read is one cause, however much of it comes: told when it begins, counted while it lasts,
 * summed up when it has been quiet. One that comes back soon is waited for longer, so that a slow trickle is one cause.
 */
import { IotError } from "../../src/protocol/errors";
import type { Clock } from "../../src/time/clock";

/** Without any for so long, it is over. */
export const QUIET_MS = 10_000;
const LONGEST_QUIET_MS = 600_000;

export class BadData {
  private count = 0;
  private since = 0;
  private last = -Infinity;
  private quiet = QUIET_MS;
  private cancel = (): void => undefined;

  constructor(
    private readonly clock: Clock,
    private readonly tell: (error: IotError, properties: { sensorId?: string; count?: number }) => void,
  ) {}

  /** One came; `value` shows what. */
  take(sensorId: string, value: string | number): void {
    const now = this.clock.monotonic();
    const before = this.last;
    this.last = now;
    if (this.count++ > 0) return;
    const isBack = now - before < LONGEST_QUIET_MS;
    this.quiet = isBack ? Math.min(2 * this.quiet, LONGEST_QUIET_MS) : QUIET_MS;
    this.since = now;
    this.tell(new IotError("BadLiveData", { reason: "begun", details: { value } }), { sensorId });
    this.lookAfter(this.quiet);
  }

  close(): void {
    this.cancel();
    this.sumUp();
  }

  private look(): void {
    const rest = this.last + this.quiet - this.clock.monotonic();
    if (rest > 0) this.lookAfter(rest);
    else this.sumUp();
  }

  private lookAfter(milliseconds: number): void {
    this.cancel = this.clock.after(milliseconds, () => this.look());
  }

  /** The first was told already. */
  private sumUp(): void {
    const { count } = this;
    this.count = 0;
    if (count < 2) return;
    const seconds = Math.round((this.last - this.since) / 1000);
    this.tell(new IotError("BadLiveData", { reason: "over", details: { count, seconds } }), { count });
  }
}
