import assert from "node:assert/strict";
import { pingText } from "../../../nodes/ping/ping";

describe("The text of a ping", () => {
  it("is a text, or what the API's own message holds", () => {
    assert.equal(pingText("hello"), "hello");
    assert.equal(pingText({ request: "hello" }), "hello");
  });

  it("is a number or a boolean as text", () => {
    assert.equal(pingText(0), "0");
    assert.equal(pingText(1_590_394_246_545), "1590394246545");
    assert.equal(pingText(false), "false");
    assert.equal(pingText(9007199254740993n), "9007199254740993");
  });

  it("is one that nobody else sends when there is nothing", () => {
    const texts = [undefined, null, ""].map(pingText);
    assert.equal(new Set(texts).size, 3);
    assert.ok(texts.every((text) => text.length > 20));
  });

  for (const value of [{}, { request: 5 }, { request: "" }, [], Symbol("x"), () => "x"]) {
    it(`is not ${typeof value} ${typeof value === "object" ? JSON.stringify(value) : ""}`, () => {
      assert.throws(
        () => pingText(value),
        /^InvalidInput: Text \(by default msg\.payload\) must be text or \{request: text\}/,
      );
    });
  }
});
