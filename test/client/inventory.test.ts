/** The inventory: what it asks for, what it keeps up by itself, and what it never holds for true. */
import assert from "node:assert/strict";
import { Inventory } from "../../src/client/inventory";
import type { MetricDescription, SensorWithMetrics } from "../../src/protocol/answers";
import { agentError } from "../../src/protocol/errors";

describe("The inventory", () => {
  let asked: string[];
  let sensors: SensorWithMetrics[];
  let inventory: Inventory;

  beforeEach(() => {
    asked = [];
    sensors = [sensor("press", "Press", "temp", "force"), sensor("oven", "Oven", "temp")];
    const ask = (operation: string, parameters: object): Promise<unknown> => {
      const { sensorId = "", metricId = "" } = parameters as { sensorId?: string; metricId?: string };
      asked.push([operation, sensorId, metricId].filter(Boolean).join(" "));
      if (operation === "listSensors") return Promise.resolve(sensors);
      if (metricId === "gone") return Promise.reject(agentError(16, "unknown"));
      return Promise.resolve(description(metricId));
    };
    inventory = new Inventory(ask as ConstructorParameters<typeof Inventory>[0], { now: () => 5000 });
  });

  const names = async () => (await inventory.list(false)).map(({ name }) => name);
  const metricsOf = async (sensorId: string) =>
    (await inventory.metrics(sensorId, false)).map(({ metricId }) => metricId);

  it("asks once, however many want to know, and again when it is told to", async () => {
    await Promise.all([inventory.list(false), inventory.list(false), inventory.metrics("press", false)]);
    assert.deepEqual(asked.sort(), [
      "describeMetric press force",
      "describeMetric press temp",
      "listSensors",
    ]);
    await inventory.list(true);
    await inventory.metrics("press", false);
    assert.equal(asked.length, 4);
  });

  it("follows what this client creates, renames and deletes, without asking", async () => {
    await inventory.list(false);
    inventory.note("createSensor", { name: "Saw" }, { sensorId: "saw", name: "Saw" });
    inventory.note("updateSensor", { sensorId: "oven", name: "Kiln" }, "ok");
    inventory.note("deleteSensor", { sensorId: "press" }, "ok");
    assert.deepEqual(await names(), ["Kiln", "Saw"]);
    assert.deepEqual(asked, ["listSensors"]);
  });

  it("describes a sensor anew when its metrics have changed", async () => {
    await metricsOf("oven");
    inventory.note("createMetrics", { sensorId: "oven", metrics: [] }, [
      { matchingId: "1", metricId: "door" },
    ]);
    assert.deepEqual(await metricsOf("oven"), ["temp", "door"]);
    inventory.note("deleteMetrics", { sensorId: "oven", metricIds: ["temp"] }, "ok");
    assert.deepEqual(await metricsOf("oven"), ["door"]);
  });

  it("learns of sensors and metrics that a push makes, ours or somebody else's", async () => {
    await inventory.list(false);
    const metrics = [{ metricId: "speed", value: 1 }];
    inventory.note("pushValues", { sensorId: "belt", metrics }, "Sensor was updated.");
    inventory.receive({ sensorId: "drill", metrics });
    assert.deepEqual(await names(), ["Press", "Oven", "belt", "drill"]);
    assert.deepEqual(await metricsOf("drill"), ["speed"]);
  });

  it("leaves out a metric that was deleted while it read", async () => {
    sensors = [sensor("press", "Press", "temp", "gone")];
    assert.deepEqual(await metricsOf("press"), ["temp"]);
  });

  it("gives the values that came after a revision, each once, the newest of a metric only", () => {
    const push = (sensorId: string, value: number) =>
      inventory.receive({ sensorId, metrics: [{ metricId: "m", value }], timestamp: 1 });
    push("a", 1);
    push("b", 2);
    const first = inventory.changes(0);
    assert.deepEqual(
      first.values.map(({ sensorId, value }) => [sensorId, value]),
      [
        ["a", 1],
        ["b", 2],
      ],
    );
    push("a", 3);
    push("a", 4);
    const second = inventory.changes(first.revision);
    assert.deepEqual(
      second.values.map(({ sensorId, value }) => [sensorId, value]),
      [["a", 4]],
    );
    assert.deepEqual(inventory.changes(second.revision).values, []);
  });

  it("keeps no more of live data than some megabytes, and tells a megabyte at a time", () => {
    const long = "x".repeat(200_000);
    for (let sensor = 0; sensor < 300; sensor++)
      inventory.receive({ sensorId: `s${sensor}`, metrics: [{ metricId: "m", value: long }] });
    const told: string[] = [];
    for (let since = 0, more = true; more;) {
      const { values, revision } = inventory.changes(since);
      assert.ok(values.length <= 5, `${values.length} long values in one answer`);
      told.push(...values.map(({ sensorId }) => sensorId));
      more = values.length > 0;
      since = revision;
    }
    assert.ok(told.length < 101, `${told.length} long values were kept`);
    assert.equal(told.at(-1), "s299");
  });

  it("learns of no end of sensors and metrics from live data, and of no impossible ones", async () => {
    await inventory.list(false);
    inventory.receive({ sensorId: "x".repeat(1000), metrics: [{ metricId: "m", value: 1 }] });
    inventory.receive({ sensorId: "oven", metrics: [{ metricId: "x".repeat(100_000), value: 1 }] });
    assert.deepEqual(await metricsOf("oven"), ["temp"]);
    for (let sensor = 0; sensor < 60_000; sensor++)
      inventory.receive({ sensorId: `s${sensor}`, metrics: [{ metricId: "m", value: 1 }] });
    assert.ok(inventory.sensors.length < 30_000, `${inventory.sensors.length} sensors`);
  });

  it("holds nothing for true of a client that was deleted", async () => {
    await inventory.list(false);
    inventory.note("deleteClient", {}, "");
    sensors = [];
    assert.deepEqual(await names(), []);
  });
});

function sensor(sensorId: string, name: string, ...metricIds: string[]): SensorWithMetrics {
  return { sensorId, name, metrics: metricIds.map((metricId) => ({ metricId, link: "" })) };
}

function description(metricId: string): MetricDescription {
  return { metricId, name: metricId, value: null, lastUpdated: null };
}
