import assert from "node:assert/strict";
import {
  BackOff,
  GOOD_SESSION_MS,
  LONGEST_MS,
  SHORT_SESSION_MS,
  SHORTEST_MS,
} from "../../src/client/back-off";

/** A reproducible random number generator (mulberry32). */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("BackOff (fault 10)", () => {
  it("waits anything between half a second and a ceiling that doubles to a minute", () => {
    const shortest = new BackOff(() => 0);
    const longest = new BackOff(() => 1);
    const waits = Array.from({ length: 9 }, () => longest.afterFailure());
    assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    for (let i = 0; i < 9; i++) assert.equal(shortest.afterFailure(), SHORTEST_MS);
  });

  it("has the mean of full jitter over 200 failures", () => {
    const backOff = new BackOff(seeded(1));
    const waits = Array.from({ length: 200 }, () => backOff.afterFailure()).slice(7);
    const mean = waits.reduce((sum, wait) => sum + wait, 0) / waits.length;
    const theory = (SHORTEST_MS + LONGEST_MS) / 2;
    assert.ok(Math.abs(mean - theory) < theory / 10, `${mean} instead of ${theory}`);
  });

  it("spreads 50 clients that lost the same agent: no second sees more than a fifth of them", () => {
    const seconds = new Map<number, number>();
    for (let client = 0; client < 50; client++) {
      const backOff = new BackOff(seeded(client));
      let time = 0;
      for (let attempt = 0; attempt < 6; attempt++) time += backOff.afterFailure();
      const second = Math.floor(time / 1000);
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
    }
    assert.ok(Math.max(...seconds.values()) <= 10);
  });

  it("starts again only after a good session", () => {
    const backOff = new BackOff(() => 1);
    for (let i = 0; i < 4; i++) backOff.afterFailure();
    assert.equal(backOff.afterSession({ lived: GOOD_SESSION_MS - 1, heard: true }), 16_000);
    assert.equal(backOff.afterSession({ lived: GOOD_SESSION_MS, heard: false }), 1000);
  });

  it("waits no longer and longer after sessions that were of some use", () => {
    for (const lived of [SHORT_SESSION_MS, GOOD_SESSION_MS - 1]) {
      const backOff = new BackOff(() => 1);
      backOff.afterFailure();
      for (let i = 0; i < 4; i++) assert.equal(backOff.afterSession({ lived, heard: true }), 2000);
    }
  });

  it("waits longer and longer after sessions that end at once, or in which nothing is heard (fault 50)", () => {
    for (const useless of [
      { lived: SHORT_SESSION_MS - 1, heard: true },
      { lived: GOOD_SESSION_MS - 1, heard: false },
    ]) {
      const backOff = new BackOff(() => 1);
      const waits = Array.from({ length: 8 }, () => backOff.afterSession(useless));
      assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
    }
  });
});
