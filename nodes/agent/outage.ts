/** What is told of a connection that is not there: an outage is told once, and not each of its attempts. Pure. */
import type { IotError } from "../../src/protocol/errors";

/**
 * Milliseconds that a connection may take to come up, as an agent does that is started together with Node-RED, and that
 * it has to last for the outage to be over.
 */
const GRACE = 10_000;

export class Outage {
  /** Which sentences. */
  private readonly told = new Set<string>();
  /** Since when there is no connection. */
  private since = 0;
  private isStart = true;
  private upSince: number | undefined;

  /** Trying begins, or begins anew: what was told is told again. `now` in milliseconds, on the monotonic clock. */
  begin(now: number): void {
    this.told.clear();
    this.since = now;
    this.isStart = true;
    this.upSince = undefined;
  }

  /** There is a connection: its loss is news at once. */
  end(now: number): void {
    this.upSince = now;
  }

  /** Whether to tell of an attempt that failed, or a connection that was lost. */
  isNews(failure: IotError, permanent: boolean, now: number): boolean {
    this.noteLoss(now);
    const hasLasted = now >= this.since + GRACE;
    if (this.told.has(failure.textKey)) return false;
    const isReason =
      permanent || failure.name === "IdentityInUse" || (failure.name === "BrokerUnavailable" && hasLasted);
    // "Lost" and "nothing answers" are one outage; a reason that somebody has to remove is always news.
    if (!isReason && (this.told.size > 0 || (this.isStart && !hasLasted))) return false;
    this.told.add(failure.textKey);
    return true;
  }

  /** Sessions that end at once, again and again, are one outage. */
  private noteLoss(now: number): void {
    if (this.upSince === undefined) return;
    if (now >= this.upSince + GRACE || this.told.size === 0) {
      this.told.clear();
      this.since = now;
    }
    this.isStart = false;
    this.upSince = undefined;
  }
}
