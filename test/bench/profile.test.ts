import assert from "node:assert/strict";
import { timesOf, type Profile } from "../../bench/profile";

describe("A profile of the bench", () => {
  const node = (id: number, functionName: string, url = "", lineNumber = -1): Profile["nodes"][number] => ({
    id,
    callFrame: { functionName, url, lineNumber, columnNumber: 0, scriptId: "0" },
  });

  it("gives the functions with the most time of their own, each time that something happened, and no idleness", () => {
    const file = "file:///project/dist/src/a.js";
    const nodes = [
      node(1, "(idle)"),
      node(2, "take", file, 9),
      node(3, "take", file, 9),
      node(4, "", "node:net", 4),
    ];
    const profile = { nodes, startTime: 0, endTime: 0, samples: [1, 2, 3, 4], timeDeltas: [900, 60, 20, 20] };
    assert.deepEqual(timesOf(profile, 10), [
      { what: "take", where: "src/a.js:10", whose: "ours", "CPU µs": 8, "%": 80 },
      { what: "(no name)", where: "node:net:5", whose: "Node.js", "CPU µs": 2, "%": 20 },
    ]);
  });
});
