/** The timestamps of pushes while the machine's clock does what it likes. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { nextTimestamp } from "../../src/protocol/timestamps";

describe("the timestamp of a sensor's next push", () => {
  it("is the clock's, and one later than the last where that is not later", () => {
    assert.equal(nextTimestamp(2000, 1000), 2000);
    assert.equal(nextTimestamp(2000, 2000), 2001);
    assert.equal(nextTimestamp(2000, 61_999), 62_000);
  });

  it("is the clock's again when that was set back: a wrong time is not kept", () => {
    assert.equal(nextTimestamp(2000, 62_000), 2000);
  });

  it("is never that of the last push", () => {
    const time = fc.nat(200_000);
    fc.assert(fc.property(time, time, (now, last) => nextTimestamp(now, last) !== last));
  });
});
