import assert from "node:assert/strict";
import { readDefinitions, readUpdates } from "../../../nodes/metric/definitions";
import { writeMetricDefinitions } from "../../../src/protocol/requests";

const read = (value: unknown) => {
  let count = 0;
  return readDefinitions(value, () => `made ${++count}`);
};

describe("Definitions of metrics", () => {
  it("are one object, a list, or the API's own message", () => {
    const definition = { name: "Temperature", valueUnit: "SI.Temperature.CELSIUS" };
    const expected = [{ matchingId: "made 1", ...definition }];
    assert.deepEqual(read(definition), expected);
    assert.deepEqual(read([definition]), expected);
    assert.deepEqual(read({ metrics: [definition] }), expected);
  });

  it("keep a matchingId that is there", () => {
    const [first, second] = read([{ matchingId: "mine", name: "a" }, { name: "b" }]);
    assert.deepEqual([first?.matchingId, second?.matchingId], ["mine", "made 1"]);
  });

  it("take what a dialog leaves empty as not given", () => {
    const [custom] = read({ name: "a", valueUnit: "", valueType: "integer", valueAnnotation: "parts" });
    assert.deepEqual(custom, {
      matchingId: "made 1",
      name: "a",
      valueType: "integer",
      valueAnnotation: "parts",
    });
    assert.throws(
      () => writeMetricDefinitions(read({ name: "a", valueUnit: "", valueType: "" })),
      /valueUnit/,
    );
  });

  it("may have an annotation that is empty, beside a type", () => {
    const [custom] = read({ name: "a", valueType: "double", valueAnnotation: "" });
    assert.deepEqual(custom, { matchingId: "made 1", name: "a", valueType: "double", valueAnnotation: "" });
    const [predefined] = read({ name: "a", valueUnit: "u", valueType: "", valueAnnotation: "" });
    assert.deepEqual(predefined, { matchingId: "made 1", name: "a", valueUnit: "u" });
  });

  it("drop nothing that contradicts a unit: it is refused", () => {
    assert.throws(
      () => writeMetricDefinitions(read({ name: "a", valueUnit: "u", valueType: "double" })),
      /valueType is "double", but this metric has a valueUnit already/,
    );
  });

  for (const value of [undefined, null, "", [], { metrics: [] }, 5, "name", [5]]) {
    it(`are not ${JSON.stringify(value) ?? "undefined"}`, () => {
      assert.throws(() => read(value), /Metrics \(by default msg\.payload\)/);
    });
  }
});

describe("Updates of metrics", () => {
  it("are for the metric of the node or the message where they do not say", () => {
    assert.deepEqual(readUpdates({ name: "new" }, "m1"), [
      { metricId: "m1", name: "new", valueAnnotation: undefined },
    ]);
    assert.deepEqual(readUpdates([{ metricId: "m2", valueAnnotation: "°C" }], "m1"), [
      { metricId: "m2", name: undefined, valueAnnotation: "°C" },
    ]);
  });

  it("may empty an annotation, and keep a name that a form leaves empty", () => {
    assert.deepEqual(readUpdates({ name: "", valueAnnotation: "" }, "m1"), [
      { metricId: "m1", name: undefined, valueAnnotation: "" },
    ]);
  });

  it("are a new name when they are a text", () => {
    assert.deepEqual(readUpdates("new", "m1"), [{ metricId: "m1", name: "new" }]);
  });
});
