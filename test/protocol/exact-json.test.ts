/** Numbers are what was written, also where JavaScript would round them (fault 71). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readDescription, readLiveData } from "../../src/protocol/answers";
import { asBigInt, asText, parseExactly, parseNumber } from "../../src/protocol/exact-json";
import { OPERATIONS } from "../../src/protocol/operations";

const push = (value: unknown): string =>
  OPERATIONS.pushValues.write({ sensorId: "s", metrics: [{ metricId: "n", value: value as bigint }] });
const live = (value: string) =>
  readLiveData(`{"metrics":[{"metricId":"n","value":${value}}]}`).metrics[0]?.value;

describe("JSON that is read exactly", () => {
  it("is what JSON.parse gives, for any JSON without such numbers", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const big = (digits: string) => Number(digits);
        assert.deepEqual(parseExactly(text, big), JSON.parse(text));
      }),
    );
  });

  it("keeps all digits of any integer, wherever it stands, and no text is taken for a number (fault 71)", () => {
    const integer = fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n });
    fc.assert(
      fc.property(integer, fc.string(), (number, text) => {
        const json = `{"a":[${number}, ${JSON.stringify(text)}],"${number}":"${number}", "b" :\n${number}}`;
        const isSafe = Number.isSafeInteger(Number(number));
        const expected = (as: unknown) => ({ a: [as, text], [String(number)]: String(number), b: as });
        assert.deepEqual(parseExactly(json, asText), expected(isSafe ? Number(number) : String(number)));
        assert.deepEqual(parseExactly(json, asBigInt), expected(isSafe ? Number(number) : number));
      }),
    );
  });

  it("leaves fractions and exponents to be doubles, which the agent has, too", () => {
    const text = "[0.12345678901234567890, 12345678901234567890.5, 1e22, -0, 1e-400, 1E+2]";
    assert.deepEqual(parseExactly(text, asText), JSON.parse(text));
  });

  it("does not make a number of what is beyond all doubles", () => {
    const digits = "9".repeat(400);
    assert.deepEqual(parseExactly(`[1e400, -1.5E+999, ${digits}]`, asText), ["1e400", "-1.5E+999", digits]);
    assert.deepEqual(parseExactly(`[1e400, ${digits}]`, asBigInt), [Infinity, Infinity]);
  });

  it("may have texts of any length, however many of their characters are escaped", () => {
    for (const text of ['"'.repeat(500_000), "x".repeat(2_000_000), "\\".repeat(500_001)]) {
      const json = JSON.stringify({ text, n: 1 }).replace(/1}$/, "9007199254740993}");
      assert.deepEqual(parseExactly(json, asText), { text, n: "9007199254740993" });
    }
  });

  it("is refused where JSON.parse refuses it", () => {
    for (const text of [
      "[012345678901234567890]",
      "[1234567890123456789.]",
      "{9007199254740993:1}",
      "9".repeat(20) + "x",
    ])
      assert.throws(() => parseExactly(text, asText), SyntaxError);
  });

  it("reads one number of a field likewise", () => {
    assert.equal(parseNumber("9007199254740993"), 9007199254740993n);
    assert.equal(parseNumber("-21.5"), -21.5);
    for (const text of ["", " ", "five", "1e400", "9".repeat(400)])
      assert.equal(parseNumber(text), undefined);
  });
});

describe("A number of 64 bits", () => {
  it("is pushed with all its digits, as BigInt and as the text of JSON (fault 71)", () => {
    for (const value of [9007199254740993n, -9007199254740993n, 18446744073709551615n])
      assert.equal(push(value), `{"metrics":[{"value":${value},"metricId":"n"}]}`);
  });

  it("is refused as a BigInt where no double is near it, and the metric is named (fault 71)", () => {
    for (const value of [10n ** 400n, -(10n ** 400n), Infinity])
      assert.throws(() => push(value), /The value of metric n is .*; it must be a number/);
    assert.doesNotThrow(() => push(10n ** 300n));
  });

  it("comes out of live data and of a description as a text of its digits (fault 71)", () => {
    assert.equal(live("9007199254740993"), "9007199254740993");
    assert.equal(live("-9223372036854775808"), "-9223372036854775808");
    assert.equal(live("9007199254740991"), 9007199254740991);
    assert.equal(live("1e400"), "1e400");
    const described = readDescription(
      '{"metricId":"n","name":"n","value":9007199254740993,"lastUpdated":9223372036854775}',
    );
    assert.equal(described.value, "9007199254740993");
    assert.equal(described.lastUpdated, null);
  });

  it("keeps no key that reaches prototypes", () => {
    const data = readLiveData(
      '{"metrics":[{"metricId":"n","value":9007199254740993}],"__proto__":{"timestamp":5}}',
    );
    assert.deepEqual(data, { metrics: [{ metricId: "n", value: "9007199254740993" }] });
  });
});
