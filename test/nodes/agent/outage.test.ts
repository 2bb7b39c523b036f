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
    outage.end(0);
    assert.deepEqual(told(outage, "0 ConnectionLost", "1 ConnectionRefused", "2 ConnectTimeout"), [
      "0 ConnectionLost",
    ]);
  });

  it("is news again after a connection that has lasted", () => {
    const outage = new Outage();
    outage.end(0);
    told(outage, "0 ConnectionLost");
    outage.end(1000);
    assert.deepEqual(told(outage, "11 ConnectionLost"), ["11 ConnectionLost"]);
  });

  it("is told once, too, when each new connection ends at once (fault 50)", () => {
    const outage = new Outage();
    outage.end(0);
    const news = Array.from({ length: 20 }, (_, second) => {
      outage.end(second * 1000);
      return told(outage, `${second} ConnectionLost`);
    });
    assert.deepEqual(news.flat(), ["0 ConnectionLost"]);
  });

  it("is told once more when the broker says for ten seconds that it is not available (fault 51)", () => {
    const outage = new Outage();
    outage.end(0);
    const failures = ["60 ConnectionLost", "61 BrokerUnavailable", "69 BrokerUnavailable"];
    assert.deepEqual(told(outage, ...failures), ["60 ConnectionLost"]);
    const later = ["70 BrokerUnavailable", "80 BrokerUnavailable", "90 ConnectionRefused"];
    assert.deepEqual(told(outage, ...later), ["70 BrokerUnavailable"]);
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
    outage.end(4000);
    assert.deepEqual(told(outage, "14 ConnectionLost", "15 IdentityInUse"), [
      "14 ConnectionLost",
      "15 IdentityInUse",
    ]);
  });
});
