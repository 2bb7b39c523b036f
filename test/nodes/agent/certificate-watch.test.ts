import assert from "node:assert/strict";
import { CertificateWatch } from "../../../nodes/agent/certificate-watch";
import type { Identity } from "../../../src/identity/identity";
import type { IotError } from "../../../src/protocol/errors";
import { FakeClock } from "../../support/agent/fake-clock";

const DAY = 24 * 60 * 60_000;
const END = Date.UTC(2027, 0, 31);
const identity = {
  clientId: "06a9d9219eb497c995216e130ab67480",
  validFrom: new Date(END - 365 * DAY),
  validTo: new Date(END),
  fingerprint: "AB:CD",
} as Identity;

describe("The end of a certificate", () => {
  let told: IotError[] = [];
  let clock: FakeClock;
  const watch = (now: number): CertificateWatch => {
    told = [];
    clock = new FakeClock(now);
    return new CertificateWatch((warning) => told.push(warning), clock);
  };

  it("is told 30, 7 and 1 days before, once each, with the day (fault 25)", () => {
    const certificate = watch(END - 60 * DAY);
    certificate.watch(identity);
    assert.equal(certificate.days, undefined);
    for (let days = 60; days > -2; days -= 0.25) {
      clock.advance(DAY / 4);
      certificate.watch(identity);
    }
    certificate.stop();
    assert.equal(clock.pending, 0);
    assert.deepEqual(
      told.map(({ name, details }) => [name, details.days, details.to]),
      [
        ["CertificateEnding", 30, "2027-01-31"],
        ["CertificateEnding", 7, "2027-01-31"],
        ["CertificateEnding", 1, "2027-01-31"],
      ],
    );
  });

  it("is told at once when it is near already, and shown while it is", () => {
    const certificate = watch(END - 3.5 * DAY);
    certificate.watch(identity);
    assert.equal(told.length, 1);
    assert.equal(certificate.days, 3);
    certificate.stop();
    assert.equal(certificate.days, undefined);
  });

  for (const [what, when] of [
    ["not begun", END - 400 * DAY],
    ["ended", END + DAY],
  ] as const) {
    it(`that has ${what} by our clock only is told once, for it is used all the same (fault 48)`, () => {
      const certificate = watch(when);
      certificate.watch(identity);
      certificate.watch(identity);
      certificate.stop();
      assert.deepEqual(
        told.map(({ name }) => name),
        ["CertificateClock"],
      );
      assert.doesNotMatch(told[0]!.message, /__/);
    });
  }
});
