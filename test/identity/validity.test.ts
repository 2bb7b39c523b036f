/** How long a certificate still lasts. */
import assert from "node:assert/strict";
import { daysLeft, expiryLevel } from "../../src/identity/validity";

describe("The end of a certificate", () => {
  const validTo = new Date("2027-11-23T12:00:00Z");
  const before = (days: number) => new Date(validTo.getTime() - days * 24 * 60 * 60_000);

  const expected: [number, ReturnType<typeof expiryLevel>, number][] = [
    [365, undefined, 365],
    [30.1, undefined, 30],
    [30, 30, 30],
    [7.1, 30, 7],
    [7, 7, 7],
    [1.1, 7, 1],
    [1, 1, 1],
    [0.1, 1, 0],
    [0, "ended", 0],
    [-0.1, "ended", -1],
  ];
  for (const [days, level, whole] of expected) {
    it(`is ${whole} whole days away, level ${level ?? "none"}, ${days} days before it`, () => {
      assert.equal(expiryLevel({ validTo }, before(days)), level);
      assert.equal(daysLeft({ validTo }, before(days)), whole);
    });
  }
});
