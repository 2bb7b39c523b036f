/** How long answers take, as counts by powers of two: bounded however many there are. Pure: it is told the time. */

/** Limits are 1 ms to 65 s, doubling; each step has so many parts, so that a quantile is known to a tenth or so. */
const PARTS = 4;
const STEPS = 16;
const SIZE = STEPS * PARTS + 2;
/** Quantiles are those of the last one or two of such whiles, in milliseconds. */
const RECENT = 300_000;

/** Answers that took at most so many seconds, as Prometheus counts them. */
export interface Bucket {
  /** Seconds. */
  atMost: number;
  count: number;
}

export class Latencies {
  /** Of all answers, in seconds. */
  sum = 0;
  count = 0;
  private readonly all = new Float64Array(SIZE);
  private recent = new Float64Array(SIZE);
  private older = new Float64Array(SIZE);
  private began = 0;

  /** An answer took so many milliseconds. `now`: on the monotonic clock. */
  note(milliseconds: number, now: number): void {
    this.turn(now);
    const slot = slotOf(milliseconds);
    this.all[slot]!++;
    this.recent[slot]!++;
    this.count++;
    this.sum += milliseconds / 1000;
  }

  /** Milliseconds that this part (0 to 1) of the answers of the last minutes took at most; `undefined` without any. */
  quantile(part: number, now: number): number | undefined {
    this.turn(now);
    const counts = this.recent.map((count, slot) => count + (this.older[slot] ?? 0));
    const wanted = counts.reduce((sum, count) => sum + count, 0) * part;
    if (wanted === 0) return undefined;
    let passed = 0;
    for (const [slot, count] of counts.entries()) {
      if (passed + count >= wanted) {
        const least = slot === 0 ? 0 : limitOf(slot - 1);
        return least + ((wanted - passed) / count) * (limitOf(slot) - least);
      }
      passed += count;
    }
    return limitOf(SIZE - 1);
  }

  /** Since the beginning; each bucket counts the ones before it, too. */
  get buckets(): Bucket[] {
    let passed = 0;
    return [...this.all].flatMap((count, slot) => {
      passed += count;
      return slot % PARTS === 0 && slot < SIZE - 1 ? [{ atMost: limitOf(slot) / 1000, count: passed }] : [];
    });
  }

  private turn(now: number): void {
    const passed = Math.floor((now - this.began) / RECENT);
    if (passed <= 0) return;
    this.older = passed === 1 ? this.recent : new Float64Array(SIZE);
    this.recent = new Float64Array(SIZE);
    this.began += passed * RECENT;
  }
}

/** The longest time in a slot, in milliseconds. */
function limitOf(slot: number): number {
  return 2 ** (slot / PARTS);
}

function slotOf(milliseconds: number): number {
  if (milliseconds <= 1) return 0;
  return Math.min(Math.ceil(Math.log2(milliseconds) * PARTS), SIZE - 1);
}
