/** What others wrote is shown as one clean line (fault 76). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readError, readText } from "../../src/protocol/answers";
import { IotError } from "../../src/protocol/errors";
import { show } from "../../src/protocol/input";
import { cleanText } from "../../src/protocol/text";

// eslint-disable-next-line no-control-regex -- they are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const FORGED =
  "no\n26 Nov 12:00:00 - [error] forged \u001b[31mred\u202egnp.exe\u2066x\u061c\u200f\u0085\u0000";

describe("A text that somebody else wrote", () => {
  it("has no control characters, no bidirectional ones, and 500 characters at most, whatever it was (fault 76)", () => {
    const unit = fc.oneof(fc.constantFrom(...FORGED, "\ud800", "😀"), fc.string({ unit: "binary" }));
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 1000 }), (text) => {
        const clean = cleanText(text);
        assert.doesNotMatch(clean, CONTROLS);
        assert.ok(clean.length <= 500 && clean.isWellFormed());
        assert.equal(cleanText(clean), clean);
      }),
    );
  });

  it("is cut where it has more than 500 characters, and says so", () => {
    const most = "x".repeat(500);
    assert.equal(cleanText(most), most);
    assert.equal(cleanText(`${most}x`), `${"x".repeat(499)}…`);
  });

  it("has one space for line ends that follow each other, and a sign for each other control character", () => {
    assert.equal(cleanText("a\r\n\n\tb\u2028c\u001b\u0007d"), "a b c��d");
  });

  it("stays as it is where nothing is wrong with it", () => {
    for (const text of ["", "Sensor was updated.", "Größe 21,5 °C — 温度 😀"])
      assert.equal(cleanText(text), text);
  });

  it("is clean in every error that tells of it, in its details, its message and the values that it shows (fault 76)", () => {
    const error = readError(JSON.stringify({ errorcode: 15, errorMessage: FORGED }));
    for (const text of [error.message, error.details.message, String(error)])
      assert.doesNotMatch(String(text), CONTROLS);
    assert.match(error.message, /no 26 Nov/);
    const details = { host: FORGED, names: FORGED.repeat(100), code: 5 };
    const other = new IotError("ServerNameMismatch", { details });
    assert.doesNotMatch(Object.values(other.details).join(""), CONTROLS);
    assert.ok(String(other.details.names).length <= 500);
    assert.equal(other.details.code, 5);
    assert.doesNotMatch(show({ [FORGED]: [FORGED] }), CONTROLS);
  });

  it("is clean as the agent's text that answers a request, with or without quotes (fault 76)", () => {
    assert.doesNotMatch(readText(FORGED), CONTROLS);
    assert.doesNotMatch(readText(JSON.stringify(FORGED)), CONTROLS);
    assert.equal(readText('"Sensor was updated."'), "Sensor was updated.");
  });
});

describe("A value in an error", () => {
  const getter = {
    get temp(): never {
      throw new Error("a getter that throws");
    },
  };
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  for (const [value, shown] of [
    [{ a: 1 }, '{"a":1}'],
    [{ value: 5, unit: "C" }, '{"value":5,"unit":"C"}'],
    [[1, "two", [3n]], '[1,"two",[3n]]'],
    [
      { a: undefined, f: () => 1, d: Buffer.from("x"), m: new Map() },
      '{"a":undefined,"f":function() {…},"d":Buffer(1),"m":Map}',
    ],
    [getter, '{"temp":…}'],
    [cyclic, '{"self":{"self":{"self":{…}}}}'],
    [Array.from({ length: 1000 }, (_, index) => index), "[0,1,2,3,4,5,6,7,8,9,…]"],
    ["text", '"text"'],
    ["x".repeat(60), `"${"x".repeat(60)}"`],
    ["x".repeat(61), `"${"x".repeat(59)}…`],
    [null, "null"],
    [{ a: { b: { c: {} } } }, '{"a":{"b":{"c":{}}}}'],
    [{ a: { b: { c: { d: 1 } } } }, '{"a":{"b":{"c":{…}}}}'],
    [Array.from({ length: 10 }, (_, index) => index), "[0,1,2,3,4,5,6,7,8,9]"],
    [{}, "{}"],
  ] as const)
    it(`is shown as JSON: ${shown}`, () => assert.equal(show(value), shown));
});
