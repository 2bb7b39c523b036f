import assert from "node:assert/strict";
import { missingOf } from "../support/needs";

const nothing = (): boolean => false;
const everything = (): boolean => true;

describe("What a test needs", () => {
  it("skips it where it is not there, with what to do", () => {
    assert.match(missingOf(["mosquitto"], {}, nothing) ?? "", /^mosquitto: install/);
    assert.equal(missingOf(["mosquitto"], {}, everything), undefined);
  });

  it("must be there in CI", () => {
    assert.throws(() => missingOf(["chromium"], { CI: "true" }, nothing), /^Error: chromium: install/);
  });

  it("is done without, in CI too, where it is named, even if it is there", () => {
    const env = { CI: "true", TESTS_WITHOUT: "mosquitto,chromium" };
    assert.equal(missingOf(["chromium"], env, everything), "chromium, by TESTS_WITHOUT");
    assert.equal(missingOf(["openssl"], env, everything), undefined);
    assert.throws(() => missingOf(["openssl"], env, nothing), /openssl/);
  });
});
