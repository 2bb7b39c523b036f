/** Bad input is refused with an error that names the field, what was wrong and what is allowed. */
import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { IotError } from "../../src/protocol/errors";
import { MAX_PAYLOAD_BYTES } from "../../src/protocol/limits";
import { OPERATIONS, type OperationName } from "../../src/protocol/operations";
import { checkId } from "../../src/protocol/topics";

function refused(action: () => unknown): IotError {
  try {
    action();
  } catch (error) {
    return error as IotError;
  }
  assert.fail("was accepted");
}

const pushed = (value: unknown, metricId: unknown = "temp") =>
  OPERATIONS.pushValues.write({ sensorId: "s", metrics: [{ metricId, value }] as never });

type Case = [what: string, action: () => unknown, message: RegExp];

const CASES: Case[] = [
  [
    "a sensor ID with /",
    () => checkId("sensorId", "a/b"),
    /^Sensor ID is "a\/b"; only the characters a-z A-Z 0-9 _ - and space are allowed\.$/,
  ],
  ["a sensor ID with +", () => checkId("sensorId", "+"), /^Sensor ID is "\+"; only/],
  ["a sensor ID with #", () => checkId("sensorId", "#"), /^Sensor ID is "#"; only/],
  ["a sensor ID with NUL", () => checkId("sensorId", "a\0"), /^Sensor ID is "a�"; only/],
  [
    "a sensor ID of 33 characters",
    () => checkId("sensorId", "x".repeat(33)),
    /^Sensor ID has 33 characters; at most 32 are allowed/,
  ],
  ["an empty sensor ID", () => checkId("sensorId", ""), /^Sensor ID is missing/],
  ["a sensor ID that is a number", () => checkId("sensorId", 5), /^Sensor ID must be text, not 5\.$/],
  [
    "NaN as a value",
    () => pushed(Number.NaN),
    /^The value of metric temp is NaN; it must be a number, text or true\/false\.$/,
  ],
  ["undefined as a value", () => pushed(undefined), /^The value of metric temp is undefined/],
  [
    "an object as a value",
    () => pushed({ value: 5, unit: "C" }),
    /^The value of metric temp is \{"value":5,"unit":"C"\};/,
  ],
  ["a big integer as a value", () => pushed(10n ** 400n), /^The value of metric temp is 1000/],
  ["half a surrogate pair as a value", () => pushed("\ud800"), /^The value of metric temp is/],
  ["a metric ID with /", () => pushed(1, "a/b"), /^Metric ID is "a\/b"; only/],
  [
    "no metrics",
    () => OPERATIONS.pushValues.write({ sensorId: "s", metrics: [] }),
    /^Metrics .*must have at least one entry\.$/,
  ],
  ...(["createMetrics", "updateMetrics"] as const).map((name): Case => [
    `no metrics in ${name}`,
    () => OPERATIONS[name].write({ sensorId: "s", metrics: [] }),
    /^Metrics .*must have at least one entry\.$/,
  ]),
  [
    "no metrics to delete",
    () => OPERATIONS.deleteMetrics.write({ sensorId: "s", metricIds: [] }),
    /^Metric IDs must have at least one entry\.$/,
  ],
  ...(["matchingId", "name", "valueUnit"] as const).map((missing): Case => [
    `a definition of a metric whose ${missing} is empty`,
    () =>
      OPERATIONS.createMetrics.write({
        sensorId: "s",
        metrics: [{ matchingId: "1", name: "n", valueUnit: "u", [missing]: "" }],
      }),
    new RegExp(`^Metrics .*: \\[0\\]\\.${missing} is missing`),
  ]),
  ...[undefined, null, ""].map((name): Case => [
    `a name that is ${JSON.stringify(name)}`,
    () => OPERATIONS.createSensor.write({ name: name as never }),
    /^Name is missing/,
  ]),
  [
    "a name that is a number",
    () => OPERATIONS.createSensor.write({ name: 5 as never }),
    /^Name must be text, not 5\.$/,
  ],
  [
    "a name of half a surrogate pair",
    () => OPERATIONS.createSensor.write({ name: "\ud800" }),
    /^Name is "�"; allowed: well-formed Unicode text\.$/,
  ],
  [
    "a state that is no whole number",
    () => OPERATIONS.updateSensor.write({ sensorId: "s", name: "n", state: 0.5 }),
    /^State must be a whole number, not 0\.5\.$/,
  ],
  [
    "a name of a metric that is a number",
    () => OPERATIONS.updateMetrics.write({ sensorId: "s", metrics: [{ metricId: "m", name: 5 as never }] }),
    /^Metrics .*: \[0\]\.name must be text, not 5\.$/,
  ],
  [
    "an ID of a metric to update with /",
    () => OPERATIONS.updateMetrics.write({ sensorId: "s", metrics: [{ metricId: "a/b", name: "n" }] }),
    /^Metrics .*: \[0\]\.metricId is "a\/b"; only/,
  ],
  [
    "an update of a metric that changes nothing",
    () => OPERATIONS.updateMetrics.write({ sensorId: "s", metrics: [{ metricId: "m" }] }),
    /^Metrics .*: \[0\]\.name and valueAnnotation are missing/,
  ],
  [
    "one metric twice",
    () =>
      OPERATIONS.pushValues.write({
        sensorId: "s",
        metrics: [
          { metricId: "t", value: 1 },
          { metricId: "t", value: 2 },
        ],
      }),
    /^Metric ID "t" occurs twice/,
  ],
  [
    "a timestamp that is no whole number",
    () =>
      OPERATIONS.pushValues.write({ sensorId: "s", metrics: [{ metricId: "t", value: 1 }], timestamp: 1.5 }),
    /^Time .*must be milliseconds since 1970 .*, not 1\.5\.$/,
  ],
  [
    "a message above the limit",
    () => pushed("x".repeat(300_000)),
    /^The message has 300\d\d\d bytes; at most 262144 are allowed/,
  ],
  ["an empty sensor name", () => OPERATIONS.createSensor.write({ name: "" }), /^Name is missing/],
  [
    "an unknown value type",
    () =>
      OPERATIONS.createMetrics.write({
        sensorId: "s",
        metrics: [{ matchingId: "1", name: "n", valueType: "boolean" as never, valueAnnotation: "a" }],
      }),
    /^Metrics .*: \[0\]\.valueType is "boolean"; allowed: bool, string, double, integer/,
  ],
  [
    "a metric without unit or type",
    () =>
      OPERATIONS.createMetrics.write({ sensorId: "s", metrics: [{ matchingId: "1", name: "n" } as never] }),
    /^Metrics .*: \[0\]\.valueUnit \/ valueType is missing/,
  ],
  [
    "a matching ID twice",
    () =>
      OPERATIONS.createMetrics.write({
        sensorId: "s",
        metrics: [
          { matchingId: "1", name: "a", valueUnit: "u" },
          { matchingId: "1", name: "b", valueUnit: "u" },
        ],
      }),
    /^Metrics .*: \[1\]\.matchingId "1" occurs twice/,
  ],
  [
    "a state that is no integer",
    () => OPERATIONS.updateSensor.write({ sensorId: "s", name: "n", state: 0.5 }),
    /^State must be a whole number, not 0\.5\.$/,
  ],
  [
    "metrics to delete that are none",
    () => OPERATIONS.deleteMetrics.write({ sensorId: "s", metricIds: [] }),
    /^Metric IDs must have at least one entry/,
  ],
];

describe("bad input", () => {
  for (const [what, action, message] of CASES) {
    it(`is refused when it is ${what}`, () => {
      const error = refused(action);
      assert.equal(error.name, "InvalidInput");
      assert.match(error.message, message);
      assert.equal(error.retryable, false);
    });
  }

  it("is not what the document allows: 32 characters with space, _ and -", () => {
    assert.equal(checkId("sensorId", "A line_1-b".padEnd(32, "x")), "A line_1-b".padEnd(32, "x"));
  });
});

/** Operations with parameters, one of which is as long as `text`; and how their error calls that one. */
const LONG: Partial<Record<OperationName, [parameters: (text: string) => object, named: RegExp]>> = {
  createClient: [(csr) => ({ csr }), /^csr has/],
  ping: [(request) => ({ request }), /^Text \(/],
  updateClient: [(name) => ({ name }), /^Name has/],
  pushValues: [(value) => ({ sensorId: "s", metrics: [{ metricId: "m", value }] }), /^The message has/],
  createSensor: [(name) => ({ name }), /^Name has/],
  updateSensor: [(name) => ({ sensorId: "s", name }), /^Name has/],
  createMetrics: [
    (name) => ({ sensorId: "s", metrics: [{ matchingId: "1", name, valueUnit: "u" }] }),
    /: \[0\]\.name has/,
  ],
  updateMetrics: [
    (valueAnnotation) => ({ sensorId: "s", metrics: [{ metricId: "m", valueAnnotation }] }),
    /: \[0\]\.valueAnnotation has/,
  ],
  deleteMetrics: [
    (text) => ({
      sensorId: "s",
      metricIds: Array.from({ length: Math.ceil(text.length / 8) }, (_, count) => `metric ${count}`),
    }),
    /^The message has/,
  ],
};

describe("a request that is too long", () => {
  for (const [name, [parameters, named]] of Object.entries(LONG)) {
    const { write } = OPERATIONS[name as OperationName] as { write: (parameters: object) => string };
    it(`is refused before it is sent: ${name}, by field, size and what is allowed (fault 54)`, () => {
      for (const text of ["x".repeat(1_200_000), "ü".repeat(140_000)]) {
        const error = refused(() => write(parameters(text)));
        assert.equal(error.textKey, "InvalidInput.size");
        assert.match(error.message, named);
        assert.match(error.message, /has \d+ bytes; at most 262144 are allowed/);
      }
      assert.ok(write(parameters("x".repeat(60_000))).length >= 60_000);
    });
  }

  it("may have as many bytes as are allowed, whatever its characters", () => {
    const size = (bytes: number, character: string) =>
      OPERATIONS.createClient.write({ csr: character.repeat(bytes / Buffer.byteLength(character)) });
    for (const character of ["x", "ü"]) {
      assert.doesNotThrow(() => size(MAX_PAYLOAD_BYTES, character));
      assert.throws(() => size(MAX_PAYLOAD_BYTES + 2, character), { textKey: "InvalidInput.size" });
    }
  });

  it("is refused also where each of its parts is short enough", () => {
    const metrics = Array.from({ length: 10 }, (_, count) => ({
      metricId: `m${count}`,
      name: "x".repeat(30_000),
    }));
    assert.match(
      refused(() => OPERATIONS.updateMetrics.write({ sensorId: "s", metrics })).message,
      /^The message has/,
    );
  });
});

describe("a metric's unit", () => {
  const write = (definition: object) =>
    OPERATIONS.createMetrics.write({
      sensorId: "s",
      metrics: [{ matchingId: "1", name: "n", ...definition } as never],
    });

  it("may be annotated by an empty text, as the vendor's own are", () => {
    assert.match(write({ valueType: "double", valueAnnotation: "" }), /"valueAnnotation":""/);
    const metrics = [{ metricId: "m", valueAnnotation: "" }];
    assert.match(OPERATIONS.updateMetrics.write({ sensorId: "s", metrics }), /"valueAnnotation":""/);
    assert.match(refused(() => write({ valueType: "double" })).message, /valueAnnotation is missing/);
  });

  it("is a predefined one or one of one's own, never both", () => {
    assert.match(
      refused(() => write({ valueUnit: "u", valueType: "double" })).message,
      /^Metrics .*: \[0\]\.valueType is "double", but this metric has a valueUnit/,
    );
    assert.match(
      refused(() => write({ valueUnit: "u", valueAnnotation: "parts" })).message,
      /: \[0\]\.valueAnnotation is "parts", but/,
    );
  });

  it("or its name is what an update changes: one that names neither is refused", () => {
    const error = refused(() =>
      OPERATIONS.updateMetrics.write({ sensorId: "s", metrics: [{ metricId: "m" }] }),
    );
    assert.equal(error.textKey, "InvalidInput.noChange");
  });
});

describe("a push", () => {
  it("may have no timestamp, or any that has a date", () => {
    const write = (timestamp?: number | null) =>
      OPERATIONS.pushValues.write({ sensorId: "s", metrics: [{ metricId: "m", value: 1 }], timestamp });
    for (const none of [undefined, null]) assert.doesNotMatch(write(none), /timestamp/);
    assert.match(write(0), /"timestamp":0/);
    for (const bad of [8.64e15 + 1, Number.MAX_SAFE_INTEGER, -1, 0.5])
      assert.match(refused(() => write(bad)).message, /^Time /);
  });

  it("is JSON that says what was pushed, whatever the values are", () => {
    const metricId = fc.stringMatching(/^[A-Za-z0-9_\- ]{1,32}$/);
    const number = fc.double({ noNaN: true, noDefaultInfinity: true });
    const value = fc.oneof(number, fc.boolean(), fc.string({ unit: "binary" }));
    const metrics = fc.uniqueArray(fc.record({ value, metricId }), {
      minLength: 1,
      selector: (metric) => metric.metricId,
    });
    const timestamp = fc.option(fc.nat(8.64e15), { nil: undefined });
    fc.assert(
      fc.property(metrics, timestamp, (metrics, timestamp) => {
        const written = OPERATIONS.pushValues.write({ sensorId: "s", metrics, timestamp });
        assert.equal(written, JSON.stringify({ metrics, timestamp }));
      }),
    );
  });
});
