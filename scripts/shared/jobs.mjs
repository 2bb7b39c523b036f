// Work that runs side by side, a few at a time.
import { availableParallelism } from "node:os";

/** Two more than cores: half of what tests do is waiting. */
export const AT_ONCE = Number(process.env.TEST_PROCESSES ?? availableParallelism() + 2);

/**
 * Runs the jobs in their order, so many at a time, and gives what they gave in that order.
 * @template T
 * @param {readonly (() => Promise<T>)[]} jobs
 * @param {number} [atOnce]
 * @returns {Promise<T[]>}
 */
export async function runJobs(jobs, atOnce = AT_ONCE) {
  /** @type {T[]} */
  const results = [];
  const next = jobs.entries();
  const worker = async () => {
    for (const [index, job] of next) results[index] = await job();
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, jobs.length) }, worker));
  return results;
}
