import assert from "node:assert/strict";
import { concurrently } from "../../../nodes/shared/concurrently";
import { PartialFailure } from "../../../nodes/shared/error-report";
import { forEachSensor, readIds, several } from "../../../nodes/shared/lists";
import { IotError } from "../../../src/protocol/errors";

describe("Many requests for one message", () => {
  it("are a few at a time, and give their results in the order asked", async () => {
    let running = 0;
    let most = 0;
    const steps = { done: 0, of: 0 };
    const results = await concurrently(
      [...Array(50).keys()],
      async (index) => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return index * 2;
      },
      steps,
      { atOnce: 4 },
    );
    assert.equal(most, 4);
    assert.deepEqual(steps, { done: 50, of: 50 });
    assert.deepEqual(
      results,
      [...Array(50).keys()].map((index) => index * 2),
    );
  });

  it("end with the first error, and no more are begun", async () => {
    const begun: number[] = [];
    const work = (index: number): Promise<void> => {
      begun.push(index);
      return index === 2 ? Promise.reject(new Error("second")) : Promise.resolve();
    };
    await assert.rejects(concurrently([1, 2, 3, 4], work, undefined, { atOnce: 1 }), /second/);
    assert.deepEqual(begun, [1, 2]);
  });

  it("are more at a time where answers are waited for long, and never so many that nothing else could go", async () => {
    let now = 0;
    let running = 0;
    let most = 0;
    const mostAt = async (milliseconds: number): Promise<number> => {
      most = 0;
      const work = async (): Promise<void> => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        now += milliseconds;
        running--;
      };
      await concurrently([...Array(500).keys()], work, undefined, { clock: { monotonic: () => now } });
      return most;
    };
    assert.equal(await mostAt(1), 16);
    assert.equal(await mostAt(100), 64);
  });

  it("that fail in part tell the two parts apart", async () => {
    const refused = new IotError("UnknownSensorId");
    await assert.rejects(
      forEachSensor(["a", "b", "c"], (id) => (id === "b" ? Promise.reject(refused) : Promise.resolve(id))),
      (error) =>
        error instanceof PartialFailure &&
        error.error === refused &&
        assert.deepEqual(error.parts, { sensors: ["b"], delivered: ["a", "c"] }) === undefined,
    );
  });
});

describe("IDs", () => {
  it("are a text, an object that has it, or a list of these", () => {
    assert.deepEqual(readIds("sensor", "sensorId", "a"), ["a"]);
    assert.deepEqual(readIds("sensor", "sensorId", { sensorId: "a", name: "A" }), ["a"]);
    assert.deepEqual(readIds("sensor", "sensorId", ["a", { sensorId: "b" }, "a"]), ["a", "b"]);
  });

  it("can be several in one text, with commas between them, which no ID has", () => {
    assert.deepEqual(several("a, b c,d ,"), ["a", "b c", "d"]);
    assert.equal(several("b c"), "b c");
    assert.deepEqual(several(["a,b"]), ["a,b"]);
    assert.equal(several(undefined), undefined);
  });

  it("are named where they are wrong", () => {
    assert.throws(
      () => readIds("sensor", "sensorId", undefined),
      /Sensor ID \(by default msg\.sensorId\) is missing/,
    );
    assert.throws(() => readIds("sensor", "sensorId", []), /Sensor ID .* must have at least one entry/);
    assert.throws(() => readIds("sensor", "sensorId", ["a", "b/c"]), /Sensor ID .*: \[1\] is "b\/c"/);
  });
});
