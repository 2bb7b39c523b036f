import assert from "node:assert/strict";
import { Progress } from "../../../nodes/shared/progress";
import { FakeClock } from "../../support/agent/fake-clock";

describe("The progress of a node", () => {
  let clock: FakeClock;
  let progress: Progress;
  let changes: number[];
  beforeEach(() => {
    clock = new FakeClock();
    changes = [];
    progress = new Progress(clock, () => changes.push(progress.count));
  });
  afterEach(() => progress.close());

  it("says nothing of messages that are served within half a second, however many there are", () => {
    for (let second = 0; second < 10; second++) {
      const first = progress.begin();
      clock.advance(400);
      progress.end(first);
      clock.advance(600);
    }
    assert.deepEqual([...new Set(changes)], [0]);
  });

  it("counts all that are served as soon as one has taken half a second, and no more when it has ended", () => {
    const first = progress.begin();
    clock.advance(300);
    const second = progress.begin();
    assert.deepEqual(changes, []);
    clock.advance(200);
    assert.deepEqual(changes, [2]);
    progress.end(first);
    assert.deepEqual(changes, [2, 0]);
    clock.advance(500);
    assert.equal(changes.at(-1), 1);
    progress.end(second);
    assert.equal(changes.at(-1), 0);
  });

  it("looks no more when everything has ended", () => {
    progress.end(progress.begin());
    clock.advance(10_000);
    assert.equal(changes.length, 1);
  });
});
