import assert from "node:assert/strict";
import { createContext, runInContext } from "node:vm";
import { IotError } from "../../../src/protocol/errors";
import { show } from "../../../src/protocol/input";
import { readTimestamp } from "../../../nodes/push/times";
import { readValues } from "../../../nodes/push/values";

const TIME = 1_590_394_246_545;
const TEMP = { metricId: "temp", value: 21.5 };

describe("The values of a push", () => {
  it("are an object of metrics and values", () => {
    assert.deepEqual(readValues({ temp: 21.5, humidity: 40 }, undefined, undefined), {
      metrics: [TEMP, { metricId: "humidity", value: 40 }],
    });
  });

  it("are a list of metrics with their values, or one of them", () => {
    assert.deepEqual(readValues([TEMP, { metricId: "on", value: true }], undefined, undefined), {
      metrics: [TEMP, { metricId: "on", value: true }],
    });
    assert.deepEqual(readValues(TEMP, undefined, undefined), { metrics: [TEMP] });
  });

  it("are the API's own message, with its timestamp", () => {
    const message = { metrics: [TEMP], timestamp: 1_590_394_246_545 };
    assert.deepEqual(readValues(message, undefined, undefined), message);
  });

  it("are one value, when the metric is named", () => {
    assert.deepEqual(readValues(0, "temp", undefined), { metrics: [{ metricId: "temp", value: 0 }] });
    assert.deepEqual(readValues("", "text", undefined), { metrics: [{ metricId: "text", value: "" }] });
    assert.deepEqual(readValues(false, "on", undefined), { metrics: [{ metricId: "on", value: false }] });
  });

  it("may be the JSON of all these as a text, unless a metric is named, whose value the text is then", () => {
    const text = ' {"temp": 21.5, "humidity": 40}';
    assert.deepEqual(readValues(text, undefined, TIME), {
      metrics: [TEMP, { metricId: "humidity", value: 40 }],
      timestamp: TIME,
    });
    assert.deepEqual(readValues(JSON.stringify([TEMP]), undefined, undefined), { metrics: [TEMP] });
    assert.deepEqual(readValues(text, "note", undefined).metrics, [{ metricId: "note", value: text }]);
    assert.deepEqual(readValues(`\ufeff${text}`, undefined, undefined).metrics.length, 2);
    for (const broken of ["21.5", '"temp"', "NaN"])
      assert.throws(() => readValues(broken, undefined, undefined), /needs a metric/);
  });

  it("that are nearly JSON are refused, and it is said what is wrong with them", () => {
    for (const [text, told] of [
      ['{"temp": NaN}', /no NaN/],
      ['[{"metricId": "temp", "value": -Infinity}]', /no NaN/],
      ['{"temp": 21,5}', /decimal number is written with a point/],
      ['{"temp": 21,5, "text": "a, b"}', /decimal number is written with a point/],
      ['{"temp": 21.5,}', /comma after the last entry/],
      ["{'temp': 21.5}", /double quotes/],
      ["{temp: 21.5}", /double quotes/],
      ['{"on": True}', /true and false, in small letters/],
      ['{"temp"：21.5}', /half-width/],
      ['｛"temp": ２１.5, "text": "，"｝', /half-width/],
      ['{"temp": 21.5', /ends too early/],
      ['{"temp": 21.5, "text": "a', /ends too early/],
      ['{"temp": 21.5} x', /mistake is at character 16/],
      ['{"temp": +21.5}', /mistake is at character 10/],
      ['{"temp": .5}', /mistake is at character 10/],
      [`{"text": "${"x".repeat(100)}", "temp": off}`, /mistake is at character 122/],
      ['\ufeff{"NaN, 1,5": 01}', /mistake is at character/],
    ] as const) {
      assert.throws(
        () => readValues(text, undefined, undefined),
        (error: IotError) =>
          error.textKey === "InvalidInput.nearlyJson" &&
          /^Values .* nearly JSON/.test(error.message) &&
          told.test(error.message),
        text,
      );
    }
  });

  it("keep all digits of a number in JSON text and of a BigInt (fault 71)", () => {
    const big = [{ metricId: "n", value: 9007199254740993n }];
    assert.deepEqual(readValues('{"n": 9007199254740993}', undefined, undefined).metrics, big);
    assert.deepEqual(readValues({ n: 9007199254740993n }, undefined, undefined).metrics, big);
    assert.deepEqual(readValues(9007199254740993n, "n", undefined).metrics, big);
  });

  it("may be a metric that is called as a part of every object is, also in a text", () => {
    const names = ["__proto__", "constructor", "prototype"];
    const { metrics } = readValues(
      '{"__proto__": 1, "constructor": 2, "prototype": 3}',
      undefined,
      undefined,
    );
    assert.deepEqual(
      metrics.map(({ metricId }) => metricId),
      names,
    );
  });

  it("may be a metric called metrics", () => {
    assert.deepEqual(readValues({ metrics: 5 }, undefined, undefined), {
      metrics: [{ metricId: "metrics", value: 5 }],
    });
  });

  it("may come from a function node, whose objects have other prototypes", () => {
    const context = createContext({});
    const values = runInContext("({ temp: 21.5 })", context) as unknown;
    const time = runInContext(`new Date(${TIME})`, context) as unknown;
    assert.deepEqual(readValues(values, undefined, time), { metrics: [TEMP], timestamp: TIME });
  });

  it("are copied: nothing of the message is handed on", () => {
    const entry = { metricId: "temp", value: 1, more: {} };
    const { metrics } = readValues([entry], undefined, undefined);
    assert.deepEqual(metrics, [{ metricId: "temp", value: 1 }]);
    assert.notEqual(metrics[0], entry);
  });

  it("name a metric __proto__ without harm", () => {
    const values = JSON.parse('{"__proto__": 1}') as unknown;
    assert.deepEqual(readValues(values, undefined, undefined).metrics, [{ metricId: "__proto__", value: 1 }]);
  });

  const BAD: readonly (readonly [title: string, values: unknown, metric: unknown, named: RegExp])[] = [
    ["NaN", { temp: NaN }, undefined, /metric temp is .*NaN/],
    ["infinity", { temp: -Infinity }, undefined, /metric temp is /],
    ["undefined", { temp: undefined }, undefined, /metric temp is .*undefined/],
    ["null", { temp: null }, undefined, /metric temp is .*null/],
    ["an object", { temp: { value: 5, unit: "C" } }, undefined, /metric temp is \{"value":5,"unit":"C"\}/],
    ["a list", { temp: [1] }, undefined, /metric temp is \[1\]/],
    ["a BigInt without bounds", { temp: 10n ** 400n }, undefined, /metric temp is 1000/],
    ["1e400 in a text", '{"temp": 1e400}', undefined, /metric temp is Infinity/],
    ["a symbol", [{ metricId: "temp", value: Symbol("x") }], undefined, /metric temp is /],
    ["a function", { temp: () => 1 }, undefined, /metric temp is .*function/],
    ["a Date", { temp: new Date(0) }, undefined, /metric temp is /],
    ["half a surrogate pair", { temp: "\ud800" }, undefined, /metric temp is /],
    ["one value that is NaN", NaN, "temp", /metric temp is .*NaN/],
    [
      "one value without its metric",
      5,
      undefined,
      /^The single value 5 needs a metric\. Enter the Metric ID .* or set msg\.metricId/,
    ],
    ["nothing", undefined, undefined, /^Values \(by default msg\.payload\) is missing/],
    ["an empty object", {}, undefined, /^Values .* must have at least one entry/],
    ["an empty list", [], undefined, /^Values .* must have at least one entry/],
    ["an empty message", { metrics: [] }, undefined, /^Values .* must have at least one entry/],
    ["a buffer", Buffer.from("x"), undefined, /^Values .* must be .*, not Buffer\(1\)/],
    ["a Map", new Map([["temp", 1]]), undefined, /^Values .* must be .*, not Map/],
    ["a list of numbers", [1, 2], undefined, /^Values .*: \[0\] must be .*, not 1/],
    ["an entry without its ID", [{ value: 1 }], undefined, /^Values .*: \[0\]\.metricId is missing/],
    ["a metric twice", [TEMP, TEMP], undefined, /^Metric ID "temp" occurs twice/],
    ["a forbidden character in an ID", { "a/b": 1 }, undefined, /"a\/b"/],
    ["an ID that is too long", { ["x".repeat(33)]: 1 }, undefined, /33 characters/],
    ["a named metric that is no text", 5, 7, /^Metric ID \(by default msg\.metricId\) must be text, not 7/],
  ];
  for (const [title, values, metric, named] of BAD) {
    it(`refuse ${title}, and say which`, () => {
      assert.throws(
        () => readValues(values, metric, undefined),
        (error) => error instanceof IotError && error.name === "InvalidInput" && named.test(error.message),
      );
    });
  }

  it("take the field's timestamp before the one that stands in the message", () => {
    assert.equal(readValues({ metrics: [TEMP], timestamp: TIME }, undefined, TIME + 1).timestamp, TIME + 1);
  });

  it("take a timestamp beside a value, as the document's table has it, if all agree", () => {
    const at = (timestamp: unknown, metricId = "temp") => ({ metricId, value: 1, timestamp });
    assert.equal(readValues([at(TIME), at(TIME, "b")], undefined, undefined).timestamp, TIME);
    assert.equal(readValues([at(TIME), { metricId: "b", value: 1 }], undefined, undefined).timestamp, TIME);
    assert.throws(
      () => readValues([at(TIME), at(TIME + 1, "b")], undefined, undefined),
      /^InvalidInput: Values .*: \[1\]\.timestamp/,
    );
  });
});

describe("The timestamp of a push", () => {
  const GOOD: readonly (readonly [title: string, value: unknown, milliseconds: number | undefined])[] = [
    ["milliseconds", 1_590_394_246_545, 1_590_394_246_545],
    ["a Date", new Date(1_590_394_246_545), 1_590_394_246_545],
    ["an ISO text", "2020-05-25T08:10:46.545Z", 1_590_394_246_545],
    ["an ISO text with an offset", "2020-05-25T10:10:46.545+02:00", 1_590_394_246_545],
    ["an ISO date", "2020-05-25", Date.UTC(2020, 4, 25)],
    ["nothing", undefined, undefined],
    ["null", null, undefined],
    ["an empty text", "", undefined],
  ];
  for (const [title, value, milliseconds] of GOOD) {
    it(`can be ${title}`, () => assert.equal(readTimestamp(value), milliseconds));
  }

  it("can be a BigInt of milliseconds", () => assert.equal(readTimestamp(BigInt(TIME)), TIME));

  it("is a day that there is: 30 February is not 2 March (fault 72)", () => {
    for (const day of [
      "2023-02-30",
      "2023-02-29T10:00:00Z",
      "2023-04-31",
      "2023-00-10",
      "2023-01-00",
      "2023-13-01",
    ])
      assert.throws(() => readTimestamp(day), /^InvalidInput: Time \(/, day);
    assert.equal(readTimestamp("2024-02-29"), Date.UTC(2024, 1, 29));
  });

  it("in another unit is refused, and the unit is named (fault 72)", () => {
    for (const [value, told] of [
      [1_590_394_246, /looks like seconds: multiply it by 1000/],
      [1_590_394_246.545, /looks like seconds/],
      [1_590_394_246_545_000, /looks like microseconds/],
      [1_590_394_246_545_000_000, /looks like nanoseconds/],
      [1_590_394_246_545_123_456n, /looks like nanoseconds/],
      [0, /counts the milliseconds since 1970/],
      ["1970-01-19", /no time between 1990 and 2100/],
      [new Date("2101-01-01T00:00:00Z"), /no time between 1990 and 2100/],
      [Date.UTC(1990, 0) - 1, /“Any time”/],
    ] as const)
      assert.throws(
        () => readTimestamp(value),
        (error: IotError) => error.textKey === "InvalidInput.time" && told.test(error.message),
        String(value),
      );
    for (const time of [Date.UTC(1990, 0), Date.UTC(2101, 0) - 1]) assert.equal(readTimestamp(time), time);
  });

  it("may be any that has a date where the node says that such times are meant (fault 72)", () => {
    for (const time of [0, 1_590_394_246, 1_590_394_246_545_000, 8.64e15])
      assert.equal(readTimestamp(time, true), time);
    assert.equal(readTimestamp("1970-01-19", true), Date.UTC(1970, 0, 19));
    assert.equal(readValues({ t: 1 }, undefined, 5, true).timestamp, 5);
    for (const time of [Number.MAX_SAFE_INTEGER, -1, 0.5, "2023-02-30"])
      assert.throws(() => readTimestamp(time, true), /^InvalidInput: Time \(/);
  });

  for (const value of [NaN, -1, 1.5, 2 ** 60, "yesterday", "2020-13-45", new Date(NaN), {}, [], true, 5n]) {
    it(`cannot be ${show(value)}`, () => {
      assert.throws(() => readTimestamp(value), /Time \(by default msg\.timestamp\)/);
    });
  }
});
