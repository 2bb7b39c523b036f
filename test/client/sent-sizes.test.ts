import assert from "node:assert/strict";
import { SentSizes } from "../../src/client/sent-sizes";

describe("The sizes of what was sent", () => {
  it("are the reason where a session ends at once after the largest of all, each time (fault 55)", () => {
    const sizes = new SentSizes();
    for (const now of [0, 10_000]) {
      sizes.note(100, now);
      sizes.note(3000, now + 1);
      sizes.note(200, now + 2);
      assert.equal(sizes.ended(now + 50), 3000);
    }
  });

  it("are none where the session went on after it, or another one as large got through", () => {
    const sizes = new SentSizes();
    sizes.note(3000, 0);
    assert.equal(sizes.ended(2000), undefined);
    sizes.note(3000, 5000);
    assert.equal(sizes.ended(5001), undefined);
    sizes.note(3001, 6000);
    assert.equal(sizes.ended(6001), 3001);
  });

  it("are none where all was small", () => {
    const sizes = new SentSizes();
    sizes.note(300, 0);
    assert.equal(sizes.ended(1), undefined);
  });
});
