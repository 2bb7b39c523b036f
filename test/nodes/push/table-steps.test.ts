import assert from "node:assert/strict";
import { moved, Steps } from "../../../nodes/push/table-steps.editor";

describe("What was done to a list", () => {
  it("is taken back step by step, until nothing is left", () => {
    const steps = new Steps<string>();
    assert.equal(steps.isEmpty, true);
    steps.note("a");
    steps.note("ab");
    assert.deepEqual([steps.back(), steps.back(), steps.back()], ["ab", "a", undefined]);
    assert.equal(steps.isEmpty, true);
  });

  it("is one step where it is typed into one field, and another after it was taken back", () => {
    const steps = new Steps<string>();
    for (const [state, name] of [
      ["", "1 unit"],
      ["b", "1 unit"],
      ["ba", "1 unit"],
      ["bar", "2 unit"],
    ] as const)
      steps.note(state, name);
    assert.deepEqual([steps.back(), steps.back()], ["bar", ""]);
    steps.note("c", "1 unit");
    assert.equal(steps.back(), "c");
  });

  it("is kept for the last 200 steps", () => {
    const steps = new Steps<number>();
    for (let state = 0; state < 1000; state++) steps.note(state);
    let count = 0;
    while (steps.back() !== undefined) count++;
    assert.equal(count, 200);
  });
});

describe("A row that is moved", () => {
  it("changes places with its neighbour, and stays where it is at the end of the list", () => {
    const list = ["a", "b", "c"];
    assert.deepEqual(moved(list, 0, 1), ["b", "a", "c"]);
    assert.deepEqual(moved(list, 2, -1), ["a", "c", "b"]);
    assert.equal(moved(list, 0, -1), list);
    assert.equal(moved(list, 2, 1), list);
    assert.equal(moved(list, -1, 1), list);
  });
});
