/** Values of metrics out of messages: where they stand, bits, scales, decimals, texts, types. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { conversionOf, NoValue, type Made } from "../../src/points/conversion";
import { linear } from "../../src/points/linear";
import { makeValues, planOf } from "../../src/points/plan";
import { readTable } from "../../src/points/read-table";
import { find, readSource } from "../../src/points/source";
import { EVERYTHING } from "../../src/points/strategy";
import type { Row } from "../../src/points/columns";

const make = (row: Omit<Row, "source">, raw: unknown): unknown => {
  const made: Made = conversionOf({ source: "x", ...row })(raw);
  return made instanceof NoValue ? made.words : made;
};

describe("A value of a row", () => {
  it("is raw × scale + offset as a person reckons it", () => {
    assert.equal(make({ scale: 0.1 }, 3), 0.3);
    assert.equal(make({ scale: 0.1, offset: -40 }, 655), 25.5);
    assert.equal(make({ decimals: 2 }, 1.005), 1.01);
    assert.equal(make({ decimals: 0 }, -2.5), -3);
    assert.equal(make({ scale: 1e-7, decimals: 12 }, 3), 3e-7);
    assert.equal(make({ scale: 0.001, decimals: 2 }, 1005), 1.01);
    assert.equal(make({ scale: 2 }, 2n ** 60n), 2n ** 61n);
    assert.equal(make({ scale: 0.5 }, 3n), 1.5);
    assert.ok(Object.is(make({ decimals: 1 }, -0.01), 0));
  });

  it("is what whole numbers say it is, whatever doubles say (seeded)", () => {
    const decimal = fc.tuple(fc.integer({ min: -99_999, max: 99_999 }), fc.integer({ min: 0, max: 5 }));
    const number = ([digits, places]: [number, number]): number => Number(`${digits}e-${places}`);
    const property = fc.property(
      decimal,
      decimal,
      decimal,
      fc.integer({ min: 0, max: 6 }),
      (raw, a, b, decimals) => {
        // All at fifteen places, as whole numbers.
        const whole = ([digits, places]: [number, number], to: number): bigint =>
          BigInt(digits) * 10n ** BigInt(to - places);
        const exact = whole(raw, 5) * whole(a, 10) + whole(b, 15);
        const unit = 10n ** BigInt(15 - decimals);
        const half = exact < 0n ? -unit / 2n : unit / 2n;
        const expected = Number(`${(exact + half) / unit}e-${decimals}`);
        assert.equal(linear(number(a), number(b), decimals)(number(raw)), expected);
      },
    );
    fc.assert(property, { seed: 20261126, numRuns: 5000 });
  });

  it("is a bit of a word, also of a negative or a long one", () => {
    assert.deepEqual(
      [0, 1, 2, 3].map((bit) => make({ bit }, 0b0101)),
      [true, false, true, false],
    );
    assert.equal(make({ bit: 15 }, -1), true);
    assert.equal(make({ bit: 40 }, 2 ** 40), true);
    assert.equal(make({ bit: 63 }, 2n ** 63n), true);
    assert.equal(make({ bit: 31 }, 0xffffffff), true);
    assert.equal(make({ bit: 2, unit: "integer" }, 4), 1);
    assert.equal(make({ bit: 2, texts: "0=off;1=on" }, 4), "on");
    assert.equal(make({ bit: 0 }, 1.5), "words.rowNotWord");
  });

  it("is a text for a number, where one is given for it", () => {
    const texts = "0=off; 1 = on, slowly | true=yes; *=unknown";
    assert.deepEqual(
      [0, 1, true, 7].map((raw) => make({ texts }, raw)),
      ["off", "on, slowly", "yes", "unknown"],
    );
    assert.equal(make({ texts: "0=off" }, 3), "words.rowNoText");
  });

  it("is of the type of the row, or told", () => {
    assert.equal(make({ unit: "°C" }, "21.5"), 21.5);
    assert.equal(make({ unit: "°C" }, true), 1);
    assert.equal(make({ unit: "°C" }, "warm"), "words.rowNotNumber");
    assert.equal(make({ unit: "integer" }, 2.5), "words.rowNotWhole");
    assert.equal(make({ unit: "integer", decimals: 0 }, 2.5), 3);
    assert.equal(make({ unit: "bool" }, "1"), true);
    assert.equal(make({ unit: "bool" }, 2), "words.rowNotBool");
    assert.equal(make({ unit: "string" }, 2), "2");
    assert.equal(make({}, "warm"), "warm");
    for (const raw of [NaN, Infinity]) assert.equal(make({}, raw), "words.rowNotNumber");
    for (const raw of [undefined, null]) assert.equal(make({}, raw), "words.rowNoValue");
    for (const raw of [{}, [], "\ud800"]) assert.equal(make({}, raw), "words.rowNotValue");
    assert.equal(make({ scale: 1e300 }, 1e300), "words.rowNotNumber");
  });
});

describe("A source", () => {
  const message = {
    topic: "t",
    payload: { a: [{ "b c": 1 }], "x.y": 2, "ns=2;s=Line.Temp": 3, list: [7, 8] },
  };
  const at = (text: string, values: unknown = message.payload): unknown => {
    const source = readSource(text);
    assert.ok(source !== undefined && source.in !== "expression", text);
    return find(source, values, message);
  };

  it("is a path, an index, a key as it is, or a path of the message", () => {
    assert.equal(at('a[0]["b c"]'), 1);
    assert.equal(at("a.0.b c"), 1);
    assert.equal(at("x.y"), 2);
    assert.equal(at("ns=2;s=Line.Temp"), 3);
    assert.equal(at("1", [7, 8]), 8);
    assert.equal(at("[1]", [7, 8]), 8);
    assert.equal(at("[1]", Buffer.from([7, 8])), 8);
    assert.equal(at("msg.topic"), "t");
    assert.equal(at("msg.payload.list[0]"), 7);
    assert.deepEqual(readSource("jsonata: payload.a + 1"), { in: "expression", text: "payload.a + 1" });
  });

  it("finds nothing that is not the message's own", () => {
    for (const text of ["constructor", "__proto__", "toString", "a.map", "list.push", "no.where"])
      assert.equal(at(text), undefined, text);
    for (const text of ["a[", "a[b]", "", "a..b", "]"]) assert.equal(readSource(text), undefined, text);
  });
});

describe("A plan", () => {
  const plan = planOf(
    readTable("source,sensor,metric,unit\n0,S,a,°C\n1,S,b,bool\n1,S,b,bool\n],S,c,\n3,S,d,"),
    EVERYTHING,
  );

  it("leaves out rows that cannot be used, and tells them", () => {
    assert.deepEqual(
      plan.problems.map(({ row, words }) => [row, words]),
      [
        [4, "words.rowTwice"],
        [5, "words.rowPath"],
      ],
    );
    assert.equal(plan.points.length, 3);
  });

  it("makes the values that can be made, and tells the others by their rows", () => {
    const { made, problems } = makeValues(plan.points, [21, "no"], {}, { skips: false });
    assert.deepEqual(
      made.map(({ point, value }) => [point.metric.name, value]),
      [["a", 21]],
    );
    assert.deepEqual(problems, [
      { row: 3, column: "source", value: '"no"', words: "words.rowNotBool" },
      { row: 6, column: "source", value: "3", words: "words.rowNoValue" },
    ]);
    assert.deepEqual(makeValues(plan.points, [], {}, { skips: true }), { made: [], problems: [] });
  });
});
