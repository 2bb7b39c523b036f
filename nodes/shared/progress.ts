/** Messages that a node serves, as its badge tells them: only those that take long, for others would flicker. */
import { Chain, Link } from "../../src/collections/chain";
import type { Clock } from "../../src/time/clock";
import type { Steps } from "./concurrently";

const LONG_MS = 500;

/** A message that is served; with its steps, where it is many requests. */
export class Begun extends Link implements Steps {
  done = 0;
  of = 0;

  constructor(readonly at: number) {
    super();
  }
}

export class Progress {
  /** When each message began; the oldest first. */
  private readonly begun = new Chain<Begun>();
  private cancel: (() => void) | undefined;
  private isShown = false;

  constructor(
    private readonly clock: Pick<Clock, "monotonic" | "after">,
    /** `count` may have changed. */
    private readonly changed: () => void,
  ) {}

  /** All that are served, as soon as one of them has taken long. */
  get count(): number {
    const { oldest } = this.begun;
    const isLong = oldest !== undefined && this.clock.monotonic() - oldest.at >= LONG_MS;
    return isLong ? this.begun.size : 0;
  }

  /** How many are served, however long. */
  get size(): number {
    return this.begun.size;
  }

  /** How far the messages are that are many requests each; `undefined` where none is, or none has taken long. */
  get steps(): Steps | undefined {
    if (this.count === 0) return undefined;
    const sum = { done: 0, of: 0 };
    for (const { done, of } of this.begun) {
      if (of < 2) continue;
      sum.done += done;
      sum.of += of;
    }
    return sum.of === 0 ? undefined : sum;
  }

  begin(): Begun {
    const message = new Begun(this.clock.monotonic());
    this.begun.add(message);
    this.cancel ??= this.clock.after(LONG_MS, () => this.look());
    return message;
  }

  end(message: Begun): void {
    this.begun.delete(message);
    if (this.isShown) this.show();
  }

  close(): void {
    this.cancel?.();
    for (const message of this.begun) this.begun.delete(message);
  }

  /** One timer for all messages: it looks at the oldest, and again and again while there is one. */
  private look(): void {
    const { oldest } = this.begun;
    this.cancel = undefined;
    this.show();
    if (oldest === undefined) return;
    const wait = oldest.at + LONG_MS - this.clock.monotonic();
    this.cancel = this.clock.after(wait > 0 ? wait : LONG_MS, () => this.look());
  }

  private show(): void {
    this.isShown = this.count > 0;
    this.changed();
  }
}
