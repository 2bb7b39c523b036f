/**
 * Says 30, 7 and 1 days before that the certificate ends: once each, for there is no renewal. And says when only our
 * clock speaks against a certificate.
 */
import { daysLeft, expiryLevel, isValidAt } from "../../src/identity/validity";
import type { Identity } from "../../src/identity/identity";
import { IotError } from "../../src/protocol/errors";
import type { Clock } from "../../src/time/clock";
import { every } from "../../src/time/every";

const EVERY_HOUR = 3_600_000;

export class CertificateWatch {
  private readonly told = new Set<string>();
  private stopLooking: (() => void) | undefined;
  private identity: Identity | undefined;

  constructor(
    private readonly tell: (warning: IotError) => void,
    private readonly clock: Clock,
  ) {}

  private get now(): Date {
    return new Date(this.clock.now());
  }

  /** Days until the end, where it is time to say so. */
  get days(): number | undefined {
    if (this.identity === undefined) return undefined;
    return expiryLevel(this.identity, this.now) === undefined ? undefined : daysLeft(this.identity, this.now);
  }

  watch(identity: Identity | undefined): void {
    if (identity === undefined || identity.fingerprint === this.identity?.fingerprint) return;
    this.identity = identity;
    this.checkClock(identity);
    this.check();
    this.stopLooking ??= every(this.clock, EVERY_HOUR, () => this.check());
  }

  stop(): void {
    this.stopLooking?.();
    this.stopLooking = undefined;
    this.identity = undefined;
  }

  /** It works, or is about to: whether it is valid is the agent's to say, and ours to wonder about. */
  private checkClock({ clientId, validFrom, validTo }: Identity): void {
    const { now } = this;
    if (isValidAt({ validFrom, validTo }, now)) return;
    const details = {
      clientId,
      now: now.toISOString(),
      from: validFrom.toISOString(),
      to: validTo.toISOString(),
    };
    this.tell(new IotError("CertificateClock", { details }));
  }

  private check(): void {
    if (this.identity === undefined) return;
    const level = expiryLevel(this.identity, this.now);
    // An ended certificate is told by the connection that it fails.
    if (level === undefined || level === "ended") return;
    const once = `${this.identity.fingerprint} ${level}`;
    if (this.told.has(once)) return;
    this.told.add(once);
    this.tell(
      new IotError("CertificateEnding", {
        details: {
          days: daysLeft(this.identity, this.now),
          to: this.identity.validTo.toISOString().slice(0, 10),
          clientId: this.identity.clientId,
        },
      }),
    );
  }
}
