/** Values of one sensor as one push: those of one time, and those that come within a moment. */
import assert from "node:assert/strict";
import { Gatherer } from "../../src/points/gatherer";
import { groupPushes, type PointPush } from "../../src/points/pushes";
import { FakeClock } from "../support/agent/fake-clock";

const report = (sensorId: string, metricId: string, time?: number) => ({
  sensorId,
  metricId,
  value: 1,
  time,
});
const shown = ({ sensorId, metrics, time }: PointPush) => [
  sensorId,
  metrics.map(({ metricId }) => metricId).join(),
  time,
];

describe("Values of one sensor", () => {
  it("go as one push where their times are together, and as several where they are not", () => {
    const reports = [report("s", "a", 10), report("t", "a", 10), report("s", "b", 25), report("s", "c", 12)];
    assert.deepEqual(groupPushes(reports, 5).map(shown), [
      ["s", "a,c", 12],
      ["t", "a", 10],
      ["s", "b", 25],
    ]);
    assert.deepEqual(groupPushes(reports, 15).map(shown), [
      ["s", "a,c,b", 25],
      ["t", "a", 10],
    ]);
  });

  it("go as several pushes where a metric comes twice, oldest first", () => {
    assert.deepEqual(groupPushes([report("s", "a", 2), report("s", "a", 1)], 10).map(shown), [
      ["s", "a", 1],
      ["s", "a", 2],
    ]);
  });

  it("wait for each other within a moment, and all hear how the push ended", async () => {
    const clock = new FakeClock();
    const pushes: PointPush[] = [];
    const gatherer = new Gatherer(
      50,
      (push) => {
        pushes.push(push);
        return push.sensorId === "bad" ? Promise.reject(new Error("no")) : Promise.resolve(pushes.length);
      },
      clock,
    );
    const give = (sensorId: string, metricId: string, time?: number) =>
      gatherer.add({ sensorId, metrics: [{ metricId, value: 1 }], time });
    const first = [give("s", "a"), give("s", "b"), give("t", "a")];
    clock.advance(49);
    assert.equal(pushes.length, 0);
    clock.advance(1);
    assert.deepEqual(await Promise.all(first), [1, 1, 2]);
    assert.deepEqual(pushes.map(shown), [
      ["s", "a,b", undefined],
      ["t", "a", undefined],
    ]);

    const again = [give("s", "a"), give("s", "a"), give("bad", "a")];
    gatherer.flush();
    assert.deepEqual(await Promise.all(again.slice(0, 2)), [3, 4]);
    await assert.rejects(again[2]!, /no/);
  });
});
