import assert from "node:assert/strict";
import { inWords, judge, rounded } from "../../bench/targets";

describe("A target of the bench", () => {
  it("holds up to its bound, and says so beside its name and value", () => {
    assert.deepEqual(judge("CPU", 0.4, { atMost: 0.4 }), {
      name: "CPU",
      value: 0.4,
      target: "≤ 0.4",
      holds: true,
    });
    assert.equal(judge("CPU", 0.4001, { atMost: 0.4 }).holds, false);
    assert.equal(judge("rate", 2.5, { atLeast: 2.5 }).holds, true);
    assert.equal(judge("rate", 2.49, { atLeast: 2.5 }).holds, false);
  });

  it("does not hold where nothing was measured", () => {
    assert.equal(judge("rate", NaN, { atLeast: 2.5 }).holds, false);
  });

  it("is told in words, and numbers to three digits", () => {
    assert.equal(inWords({ atLeast: 1, atMost: 2 }), "≥ 1, ≤ 2");
    assert.equal(inWords({}), "");
    assert.deepEqual([1234.5, 0.012345, 1].map(rounded), [1230, 0.0123, 1]);
  });
});
