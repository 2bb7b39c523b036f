/** The bound on a rate, on a clock that the test moves. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { TokenBucket } from "../../src/outbox/token-bucket";

describe("A token bucket", () => {
  it("lets one after the other through at its rate, and a burst after a rest", () => {
    const bucket = new TokenBucket(10);
    bucket.empty(1000);
    const taken: number[] = [];
    for (let now = 1000; now < 2000; now += 10) {
      if (bucket.wait(now) > 0) continue;
      bucket.take(1, now);
      taken.push(now);
    }
    assert.deepEqual([taken.length, taken[0], taken[1]], [10, 1000, 1100]);
    let burst = 0;
    for (; bucket.wait(60_000) === 0; burst++) bucket.take(1, 60_000);
    assert.equal(burst, 11);
  });

  it("lets through what is larger than all that it holds, and makes the next one wait for that", () => {
    const bucket = new TokenBucket(1000);
    bucket.empty(0);
    bucket.take(5000, 0);
    assert.equal(bucket.wait(0), 5000);
    assert.equal(bucket.wait(4999), 1);
    assert.equal(bucket.wait(5000), 0);
  });

  it("has no bound where it is told none", () => {
    const unbounded = new TokenBucket(Infinity);
    for (let taken = 0; taken < 10; taken++) unbounded.take(1e9, 0);
    assert.equal(unbounded.wait(0), 0);
  });

  it("never lets through more than rate × time and one burst, whatever is taken when", () => {
    const steps = fc.array(fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 50 })), { maxLength: 200 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), steps, (rate, all) => {
        const bucket = new TokenBucket(rate);
        let now = 0;
        let taken = 0;
        let last = 0;
        bucket.empty(now);
        for (const [passed, amount] of all) {
          now += passed;
          if (bucket.wait(now) > 0) continue;
          bucket.take(amount, now);
          taken += amount;
          last = amount;
        }
        assert.ok(taken - last <= (rate * now) / 1000 + rate + 1e-6);
      }),
    );
  });
});
