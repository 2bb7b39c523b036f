/** That a test which waits in vain says what for. */
import assert from "node:assert/strict";
import { explainWaits, telling, until } from "../support/waits";

/** As mocha leaves a test whose time is over. */
function failed(): { state: "failed"; err: Error } {
  return { state: "failed", err: new Error("Timeout of 60000ms exceeded") };
}

describe("Waiting in a test", () => {
  it("gives what was looked for", async () => {
    let looks = 0;
    assert.equal(await until("the third look", () => ++looks === 3 && "found"), "found");
  });

  it("says, when its time is over, what it waited for and what there was", () => {
    void until(
      "three messages",
      () => undefined,
      () => ["one", "two"],
    );
    const test = failed();
    explainWaits(test);
    assert.match(
      test.err.message,
      /exceeded\n {2}waited for: three messages\n {2}there was: {2}\["one","two"\]/,
    );
    assert.ok(test.err.stack?.includes("three messages"));
  });

  it("says where it waits, if it has no name", () => {
    void telling(new Error(), () => "nothing", new Promise(() => undefined));
    const test = failed();
    explainWaits(test);
    assert.match(test.err.message, /waited for: .*waits\.test\.ts/);
  });

  it("says nothing of what has come, nor of a test before", async () => {
    void until("the test before", () => undefined);
    explainWaits(undefined);
    await until("this", () => true);
    const test = failed();
    explainWaits(test);
    assert.equal(test.err.message, "Timeout of 60000ms exceeded");
  });
});
