/**
 * Gets answers out of a broker that holds them back: as brokers come, a small packet waits until the one before it is
 * acknowledged (Nagle's algorithm), and what receives acknowledges with what it sends next, or after 40 ms. So where
 * answers are awaited and we have nothing to say for a moment, a packet of two bytes takes the acknowledgement along.
 */
import type { Clock } from "../../time/clock";

/** A broker that holds nothing back has sent the next answer by then. */
const MOMENT_MS = 2;

export class Nudge {
  /** Something came after what we sent last. */
  private isOwed = false;
  private cancel: (() => void) | undefined;

  constructor(
    private readonly clock: Pick<Clock, "after">,
    private readonly isAwaiting: () => boolean,
    private readonly send: () => void,
  ) {}

  came(): void {
    this.isOwed = true;
    // One timer for many packets.
    if (this.isAwaiting()) this.cancel ??= this.clock.after(MOMENT_MS, () => this.look());
  }

  sent(): void {
    this.isOwed = false;
  }

  close(): void {
    this.cancel?.();
    this.cancel = undefined;
  }

  private look(): void {
    this.cancel = undefined;
    if (!this.isOwed || !this.isAwaiting()) return;
    this.isOwed = false;
    this.send();
  }
}
