import assert from "node:assert/strict";
import { Outage } from "../../../nodes/agent/outage";
import { IotError, type ErrorName } from "../../../src/protocol/errors";

/** What is told of failures, each `seconds name`, permanent ones with an `!` behind. */
function told(outage: Outage, ...failures: string[]): string[] {
  return failures.filter((text) => {
    const [seconds = "", name = ""] = text.split(" ");
    const error = new IotError(name.replace("!", "") as ErrorName);
    return outage.isNews(error, name.endsWith("!"), Number(seconds) * 1000);
  });
}

describe("An outage", () => {
  it("is told once, whatever the attempts in it say", () => {
    const outage = new Outage();
    outage.end();
    assert.deepEqual(told(outage, "0 ConnectionLost", "1 ConnectionRefused", "2 ConnectTimeout"), [
      "0 ConnectionLost",
    ]);
  });

  it("is news again after a connection", () => {
    const outage = new Outage();
    outage.end();
    told(outage, "0 ConnectionLost");
    outage.end();
    assert.deepEqual(told(outage, "1 ConnectionLost"), ["1 ConnectionLost"]);
  });

  it("is told at a start once it lasts: an agent may be about to start, too", () => {
    const outage = new Outage();
    outage.begin(0);
    assert.deepEqual(told(outage, "0 ConnectionRefused", "1 ConnectionRefused", "11 ConnectionRefused"), [
      "11 ConnectionRefused",
    ]);
  });

  it("is told at once, and after all else, when somebody has to remove its reason", () => {
    const outage = new Outage();
    outage.begin(0);
    const failures = [
      "0 ServerNotTrusted!",
      "1 ServerNotTrusted!",
      "2 ConnectionRefused",
      "3 ServerNameMismatch!",
    ];
    assert.deepEqual(told(outage, ...failures), ["0 ServerNotTrusted!", "3 ServerNameMismatch!"]);
    outage.end();
    assert.deepEqual(told(outage, "4 ConnectionLost", "5 IdentityInUse"), [
      "4 ConnectionLost",
      "5 IdentityInUse",
    ]);
  });
});
