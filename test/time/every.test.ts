import assert from "node:assert/strict";
import { every } from "../../src/time/every";
import { FakeClock } from "../support/agent/fake-clock";

describe("What is done again and again", () => {
  it("is done after each such while, until it is ended", () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const end = every(clock, 100, () => times.push(clock.monotonic()));
    clock.advance(350);
    end();
    clock.advance(1000);
    assert.deepEqual(times, [100, 200, 300]);
    assert.equal(clock.pending, 0);
  });

  it("can end itself", () => {
    const clock = new FakeClock();
    let times = 0;
    const end = every(clock, 100, () => {
      if (++times === 2) end();
    });
    clock.advance(1000);
    assert.deepEqual([times, clock.pending], [2, 0]);
  });
});
