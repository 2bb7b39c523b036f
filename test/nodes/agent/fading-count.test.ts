import assert from "node:assert/strict";
import { mock } from "node:test";
import { FadingCount } from "../../../nodes/agent/fading-count";

describe("A count that fades", () => {
  beforeEach(() => mock.timers.enable({ apis: ["setTimeout"] }));
  afterEach(() => mock.timers.reset());

  it("is there while things happen, and gone a minute after the last of them", () => {
    let changes = 0;
    const count = new FadingCount(() => changes++);
    count.note(1);
    mock.timers.tick(40_000);
    count.note(3);
    mock.timers.tick(40_000);
    assert.deepEqual([count.value, changes], [3, 0]);
    mock.timers.tick(40_000);
    assert.deepEqual([count.value, changes], [0, 1]);
    count.note(4);
    assert.equal(count.value, 1);
  });

  it("leaves no timer behind", () => {
    const count = new FadingCount(() => assert.fail("called"));
    count.note(1);
    count.stop();
    mock.timers.tick(100_000);
    assert.equal(count.value, 0);
  });
});
