/** Many requests for one message, a few at a time, so that one message does not fill the queue. */

const AT_ONCE = 16;

/** `work` for each entry; the results in the order of the entries. The first error ends it. */
export async function concurrently<T, R>(
  entries: readonly T[],
  work: (entry: T) => Promise<R>,
  atOnce = AT_ONCE,
): Promise<R[]> {
  const results: R[] = [];
  const next = entries.entries();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (const [index, entry] of next) {
      if (failed) return;
      try {
        results[index] = await work(entry);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, entries.length) }, worker));
  return results;
}
