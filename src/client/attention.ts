/**
 * Whether anybody answers on a session. The broker in front of an agent keeps a connection, and takes what is sent, when
 * the agent is gone or the client has lost its rights (fault 51).
 */
import type { Clock } from "../time/clock";

/** A question that has gone unanswered for so long, with nothing else heard, is told. */
export const UNANSWERED_MS = 30_000;

export class Attention {
  /** When something was sent for the first time since anything was heard. */
  private askedAt: number | undefined;
  private cancel: (() => void) | undefined;
  private told = false;

  constructor(
    private readonly clock: Clock,
    private readonly tell: () => void,
  ) {}

  /** Nobody has answered for a long time. */
  get isMissing(): boolean {
    return this.told;
  }

  asked(): void {
    if (this.askedAt !== undefined) return;
    this.askedAt = this.clock.monotonic();
    this.cancel ??= this.clock.after(UNANSWERED_MS, () => this.look());
  }

  heard(): void {
    this.askedAt = undefined;
    this.told = false;
  }

  /** The session has ended. */
  end(): void {
    this.heard();
    this.cancel?.();
    this.cancel = undefined;
  }

  /** One timer for many questions: nearly all of them are answered before it rings. */
  private look(): void {
    this.cancel = undefined;
    if (this.askedAt === undefined) return;
    const left = this.askedAt + UNANSWERED_MS - this.clock.monotonic();
    if (left > 0) {
      this.cancel = this.clock.after(left, () => this.look());
      return;
    }
    this.told = true;
    this.tell();
  }
}
