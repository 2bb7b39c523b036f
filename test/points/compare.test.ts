/** What is new in a table, and what of it the agent has. */
import assert from "node:assert/strict";
import { checkRows, compareRows, mergeRows, rowsOf, type KnownSensor } from "../../src/points/compare";
import { readTable } from "../../src/points/read-table";

const AGENT: KnownSensor[] = [
  {
    sensorId: "s1",
    name: "Boiler",
    metrics: [
      { metricId: "m1", name: "temp", valueUnit: "SI.Temperature.CELSIUS" },
      { metricId: "m2", name: "state", valueType: "string", valueAnnotation: "" },
      { metricId: "m3", name: "pressure", valueType: "double", valueAnnotation: "bar" },
    ],
  },
];

describe("Two tables", () => {
  const before = [
    { source: "a", sensor: "S", metric: "one", scale: 0.1 },
    { source: "b", sensorId: "s", metricId: "m" },
  ];
  const after = [
    { source: "a", sensor: "S", metric: "one", scale: "0.1" },
    { source: "c", sensorId: "s", metricId: "m" },
    { source: "d", sensor: "S", metric: "two" },
  ];

  it("differ row by row, where a row is that of a sensor and a metric", () => {
    assert.deepEqual(compareRows(before, after), ["same", "changed", "new"]);
  });

  it("become one, in which what has changed stays in its place", () => {
    assert.deepEqual(
      mergeRows(before, after).map(({ source }) => source),
      ["a", "c", "d"],
    );
  });

  it("become one without losing any: a metric that is there twice stays there twice", () => {
    const again = [
      { source: "x", metric: "new" },
      { source: "y", metric: "new" },
    ];
    assert.deepEqual(mergeRows([], again), again);
    assert.deepEqual(mergeRows([{}, {}], again), [{}, {}, ...again]);
  });
});

describe("A table beside what the agent has", () => {
  it("tells of each row whether it is there, another unit, created, or cannot be", () => {
    const { rows } = readTable(
      [
        "source,sensor,sensorId,metric,metricId,unit",
        "a,Boiler,,temp,,°C",
        "a,,s1,,m1,",
        "a,Boiler,,temp,,V",
        "a,Boiler,,pressure,,bar",
        "a,Boiler,,state,,string",
        "a,Boiler,,speed,,integer",
        "a,Pump,,speed,,",
        "a,,s9,,m9,",
        "a,,,speed,,integer",
      ].join("\n"),
    );
    const checks = checkRows(rows, AGENT);
    assert.deepEqual(checks[2], { presence: "otherUnit", measure: { unit: "SI.Temperature.CELSIUS" } });
    assert.deepEqual(
      checks.map(({ presence }) => presence),
      [...["there", "there", "otherUnit", "there", "there", "created", "noUnit", "created", "unknown"]],
    );
  });

  it("can be made of it, and is there then", () => {
    const { rows, problems } = readTable(rowsOf(AGENT));
    assert.deepEqual(problems, []);
    assert.deepEqual(checkRows(rows, AGENT), Array(3).fill({ presence: "there" }));
  });
});
