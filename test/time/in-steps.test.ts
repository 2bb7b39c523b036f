/** Long work in steps. */
import assert from "node:assert/strict";
import { inSteps } from "../../src/time/in-steps";
import { FakeClock } from "../support/agent/fake-clock";

describe("Long work in steps", () => {
  /** A clock on which each look takes a millisecond, and how often others had their turn. */
  class SteppingClock extends FakeClock {
    turns = 0;
    private looks = 0;

    override monotonic(): number {
      return this.looks++;
    }

    override soon(run: () => void): void {
      this.turns++;
      queueMicrotask(run);
    }
  }

  function* steps(count: number, done: number[]): Generator<undefined, string> {
    for (let step = 0; step < count; step++) {
      done.push(step);
      yield;
    }
    return "done";
  }

  it("lets others have their turn every ten milliseconds, and gives what comes of it", async () => {
    const clock = new SteppingClock();
    assert.equal(await inSteps(steps(1000, []), clock, () => false), "done");
    assert.ok(clock.turns >= 1000 / 11, `${clock.turns} turns`);
    assert.ok(clock.turns <= 1000 / 9, `${clock.turns} turns`);
  });

  it("goes no further when nobody waits any more", async () => {
    const done: number[] = [];
    assert.equal(await inSteps(steps(1000, done), new SteppingClock(), () => done.length >= 50), undefined);
    assert.ok(done.length < 100, `${done.length} steps`);
  });

  it("ends with the error of a step", async () => {
    function* broken(): Generator<undefined, string> {
      yield;
      throw new Error("broken");
    }
    await assert.rejects(
      inSteps(broken(), new SteppingClock(), () => false),
      /broken/,
    );
  });
});
