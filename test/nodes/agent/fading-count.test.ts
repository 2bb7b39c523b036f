import assert from "node:assert/strict";
import { FadingCount } from "../../../nodes/agent/fading-count";
import { FakeClock } from "../../support/agent/fake-clock";

describe("A count that fades", () => {
  it("is there while things happen, and gone a minute after the last of them", () => {
    const clock = new FakeClock();
    let changes = 0;
    const count = new FadingCount(() => changes++, clock);
    count.note(1);
    clock.advance(40_000);
    count.note(3);
    clock.advance(40_000);
    assert.deepEqual([count.value, changes], [3, 0]);
    clock.advance(40_000);
    assert.deepEqual([count.value, changes], [0, 1]);
    count.note(4);
    assert.equal(count.value, 1);
  });

  it("leaves no timer behind", () => {
    const clock = new FakeClock();
    const count = new FadingCount(() => assert.fail("called"), clock);
    count.note(1);
    count.stop();
    assert.equal(clock.pending, 0);
    assert.equal(count.value, 0);
  });
});
