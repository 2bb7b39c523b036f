/**
 * Registers by itself while there is no identity: tries, waits, tries again, by the rules of the connection.
 * It never touches an identity that exists.
 */
import { BackOff, DOUBT_MS, isAboutLocalFile, LOCAL_MS, PERMANENT_MS } from "../../src/client/back-off";
import { toIotError } from "../shared/error-report";
import type { IotError } from "../../src/protocol/errors";
import type { Clock } from "../../src/time/clock";

export type RegistrationState =
  { name: "registering" } | { name: "waiting"; failure: IotError; retryAt: number; permanent: boolean };

export class AutoRegistration {
  private state: RegistrationState | undefined;
  private cancelWait: (() => void) | undefined;
  private attempt: AbortController | undefined;
  /** Since when a file is missing. */
  private missingSince: number | undefined;
  private readonly backOff = new BackOff(Math.random);

  constructor(
    /** Must make nothing of its success once the signal is aborted. */
    private readonly register: (signal: AbortSignal) => Promise<unknown>,
    private readonly changed: () => void,
    private readonly clock: Clock,
  ) {}

  /** `undefined` while it has nothing to do. */
  get current(): RegistrationState | undefined {
    return this.state;
  }

  /** Begins, or tries again at once; while an attempt is running nothing happens. */
  start(): void {
    if (this.state?.name === "registering") return;
    this.cancelWait?.();
    this.attempt = new AbortController();
    this.become({ name: "registering" });
    void this.tryOnce(this.attempt.signal);
  }

  /** Breaks an attempt off, too. */
  stop(): void {
    this.cancelWait?.();
    this.attempt?.abort();
    this.state = undefined;
    this.backOff.reset();
  }

  private async tryOnce(signal: AbortSignal): Promise<void> {
    try {
      await this.register(signal);
      this.backOff.reset();
      this.missingSince = undefined;
      if (!signal.aborted) this.become(undefined);
    } catch (error) {
      if (!signal.aborted) this.wait(toIotError(error));
    }
  }

  private wait(failure: IotError): void {
    // Somebody else has registered meanwhile: that is what was wanted.
    if (failure.name === "AlreadyRegistered") return this.become(undefined);
    const isLocal = isAboutLocalFile(failure);
    const now = this.clock.monotonic();
    this.missingSince = isLocal ? (this.missingSince ?? now) : undefined;
    const permanent = !failure.retryable && (!isLocal || now - this.missingSince! >= DOUBT_MS);
    const delay = isLocal ? LOCAL_MS : permanent ? PERMANENT_MS : this.backOff.afterFailure();
    this.cancelWait = this.clock.after(delay, () => {
      this.state = undefined;
      this.start();
    });
    this.become({ name: "waiting", failure, retryAt: this.clock.now() + delay, permanent });
  }

  private become(state: RegistrationState | undefined): void {
    this.state = state;
    this.changed();
  }
}
