/** Topics are built of nothing unchecked, and read back only where they fit. */
import assert from "node:assert/strict";
import { buildFilter, buildTopic, checkId, matchTopic } from "../../src/protocol/topics";

describe("A topic", () => {
  const pattern = "/:version/:clientId/sensor/:sensorId/metric/:metricId/inventory";

  it("has each ID in its place", () => {
    const values = { clientId: "c", sensorId: "a sensor", metricId: "m-1" };
    assert.equal(buildTopic(pattern, values), "/v1.0/c/sensor/a sensor/metric/m-1/inventory");
  });

  it("is refused where a user's ID is missing or has what no topic may have, and the field is named", () => {
    for (const [values, textKey, field] of [
      [{ metricId: "m" }, "InvalidInput.missing", "sensorId"],
      [{ sensorId: "s" }, "InvalidInput.missing", "metricId"],
      [{ sensorId: "+", metricId: "m" }, "InvalidInput.characters", "sensorId"],
      [{ sensorId: "s", metricId: "#" }, "InvalidInput.characters", "metricId"],
    ] as const) {
      assert.throws(
        () => buildTopic(pattern, { clientId: "c", ...values }),
        (error: { textKey: string; details: object }) => {
          assert.deepEqual([error.textKey, error.details], [textKey, { ...error.details, field }]);
          return true;
        },
      );
    }
  });

  it("is not built without what we put in ourselves: that is a mistake of ours, and says which", () => {
    assert.throws(
      () => buildTopic("/:version/:clientId/ping", {}),
      /no clientId for the topic \/:version\/:clientId\/ping/,
    );
    assert.throws(() => buildFilter("/certBack/:hash", {}), /no hash for the filter \/certBack\/:hash/);
  });

  it("may have any characters where the ID is the agent's or ours", () => {
    assert.equal(buildTopic("/certBack/:hash", { hash: "a/b" }), "/certBack/a/b");
  });
});

describe("A filter", () => {
  it("has + for every sensor and metric, and our own IDs", () => {
    const filter = buildFilter("/:version/:clientId/sensor/:sensorId/metric/:metricId/inbox", {
      clientId: "c",
    });
    assert.equal(filter, "/v1.0/c/sensor/+/metric/+/inbox");
    assert.equal(buildFilter("/certBack/:hash", { hash: "h" }), "/certBack/h");
  });
});

describe("A topic that comes", () => {
  const read = (topic: string) => matchTopic("/:version/:clientId/sensor/:sensorId/inbox", topic);

  it("gives its IDs", () => {
    assert.deepEqual({ ...read("/v1.0/c/sensor/s/inbox") }, { clientId: "c", sensorId: "s" });
  });

  it("fits no pattern of another length, version or word, and none with an empty ID", () => {
    for (const topic of [
      "/v1.0/c/sensor/s",
      "/v1.0/c/sensor/s/inbox/more",
      "/v2.0/c/sensor/s/inbox",
      "/v1.0/c/metric/s/inbox",
      "/v1.0/c/sensor/s/outbox",
      "/v1.0//sensor/s/inbox",
      "/v1.0/c/sensor//inbox",
      "x/v1.0/c/sensor/s/inbox",
    ]) {
      assert.equal(read(topic), undefined, topic);
    }
  });
});

describe("An ID", () => {
  it("is missing where it is nothing: undefined, null or empty", () => {
    for (const nothing of [undefined, null, ""])
      assert.throws(() => checkId("sensor", nothing), { textKey: "InvalidInput.missing" });
  });
});
