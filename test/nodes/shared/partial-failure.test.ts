import assert from "node:assert/strict";
import { PartialFailure } from "../../../nodes/shared/error-report";
import { splitCreateFailure, splitFailure } from "../../../nodes/shared/partial-failure";
import { agentError, IotError } from "../../../src/protocol/errors";

describe("A failure of some metrics", () => {
  const partsOf = (thrown: unknown): unknown => (thrown instanceof PartialFailure ? thrown.parts : undefined);

  for (const code of [23, 24, 26, 27]) {
    it(`says which of them did not fail (${code})`, () => {
      const error = agentError(code, "", { metrics: ["b"] });
      const thrown = splitFailure(error, ["a", "b", "c"]);
      assert.deepEqual(partsOf(thrown), { delivered: ["a", "c"] });
      assert.equal((thrown as PartialFailure).error, error);
    });
  }

  it("says so by their names where they have no IDs yet", () => {
    const asked = [
      { matchingId: "1", name: "Speed" },
      { matchingId: "2", name: "State" },
    ];
    const thrown = splitCreateFailure(agentError(26, "", { metrics: ["2"] }), asked);
    assert.deepEqual(partsOf(thrown), { metrics: ["State"], matchingIds: ["2"], delivered: ["Speed"] });
  });

  const UNKNOWN: readonly (readonly [title: string, error: unknown])[] = [
    ["another error", agentError(15, "", { metrics: ["b"] })],
    ["an error of ours", new IotError("ReplyTimeout")],
    ["no error", "text"],
    ["one that names no metric", agentError(27, "")],
    ["one with an empty list", agentError(27, "", { metrics: [] })],
    ["one that names a metric that was not asked for", agentError(27, "", { metrics: ["b", "x"] })],
  ];
  for (const [title, error] of UNKNOWN) {
    it(`claims nothing of the others for ${title}`, () => {
      assert.equal(splitFailure(error, ["a", "b"]), error);
      assert.equal(splitCreateFailure(error, [{ matchingId: "b", name: "B" }]), error);
    });
  }
});
