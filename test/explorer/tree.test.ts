/** The explorer's tree: which rows are seen, and what stands in them. */
import assert from "node:assert/strict";
import { curve, Tree, type Metric } from "../../explorer/sidebar/tree";
import { withUnit } from "../../nodes/shared/editor/units";

const WORDS = {
  state: ({ state }: { state: string }) => state,
  metrics: (count: number) => `${count} metrics`,
};

describe("The explorer's tree", () => {
  let tree: Tree;
  beforeEach(() => {
    tree = new Tree();
    tree.agents = [{ id: "a", name: "hall", state: "connected" }];
    tree.setSensors("a", [
      { sensorId: "s1", name: "Press", metricIds: ["m1", "m2"] },
      { sensorId: "s2", name: "Oven", metricIds: [] },
    ]);
  });

  const seen = (): string[] =>
    tree.rows(WORDS).map(({ level, label, detail }) => `${level} ${label} (${detail})`);
  const metric = (metricId: string, name: string, more: Partial<Metric> = {}): Metric => ({
    metricId,
    name,
    value: null,
    lastUpdated: null,
    ...more,
  });

  it("shows what is opened, and of metrics that were not described yet their IDs", () => {
    assert.deepEqual(seen(), ["1 hall (connected)"]);
    tree.open.add("a");
    tree.open.add("a/s1");
    assert.deepEqual(seen(), [
      "1 hall (connected)",
      "2 Press (2 metrics)",
      "3 m1 ()",
      "3 m2 ()",
      "2 Oven (0 metrics)",
    ]);
  });

  it("finds metrics by their names, and shows the sensor that they are of", () => {
    tree.setMetrics({ agent: "a", sensor: "s1", metric: "m2" }, [
      metric("m1", "Force"),
      metric("m2", "Heat"),
    ]);
    tree.open.add("a/s1");
    tree.search = "hea";
    assert.deepEqual(seen(), ["1 hall (connected)", "2 Press (2 metrics)", "3 Heat ()"]);
  });

  it("shows the last value that came before the one that the description has", () => {
    const described = {
      value: 1,
      lastUpdated: "2026-01-01T00:00:00.000Z",
      valueUnit: "SI.Temperature.CELSIUS",
    };
    tree.setMetrics({ agent: "a", sensor: "s1" }, [metric("m1", "Heat", described), metric("m2", "Force")]);
    tree.open.add("a");
    tree.open.add("a/s1");
    assert.equal(seen()[2], "3 Heat (1 °C)");
    tree.receive({ agent: "a", sensor: "s1", metric: "m1" }, { value: 2.5, time: 1 });
    assert.equal(seen()[2], "3 Heat (2.5 °C)");
  });

  it("opens sensors by itself whose metrics are found, and counts those that it knows by ID only", () => {
    tree.setSensors("a", [
      { sensorId: "s1", name: "Press", metricIds: ["m1", "m2"] },
      { sensorId: "s2", name: "Oven", metricIds: ["m3"] },
    ]);
    tree.setMetrics({ agent: "a", sensor: "s1" }, [metric("m1", "Force"), metric("m2", "Heat")]);
    tree.search = "heat";
    assert.deepEqual(seen(), ["1 hall (connected)", "2 Press (2 metrics)", "3 Heat ()"]);
    assert.deepEqual(tree.undescribed("a"), [{ place: { agent: "a", sensor: "s2" }, count: 1 }]);
  });

  it("cuts names and values that nobody could read, and keeps the last values of no end of metrics", () => {
    const long = "x".repeat(100_000);
    tree.setSensors("a", [{ sensorId: "s1", name: long, metricIds: ["m1"] }]);
    tree.open.add("a");
    assert.ok((seen()[1] ?? "").length < 250);
    for (let at = 0; at < 20_001; at++)
      tree.receive({ agent: "a", sensor: "s", metric: `m${at}` }, { value: at, time: at });
    assert.equal(tree.valuesOf({ agent: "a", sensor: "s", metric: "m0" }).length, 0);
    assert.equal(tree.valuesOf({ agent: "a", sensor: "s", metric: "m20000" }).length, 1);
  });

  it("says that a value is of something it does not know yet", () => {
    const value = { value: 1, time: 1 };
    assert.equal(tree.receive({ agent: "a", sensor: "s1", metric: "m1" }, value), false);
    assert.equal(tree.receive({ agent: "a", sensor: "s1", metric: "new" }, value), true);
    assert.equal(tree.receive({ agent: "a", sensor: "new", metric: "m" }, value), true);
    // Asking again and again would not help where the agent sends what it does not list.
    assert.equal(tree.receive({ agent: "a", sensor: "new", metric: "m" }, value), false);
  });

  it("keeps no description of a sensor whose metrics have become others", () => {
    tree.setMetrics({ agent: "a", sensor: "s1" }, [metric("m1", "Force"), metric("m2", "Heat")]);
    tree.setSensors("a", [{ sensorId: "s1", name: "Press", metricIds: ["m1", "m2", "m3"] }]);
    assert.equal(tree.isDescribed({ agent: "a", sensor: "s1" }), false);
  });

  it("says of an agent that is away that its rows are old", () => {
    tree.agents = [{ id: "a", name: "hall", state: "waiting" }];
    tree.open.add("a");
    assert.ok(tree.rows(WORDS).every(({ old }) => old));
  });
});

describe("A curve", () => {
  it("goes from the oldest at the left to the newest at the right, the least value at the bottom", () => {
    const values = [
      { value: 1, time: 0 },
      { value: 3, time: 5 },
      { value: 2, time: 10 },
    ];
    assert.equal(curve(values, 100, 20), "M0.0 20.0L50.0 0.0L100.0 10.0");
  });

  it("is none of texts, and none of a single value", () => {
    assert.equal(curve([{ value: "on", time: 1 }], 10, 10), "");
    assert.equal(curve([{ value: 1, time: 1 }], 10, 10), "");
  });
});

describe("A value for a person", () => {
  it("has the symbol of its unit, and no more digits than a person reads", () => {
    assert.equal(withUnit(21.123456789, { valueUnit: "SI.Temperature.CELSIUS" }), "21.12346 °C");
    assert.equal(withUnit(3, { valueType: "integer", valueAnnotation: "pieces" }), "3 pieces");
    assert.equal(withUnit(true, {}), "true");
  });
});
