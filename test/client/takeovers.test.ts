/** Two clients with one identity push each other off for ever (fault 11). */
import assert from "node:assert/strict";
import { Takeovers } from "../../src/client/takeovers";

describe("Takeovers (fault 11)", () => {
  it("are too many when five come within half a minute", () => {
    const takeovers = new Takeovers();
    assert.deepEqual(
      [0, 7000, 14_000, 21_000, 28_000, 35_000].map((now) => takeovers.note(now)),
      [false, false, false, false, true, true],
    );
  });

  it("are none where sessions end now and then, however often in all", () => {
    const takeovers = new Takeovers();
    for (let now = 0; now < 600_000; now += 7500) assert.equal(takeovers.note(now), false);
  });

  it("are counted anew after a session that lasted", () => {
    const takeovers = new Takeovers();
    for (let now = 0; now < 4; now++) takeovers.note(now);
    takeovers.reset();
    assert.equal(takeovers.note(5), false);
  });
});
