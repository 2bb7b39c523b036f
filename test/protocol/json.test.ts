/** JSON of somebody else is bounded before anything is built of it. */
import assert from "node:assert/strict";
import { isRecord, isUnsafeKey, parseJson } from "../../src/protocol/json";
import { MAX_JSON_DEPTH } from "../../src/protocol/limits";

describe("JSON that somebody else wrote", () => {
  it("may be as long as is allowed, in bytes, and no longer", () => {
    assert.equal(parseJson('"ü"', undefined, 4), "ü");
    assert.throws(() => parseJson('"ü"', undefined, 3), {
      name: "SyntaxError",
      message: "longer than 3 bytes",
    });
    assert.equal((parseJson(JSON.stringify("x".repeat(262_142))) as string).length, 262_142);
    assert.throws(() => parseJson(JSON.stringify("x".repeat(262_143))), /longer than 262144 bytes/);
  });

  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    it(`may nest ${MAX_JSON_DEPTH} levels of ${open} and no more`, () => {
      const nested = (levels: number) => open.repeat(levels) + "1" + close.repeat(levels);
      assert.doesNotThrow(() => parseJson(nested(MAX_JSON_DEPTH)));
      assert.throws(() => parseJson(nested(MAX_JSON_DEPTH + 1)), {
        name: "SyntaxError",
        message: `nested deeper than ${MAX_JSON_DEPTH} levels`,
      });
      // Side by side is not deep.
      const one = nested(MAX_JSON_DEPTH - 1);
      assert.doesNotThrow(() => parseJson(`[${Array(100).fill(one).join()}]`));
    });
  }

  it("is not nested by the brackets of a text, whatever is escaped in it", () => {
    for (const text of [
      "[".repeat(100),
      '"' + "[".repeat(100),
      "\\" + "{".repeat(100),
      '\\"' + "[".repeat(100),
    ]) {
      assert.deepEqual(parseJson(JSON.stringify({ [text]: text })), { [text]: text });
    }
    // A text that ends in a backslash ends all the same.
    assert.throws(() => parseJson(`["\\\\",${"[".repeat(100)}`), /nested deeper/);
  });

  it("has no key that reaches prototypes, however it is written", () => {
    const text = '{"a":1,"__proto__":{"x":1},"constructor":2,"proto\\u0074ype":3,"b":{"__proto__":4}}';
    assert.deepEqual(parseJson(text), { a: 1, b: {} });
    for (const key of ["__proto__", "constructor", "prototype"]) assert.equal(isUnsafeKey(key), true);
    assert.equal(isUnsafeKey("proto"), false);
  });

  it("is a record only as an object with names", () => {
    assert.deepEqual(
      [{}, [], null, "a", 1, undefined].map((value) => isRecord(value)),
      [true, false, false, false, false, false],
    );
  });
});
