/** Whether a change of the machine's clock is noticed, and nothing else is taken for one. */
import assert from "node:assert/strict";
import { watchClock } from "../../src/time/clock-watch";
import { FakeClock } from "../support/agent/fake-clock";

const YEAR = 365 * 24 * 60 * 60_000;

describe("The watch over the machine's clock (fault 47)", () => {
  let clock: FakeClock;
  let set = 0;
  let stop: () => void;
  beforeEach(() => {
    clock = new FakeClock();
    set = 0;
    stop = watchClock(clock, () => set++);
  });

  for (const [what, by] of [
    ["ahead by a year", YEAR],
    ["back by a year", -YEAR],
    ["ahead by three seconds", 3000],
  ] as const) {
    it(`tells within five seconds, once, that it was set ${what}`, () => {
      clock.advance(60_000);
      clock.jump(by);
      clock.advance(5_000);
      assert.equal(set, 1);
      clock.advance(600_000);
      assert.equal(set, 1);
    });
  }

  it("tells of a change that comes in many small steps", () => {
    for (let step = 0; step < 60; step++) {
      clock.jump(100);
      clock.advance(5_000);
    }
    assert.equal(set, 2);
  });

  it("says nothing of time that goes by, or of one second more or less", () => {
    clock.jump(1000);
    clock.advance(600_000);
    clock.jump(-2000);
    clock.advance(600_000);
    assert.equal(set, 0);
  });

  it("is over when it is ended, and leaves no timer", () => {
    stop();
    clock.jump(YEAR);
    clock.advance(600_000);
    assert.equal(set, 0);
    assert.equal(clock.pending, 0);
  });
});
