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

  it("tells how far the messages are that are many requests each, and not of those that are one", () => {
    const message = progress.begin();
    progress.begin();
    Object.assign(message, { done: 1, of: 50 });
    assert.equal(progress.steps, undefined);
    clock.advance(500);
    assert.deepEqual(progress.steps, { done: 1, of: 50 });
    message.done = 7;
    const looks = changes.length;
    clock.advance(500);
    assert.ok(changes.length > looks);
    assert.deepEqual(progress.steps, { done: 7, of: 50 });
    progress.end(message);
    assert.equal(progress.steps, undefined);
  });

  it("looks no more when everything has ended", () => {
    progress.end(progress.begin());
    clock.advance(10_000);
    assert.equal(changes.length, 1);
  });
});
