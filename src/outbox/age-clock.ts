/** Time for the ages of records: it runs on evenly, whatever is done to the machine's clock (fault 34). */
import type { Clock } from "../time/clock";

/** When a record was accepted. */
export interface Moment {
  /** By the age clock, in milliseconds: a record's age counts from here. */
  acceptedAt: number;
  /** By the machine's clock, in milliseconds since the epoch; the same where it is not told. */
  clock?: number;
}

/** Before this the clock of no machine that runs this was right: one without a battery begins in 1970, or where it stopped. */
const EARLIEST = Date.UTC(2024, 0, 1);

export class AgeClock {
  /** What the machine's clock said when the monotonic one began, had nobody set it since. */
  private origin: number;

  constructor(private readonly machine: Pick<Clock, "now" | "monotonic">) {
    this.origin = machine.now() - machine.monotonic();
  }

  now(): number {
    return Math.round(this.origin + this.machine.monotonic());
  }

  moment(): Moment {
    return { acceptedAt: this.now(), clock: this.machine.now() };
  }

  /**
   * Runs on after a restart, from the last moment that is known of. How long nothing ran only the machine's clock can
   * say, so it is believed, within bounds: no time is less than none, and a clock that was never set knows nothing. A
   * clock that was set forward since that moment looks like a long power cut, and is taken for one: values that are
   * given up too soon are told.
   */
  runOnFrom({ acceptedAt, clock = acceptedAt }: Moment): void {
    const { machine } = this;
    const now = machine.now();
    const wasSet = Math.min(clock, now) >= EARLIEST;
    this.origin = acceptedAt + (wasSet ? Math.max(now - clock, 0) : 0) - machine.monotonic();
  }
}
