/** The pace of a backlog, and what is said of it, on a clock that the test moves. */
import assert from "node:assert/strict";
import { Replay } from "../../src/outbox/replay";

const SETTINGS = { records: 100, bytes: 10_000, order: "liveFirst" } as const;

describe("What is said of a backlog", () => {
  it("is its size, and nothing of an end while there is no connection", () => {
    assert.deepEqual(new Replay(SETTINGS).view(500, 50_000, 0), { waiting: 500, bytes: 50_000, rate: 0 });
  });

  it("is at first what the pace allows, by records or by bytes, whichever is less", () => {
    const replay = new Replay(SETTINGS);
    replay.begin(0);
    assert.deepEqual(replay.view(500, 5000, 0), { waiting: 500, bytes: 5000, rate: 100, seconds: 5 });
    assert.deepEqual(replay.view(500, 500_000, 0), { waiting: 500, bytes: 500_000, rate: 10, seconds: 50 });
  });

  it("is then what was seen of late, and no end where nothing goes", () => {
    const replay = new Replay(SETTINGS);
    replay.begin(500);
    for (let now = 500; now < 10_500; now += 25) replay.note(now);
    const { rate, seconds } = replay.view(400, 40_000, 10_500);
    assert.deepEqual([Math.round(rate), Math.round(seconds ?? 0)], [40, 10]);
    assert.equal(replay.view(400, 40_000, 100_000).seconds, undefined);
    for (let now = 200_000; now < 240_000; now += 100) replay.note(now);
    assert.equal(Math.round(replay.view(400, 40_000, 240_000).rate), 10);
  });

  it("is no guess where there is no bound", () => {
    const replay = new Replay({ ...SETTINGS, records: 0, bytes: 0 });
    replay.begin(0);
    assert.deepEqual(replay.view(10, 1000, 0), { waiting: 10, bytes: 1000, rate: 0 });
  });
});
