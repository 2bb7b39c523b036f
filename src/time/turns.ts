/** Work that must not overlap: each piece runs when those before it have ended, however they ended. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Gives what the work gives; its failure does not keep the next from running. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work);
    this.last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when nothing runs or waits any more. */
  async ended(): Promise<void> {
    await this.last;
  }
}
