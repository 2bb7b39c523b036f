// Which test files run together in one process of mocha: batches that last about equally long, as far as one knows.
// A process of its own for each file would load Node-RED and the tests' compiler a hundred times. Pure.

/** For a file that nobody has measured yet. */
export const USUAL_SECONDS = 2;

/** @typedef {{ files: string[], seconds: number }} Batch */

/**
 * Longest first, so that at the end no long one runs alone.
 * @param {readonly string[]} files
 * @param {Readonly<Record<string, number>>} durations seconds that a file took last
 * @param {number} count of batches, where there are as many files
 * @returns {Batch[]}
 */
export function batchesOf(files, durations, count) {
  const secondsOf = (file) => durations[file] ?? USUAL_SECONDS;
  /** @type {Batch[]} */
  const batches = Array.from({ length: Math.min(count, files.length) }, () => ({ files: [], seconds: 0 }));
  const sorted = [...files].sort((a, b) => secondsOf(b) - secondsOf(a) || (a < b ? -1 : 1));
  for (const file of sorted) {
    const least = batches.reduce((best, batch) => (isLess(batch, best) ? batch : best));
    least.files.push(file);
    least.seconds += secondsOf(file);
  }
  for (const { files } of batches) files.sort();
  return batches.sort((a, b) => b.seconds - a.seconds);
}

function isLess(one, other) {
  return (
    one.seconds < other.seconds || (one.seconds === other.seconds && one.files.length < other.files.length)
  );
}
