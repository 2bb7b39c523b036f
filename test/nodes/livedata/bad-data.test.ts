import assert from "node:assert/strict";
import { BadData, QUIET_MS } from "../../../nodes/livedata/bad-data";
import { FakeClock } from "../../support/agent/fake-clock";

describe("Live data that cannot be read", () => {
  function make() {
    const clock = new FakeClock();
    const told: string[] = [];
    const bad = new BadData(clock, (error, { count }) => told.push(`${error.textKey} ${count ?? ""}`.trim()));
    return { clock, told, bad };
  }

  it("is told when it begins, counted while it lasts, and summed up when it is over (fault 75)", () => {
    const { clock, told, bad } = make();
    for (let count = 0; count < 100_000; count++) {
      bad.take("s", "x");
      if (count % 1000 === 0) clock.advance(500);
    }
    assert.deepEqual(told, ["BadLiveData.begun"]);
    clock.advance(QUIET_MS);
    assert.deepEqual(told, ["BadLiveData.begun", "BadLiveData.over 100000"]);
    clock.advance(20 * QUIET_MS);
    assert.equal(told.length, 2);
    assert.equal(clock.pending, 0);
  });

  it("is told once where there was one", () => {
    const { clock, told, bad } = make();
    bad.take("s", "x");
    clock.advance(2 * QUIET_MS);
    assert.deepEqual(told, ["BadLiveData.begun"]);
  });

  it("is one cause also where it trickles: told a few times an hour, not each time", () => {
    const { clock, told, bad } = make();
    for (let minute = 0; minute < 600; minute++) {
      bad.take("s", "x");
      clock.advance(60_000);
    }
    assert.ok(told.length < 8, told.join());
  });

  it("is summed up when the node ends", () => {
    const { clock, told, bad } = make();
    bad.take("s", "x");
    bad.take("s", "y");
    bad.close();
    assert.deepEqual(told, ["BadLiveData.begun", "BadLiveData.over 2"]);
    assert.equal(clock.pending, 0);
  });
});
