/** What is told of a connection that is not there: an outage is told once, and not each of its attempts. Pure. */
import type { IotError } from "../../src/protocol/errors";

/** Milliseconds that a connection may take to come up, as an agent does that is started together with Node-RED. */
const GRACE = 10_000;

export class Outage {
  private told: string | undefined;
  private begun = Number.POSITIVE_INFINITY;

  /** Tried from now on, by somebody who wants to hear of it again; `now` in milliseconds. */
  begin(now: number): void {
    this.told = undefined;
    this.begun = now;
  }

  /** There is a connection: its loss is news at once. */
  end(): void {
    this.begin(Number.NEGATIVE_INFINITY);
  }

  /** Whether to tell of an attempt that failed, or a connection that was lost. */
  isNews(failure: IotError, permanent: boolean, now: number): boolean {
    if (failure.textKey === this.told) return false;
    const isReason = permanent || failure.name === "IdentityInUse";
    // "Lost" and "nothing answers" are one outage; a reason that somebody has to remove is always news.
    if (!isReason && (this.told !== undefined || now < this.begun + GRACE)) return false;
    this.told = failure.textKey;
    return true;
  }
}
