/** Many requests for one message, a few at a time, so that one message does not fill the queue. */

const AT_ONCE = 16;

/** How far long work is, in requests. */
export interface Steps {
  done: number;
  of: number;
}

/** `work` for each entry; the results in the order of the entries. The first error ends it. `steps` is told how far it is. */
export async function concurrently<T, R>(
  entries: readonly T[],
  work: (entry: T) => Promise<R>,
  steps: Steps = { done: 0, of: 0 },
  atOnce = AT_ONCE,
): Promise<R[]> {
  const results: R[] = [];
  const next = entries.entries();
  let failed = false;
  steps.of += entries.length;
  const worker = async (): Promise<void> => {
    for (const [index, entry] of next) {
      if (failed) return;
      try {
        results[index] = await work(entry);
        steps.done++;
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, entries.length) }, worker));
  return results;
}
