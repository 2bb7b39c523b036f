/** What a run starts: brokers, clients, Node-REDs. */

/** Stops it at the end. */
export type Keep = <T extends { stop(): Promise<unknown> }>(part: T) => T;

/** What was started is stopped, whatever happens. */
export async function withParts(work: (keep: Keep) => Promise<void>): Promise<void> {
  const running: { stop(): Promise<unknown> }[] = [];
  try {
    await work((part) => {
      running.unshift(part);
      return part;
    });
  } finally {
    for (const part of running) await part.stop();
  }
}
