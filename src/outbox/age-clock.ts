/** Time for the ages of records: it runs on evenly, whatever is done to the machine's clock (fault 34). */
import type { Clock } from "../time/clock";

/** When a record was accepted. */
export interface Moment {
  /** By the age clock, in milliseconds: a record's age counts from here. */
  acceptedAt: number;
  /** By the machine's clock, in milliseconds since the epoch; the same where it is not told. */
  clock?: number;
}

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
   * Runs on after a restart, from the newest record. How long nothing ran only the machine's clock can say: it is
   * believed, but for a time before that record, which counts as no time at all. A clock that was set forward since
   * that record looks like a long power cut, and is taken for one: values that are given up too soon are told.
   */
  runOnFrom({ acceptedAt, clock = acceptedAt }: Moment): void {
    const { machine } = this;
    this.origin = acceptedAt + Math.max(machine.now() - clock, 0) - machine.monotonic();
  }
}
