/** How long a certificate still lasts: the API has no renewal, so its end has to be seen coming. */
import type { Identity } from "./identity";

const DAY = 24 * 60 * 60_000;

/** Days before the end at which to warn, the most urgent first. */
const WARNINGS = [1, 7, 30] as const;

export type ExpiryLevel = (typeof WARNINGS)[number] | "ended";

/** Whole days until the certificate ends; negative when it has ended. */
export function daysLeft(identity: Pick<Identity, "validTo">, now: Date): number {
  return Math.floor((identity.validTo.getTime() - now.getTime()) / DAY);
}

/** The most urgent warning that holds now; `undefined` while there are more than 30 days. */
export function expiryLevel(identity: Pick<Identity, "validTo">, now: Date): ExpiryLevel | undefined {
  const left = identity.validTo.getTime() - now.getTime();
  return left <= 0 ? "ended" : WARNINGS.find((days) => left <= days * DAY);
}

/** A fresh certificate begins now by the agent's clock, and ours may be a little behind it. */
const CLOCK_TOLERANCE = 5 * 60_000;

/** Whether the certificate is valid by this clock. */
export function isValidAt(
  { validFrom, validTo }: Pick<Identity, "validFrom" | "validTo">,
  now: Date,
): boolean {
  return validFrom.getTime() <= now.getTime() + CLOCK_TOLERANCE && now < validTo;
}
