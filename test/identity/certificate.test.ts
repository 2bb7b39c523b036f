/** Which certificates are believed. */
import assert from "node:assert/strict";
import { checkCertificate } from "../../src/identity/certificate";
import { Authority, newKey } from "./authority";
import { isError } from "./expect";

const DAY = 24 * 60 * 60_000;

describe("A certificate that comes back", () => {
  const authority = new Authority();
  const sameName = new Authority();
  const key = newKey();
  const from = (milliseconds: number) => new Date(Date.now() + milliseconds);
  // The tests before these can take long.
  const against = { key, ca: authority.certificate, now: new Date() };
  beforeEach(() => {
    against.now = new Date();
  });

  it("is believed when it fits the key and the agent's authority signed it, and tells who we are", () => {
    const facts = checkCertificate(authority.issue(key), against);
    assert.equal(facts.clientId, "06a9d9219eb497c995216e130ab67480");
    assert.equal(facts.validTo.getTime() - facts.validFrom.getTime(), 365 * DAY);
    assert.match(facts.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  it("is believed when one authority of a bundle signed it", () => {
    const ca = sameName.certificate + authority.certificate;
    assert.ok(checkCertificate(authority.issue(key), { ...against, ca }));
  });

  it("is believed when the agent's clock is a minute ahead", () => {
    assert.ok(checkCertificate(authority.issue(key, { from: from(60_000) }), against));
  });

  const forgeries: [string, () => string, string][] = [
    ["is no certificate", () => "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "format"],
    ["is empty", () => "", "format"],
    ["belongs to another key", () => authority.issue(newKey()), "key"],
    ["was signed by another authority", () => new Authority("SomebodyElse").issue(key), "issuer"],
    ["was signed by a fake authority of the same name", () => sameName.issue(key), "issuer"],
    ["names no client ID", () => authority.issue(key, { clientId: "a/b" }), "name"],
    ["names a client that is a wildcard", () => authority.issue(key, { clientId: "+" }), "name"],
    ["has ended", () => authority.issue(key, { from: from(-2 * DAY), to: from(-1000) }), "validity"],
    ["is valid tomorrow only", () => authority.issue(key, { from: from(DAY) }), "validity"],
    ["is an authority's", () => authority.issue(key, { authority: true }), "authority"],
  ];
  for (const [what, forge, reason] of forgeries) {
    it(`is refused when it ${what}`, () => {
      assert.throws(() => checkCertificate(forge(), against), isError(`CertificateRejected.${reason}`));
    });
  }

  it("is refused when it was altered after it was signed", () => {
    const der = Buffer.from(authority.issue(key).replace(/-----[^-]+-----/g, ""), "base64");
    const at = der.indexOf("06a9d9219");
    der.write("16a9d9219", at);
    const altered = `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
    assert.throws(() => checkCertificate(altered, against), isError("CertificateRejected.issuer"));
  });
});
