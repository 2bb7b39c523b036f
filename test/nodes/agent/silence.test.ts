import assert from "node:assert/strict";
import { Silence } from "../../../nodes/agent/silence";

describe("The silence of an agent", () => {
  it("begins with a request that is not answered and ends with one that is", () => {
    const silence = new Silence();
    silence.note(1, 0);
    assert.equal(silence.isUnanswered, false);
    silence.note(1, 1);
    assert.equal(silence.isUnanswered, true);
    silence.note(1, 1);
    assert.equal(silence.isUnanswered, true);
    silence.note(2, 1);
    assert.equal(silence.isUnanswered, false);
  });

  it("is not told while others are answered", () => {
    const silence = new Silence();
    silence.note(5, 1);
    assert.equal(silence.isUnanswered, false);
  });

  it("ends with the connection", () => {
    const silence = new Silence();
    silence.note(0, 1);
    silence.end();
    assert.equal(silence.isUnanswered, false);
  });
});
