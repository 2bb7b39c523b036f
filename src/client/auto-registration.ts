/**
 * Registers by itself while there is no identity: tries, waits, tries again, by the rules of the connection.
 * It never touches an identity that exists.
 */
import { toIotError, type IotError } from "../protocol/errors";
import type { Clock } from "../time/clock";
import { Retry } from "./retry";

export type RegistrationAttempt =
  { name: "registering" } | { name: "waiting"; failure: IotError; retryAt: number; permanent: boolean };

export class AutoRegistration {
  private state: RegistrationAttempt | undefined;
  private cancelWait: (() => void) | undefined;
  private attempt: AbortController | undefined;
  /** There is reason to try again that the attempt does not know of. */
  private isOutdated = false;
  private readonly retry: Retry;

  constructor(
    /** Must make nothing of its success once the signal is aborted. */
    private readonly register: (signal: AbortSignal) => Promise<unknown>,
    private readonly changed: () => void,
    private readonly clock: Clock,
    /** Calls back when a file has changed that may have been the reason; gives what ends that. */
    private readonly watch: (onChange: () => void) => () => void = () => () => undefined,
    random = Math.random,
  ) {
    this.retry = new Retry(random);
  }

  /** `undefined` while it has nothing to do. */
  get current(): RegistrationAttempt | undefined {
    return this.state;
  }

  /** Begins, or tries again at once; while an attempt is running, when that has failed. */
  start(): void {
    if (this.state?.name === "registering") {
      this.isOutdated = true;
      return;
    }
    this.isOutdated = false;
    this.cancelWait?.();
    this.attempt = new AbortController();
    this.become({ name: "registering" });
    void this.tryOnce(this.attempt.signal);
  }

  /** Ends a wait for the next attempt. */
  tryAgain(): void {
    if (this.state?.name === "waiting") this.start();
  }

  /** Breaks an attempt off, too. */
  stop(): void {
    this.cancelWait?.();
    this.attempt?.abort();
    this.state = undefined;
    this.retry.reset();
  }

  private async tryOnce(signal: AbortSignal): Promise<void> {
    try {
      await this.register(signal);
      this.retry.reset();
      if (!signal.aborted) this.become(undefined);
    } catch (error) {
      if (!signal.aborted) this.wait(toIotError(error));
    }
  }

  private wait(failure: IotError): void {
    // Somebody else has registered meanwhile: that is what was wanted.
    if (failure.name === "AlreadyRegistered") return this.become(undefined);
    const now = this.clock.monotonic();
    const { wait: longest, permanent } = this.retry.decide(failure, now);
    const wait = this.isOutdated ? 0 : longest;
    const cancelTimer = this.clock.after(wait, () => {
      this.state = undefined;
      this.start();
    });
    const unwatch = this.watch(() => this.start());
    this.cancelWait = () => {
      cancelTimer();
      unwatch();
    };
    this.become({ name: "waiting", failure, retryAt: now + wait, permanent });
  }

  private become(state: RegistrationAttempt | undefined): void {
    this.state = state;
    this.changed();
  }
}
