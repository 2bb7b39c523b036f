/**
 * Lets everything else have its turn while much comes in: without it, what a server sends at full speed is read until
 * there is no more of it.
 */
import type { Readable } from "node:stream";

/** Milliseconds of reading, after which others come first. */
const LONGEST_MS = 10;

export class Breather {
  /** Milliseconds spent since others had their turn. */
  private spent = 0;
  private isTurnAwaited = false;

  constructor(private readonly source: Readable) {}

  /** Works on what has come; when that takes long, nothing more comes until others had their turn. */
  during<T>(work: () => T): T {
    const begun = performance.now();
    try {
      return work();
    } finally {
      this.spent += performance.now() - begun;
      if (this.spent >= LONGEST_MS) this.source.pause();
      this.awaitTurn();
    }
  }

  private awaitTurn(): void {
    if (this.isTurnAwaited) return;
    this.isTurnAwaited = true;
    setImmediate(() => {
      this.isTurnAwaited = false;
      this.spent = 0;
      if (this.source.isPaused()) this.source.resume();
    });
  }
}
