/**
 * When to try again, and whether that will help: the rules of connecting and of registering, as a table. Whoever waits
 * also tries at once when the machine's clock was set or a file that was named has changed.
 */
import type { ErrorName, IotError } from "../protocol/errors";
import { isCertain } from "../transport/failures";
import { BackOff, type PastSession } from "./back-off";

type Span = readonly [least: number, most: number];

interface Rule {
  /** Milliseconds that it has to last before it is taken for one that somebody has to mend. */
  readonly believedAfter?: number;
  /** Milliseconds to the next attempt, where that is not the back-off's to say. */
  readonly wait?: Span;
}

/** An agent, or a simulator, that is starting fails in the same way: it has to last so long. */
const BELIEVED_AFTER_MS = 10_000;
/** Somebody has to mend it, and wants to see that it is mended: once a minute at least, connecting included. */
const PERMANENT_MS: Span = [30_000, 50_000];
/**
 * A clock that is wrong, here or on the agent's machine, looks like a certificate that is. Ours is watched; the agent's
 * is not, so it is tried often enough to be connected 30 s after it was set.
 */
const CLOCK_WAIT_MS: Span = [10_000, 15_000];
const CLOCK: Rule = { believedAfter: 20_000, wait: CLOCK_WAIT_MS };
const FILE: Rule = { believedAfter: BELIEVED_AFTER_MS };

const RULES: { readonly [name in ErrorName]?: Rule } = {
  ServerCertificateNotYetValid: CLOCK,
  ServerCertificateExpired: CLOCK,
  ClientCertificateExpired: CLOCK,
  // This is also what OpenSSL says of a certificate that is not valid yet.
  ClientCertificateRefused: { wait: CLOCK_WAIT_MS },
  CaMissing: FILE,
  CaUnreadable: FILE,
  // Fault 11: at most one attempt in 30 s while another client takes our place.
  IdentityInUse: { wait: [60_000, 60_000] },
};

/** So many sessions within this time that the broker ended while it went on listening: another client takes them over. */
const MANY_HANG_UPS = 5;
const HANG_UPS_MS = 30_000;

export interface Decision {
  /** Milliseconds to the next attempt. */
  wait: number;
  /** Trying again will hardly help: somebody has to do something first. */
  permanent: boolean;
}

export class Retry {
  private readonly backOff: BackOff;
  private lasting = { name: "", since: 0 };
  private hangUps: number[] = [];

  constructor(private readonly random: () => number) {
    this.backOff = new BackOff(random);
  }

  /** After an attempt that failed, or a session that has ended; `now` on the monotonic clock. */
  decide(failure: IotError, now: number, session?: PastSession): Decision {
    const { name, retryable } = failure;
    const isMeant = isCertain(failure);
    const { believedAfter = isMeant ? 0 : BELIEVED_AFTER_MS, wait } = RULES[name] ?? {};
    if (this.lasting.name !== name) this.lasting = { name, since: now };
    const permanent = !retryable && now - this.lasting.since >= believedAfter;
    const backedOff =
      session === undefined ? this.backOff.afterFailure() : this.backOff.afterSession(session);
    const span = permanent ? (wait ?? PERMANENT_MS) : isMeant ? wait : undefined;
    return { permanent, wait: span === undefined ? backedOff : this.within(span) };
  }

  /**
   * The broker has ended a session, and listens at this moment, or does not. True where another client seems to take our
   * place (fault 11): two with one MQTT client ID push each other off for ever, and to each it looks like an agent that
   * hangs up. One that was killed does not listen, most of the time; so this is a suspicion.
   */
  isTakeover(isListening: boolean, now: number): boolean {
    const recent = this.hangUps.filter((time) => now - time < HANG_UPS_MS);
    this.hangUps = isListening ? [...recent, now] : [];
    return this.hangUps.length >= MANY_HANG_UPS;
  }

  /** A session came about: whatever lasted is over. */
  succeeded(): void {
    this.lasting = { name: "", since: 0 };
  }

  /** Something was changed, or a person wants it tried: begins as at first. */
  reset(): void {
    this.succeeded();
    this.backOff.reset();
  }

  private within([least, most]: Span): number {
    return least + this.random() * (most - least);
  }
}
