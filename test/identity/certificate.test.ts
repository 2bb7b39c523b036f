/** Which certificates are believed. */
import assert from "node:assert/strict";
import { certificateCheck, describeCertificate } from "../../src/identity/certificate";
import { Authority, newKey } from "./authority";
import { isError } from "./expect";

const DAY = 24 * 60 * 60_000;

describe("A certificate that comes back", () => {
  const authority = new Authority();
  const sameName = new Authority();
  const key = newKey();
  const from = (milliseconds: number) => new Date(Date.now() + milliseconds);
  const against = { key, ca: authority.certificate };
  const check = (certificate: string, given = against) =>
    describeCertificate(certificateCheck(given)(certificate));

  it("is believed when it fits the key and the agent's authority signed it, and tells who we are", () => {
    const facts = check(authority.issue(key));
    assert.equal(facts.clientId, "06a9d9219eb497c995216e130ab67480");
    assert.equal(facts.validTo.getTime() - facts.validFrom.getTime(), 365 * DAY);
    assert.match(facts.fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
  });

  it("is believed when one authority of a bundle signed it", () => {
    const ca = sameName.certificate + authority.certificate;
    assert.ok(check(authority.issue(key), { ...against, ca }));
  });

  for (const [what, validity] of [
    ["is valid in a year only, by our clock", { from: from(365 * DAY), to: from(730 * DAY) }],
    ["has ended, by our clock", { from: from(-2 * DAY), to: from(-DAY) }],
  ] as const) {
    it(`is believed when it ${what}: only the clocks speak against it (fault 48)`, () => {
      assert.ok(check(authority.issue(key, validity)));
    });
  }

  it("is found among those that lead to its authority, in any order", () => {
    const leaf = authority.issue(key);
    assert.equal(check(authority.certificate + leaf).fingerprint, check(leaf).fingerprint);
  });

  const forgeries: [string, () => string, string][] = [
    ["is no certificate", () => "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "format"],
    ["is empty", () => "", "format"],
    ["belongs to another key", () => authority.issue(newKey()), "key"],
    ["was signed by another authority", () => new Authority("SomebodyElse").issue(key), "issuer"],
    ["was signed by a fake authority of the same name", () => sameName.issue(key), "issuer"],
    ["names no client ID", () => authority.issue(key, { clientId: "a/b" }), "name"],
    ["names a client that is a wildcard", () => authority.issue(key, { clientId: "+" }), "name"],
    ["is an authority's", () => authority.issue(key, { authority: true }), "authority"],
  ];
  for (const [what, forge, reason] of forgeries) {
    it(`is refused when it ${what}`, () => {
      assert.throws(() => check(forge()), isError(`CertificateRejected.${reason}`));
    });
  }

  it("is refused when it was altered after it was signed", () => {
    const der = Buffer.from(authority.issue(key).replace(/-----[^-]+-----/g, ""), "base64");
    const at = der.indexOf("06a9d9219");
    der.write("16a9d9219", at);
    const altered = `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`;
    assert.throws(() => check(altered), isError("CertificateRejected.issuer"));
  });
});
