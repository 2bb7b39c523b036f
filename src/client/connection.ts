/**
 * Keeps one session up: the only state machine, and the only owner of the session and of the waits between
 * attempts. Whoever wants to know how the connection is reads `state`; nobody else decides it.
 */
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import type { Identity, IdentitySource } from "../identity/identity";
import { IotError } from "../protocol/errors";
import { CLOSED_BY_PEER, isCertain } from "../transport/failures";
import type { Endpoint, OpenSession, Session } from "../transport/session";
import { BackOff, DOUBT_MS, isAboutLocalFile, LOCAL_MS, PERMANENT_MS, TAKEN_OVER_MS } from "./back-off";
import type { Clock } from "../time/clock";
import { Takeovers } from "./takeovers";

export type ConnectionState =
  /** Not started, or closed. */
  | { name: "idle" }
  /** There is no identity yet. */
  | { name: "notRegistered" }
  | { name: "connecting"; attempt: number }
  /** Every subscription is confirmed; `since` in milliseconds since the epoch. */
  | { name: "connected"; since: number }
  /** Tries again at `retryAt`, milliseconds since the epoch; `permanent` when that will hardly help. */
  | { name: "waiting"; failure: IotError; retryAt: number; permanent: boolean }
  /** By a disconnect action. */
  | { name: "disconnected" };

export interface ConnectionSettings {
  /** Read anew for each attempt. */
  endpoint: () => Promise<Endpoint>;
  identity: IdentitySource;
  /** Seconds. */
  keepalive: number;
  /** Milliseconds. */
  connectTimeout: number;
}

/** What the connection needs of the world. */
export interface ConnectionRim {
  openSession: OpenSession;
  isListening: (endpoint: Endpoint) => Promise<boolean>;
  clock: Clock;
  random: () => number;
}

interface ConnectionEvents {
  state: [ConnectionState];
  /** Every subscription is confirmed. */
  up: [Session, Identity];
  /** A session that was up has ended. */
  down: [IotError];
  message: [topic: string, payload: Buffer];
}

export class Connection extends EventEmitter<ConnectionEvents> {
  /** Of the session that is, or was last, connected. */
  identity: Identity | undefined;
  private current: ConnectionState = { name: "idle" };
  private run: { abort: AbortController; ended: Promise<void> } | undefined;
  private wake: () => void = noop;
  private readonly backOff: BackOff;
  private readonly takeovers = new Takeovers();
  private doubts = { name: "", since: 0 };
  /** The same for every session of this connection, so that the broker ends one that we lost sight of. */
  private readonly mqttClientId = `nr-${randomBytes(10).toString("hex")}`;

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly filters: (clientId: string) => string[],
    private readonly rim: ConnectionRim,
  ) {
    super();
    this.backOff = new BackOff(rim.random);
  }

  get state(): ConnectionState {
    return this.current;
  }

  /** Connects, and stays connected; a wait ends at once. */
  connect(): void {
    const { run } = this;
    if (run && !run.abort.signal.aborted) return this.wake();
    this.backOff.reset();
    this.doubts = { name: "", since: 0 };
    const abort = new AbortController();
    const before = run?.ended ?? Promise.resolve();
    this.run = { abort, ended: before.then(() => this.keepUp(abort.signal)) };
  }

  /** Ends the session and the attempts; `name` is the state that stays. */
  async end(name: "idle" | "disconnected"): Promise<void> {
    const { run } = this;
    run?.abort.abort();
    await run?.ended;
    if (this.run !== run) return;
    this.run = undefined;
    if (this.current.name !== name) this.change({ name });
  }

  private async keepUp(signal: AbortSignal): Promise<void> {
    for (let attempt = 1; !signal.aborted; attempt++) {
      this.change({ name: "connecting", attempt });
      let lived: number | undefined;
      let failure: IotError | "notRegistered";
      try {
        const session = await this.openSession(signal);
        failure = session === undefined ? "notRegistered" : await this.hold(session, signal);
        if (session) {
          lived = this.rim.clock.monotonic() - session.since;
          attempt = 0;
        }
      } catch (error) {
        failure = asIotError(error);
      }
      if (signal.aborted) return;
      await this.pause(signal, failure === "notRegistered" ? undefined : this.judge(failure, lived));
    }
  }

  /** A session whose every subscription is confirmed, or `undefined` when there is no identity yet. */
  private async openSession(signal: AbortSignal): Promise<HeldSession | undefined> {
    const { settings, rim } = this;
    const identity = await unlessAborted(settings.identity.load(), signal);
    if (identity === undefined) return undefined;
    const endpoint = await unlessAborted(settings.endpoint(), signal);
    const opening = rim.openSession(
      {
        endpoint,
        credentials: identity,
        mqttClientId: this.mqttClientId,
        keepalive: settings.keepalive,
        connectTimeout: settings.connectTimeout,
      },
      signal,
    );
    const session = await opening.catch((error: unknown) => {
      throw explained(asIotError(error), identity, rim.clock.now());
    });
    session.onMessage = (topic, payload) => this.emit("message", topic, payload);
    try {
      await unlessAborted(session.subscribe(this.filters(identity.clientId)), signal);
    } catch (error) {
      await session.close();
      throw error;
    }
    return { session, identity, endpoint, since: rim.clock.monotonic() };
  }

  /** Stays with a session until it ends, and says why it did. */
  private async hold({ session, identity, endpoint }: HeldSession, signal: AbortSignal): Promise<IotError> {
    const close = () => void session.close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    this.doubts = { name: "", since: 0 };
    // Whoever hears of the state may ask whose connection it is.
    this.identity = identity;
    this.change({ name: "connected", since: this.rim.clock.now() });
    this.emit("up", session, identity);
    const ended = await session.closed;
    signal.removeEventListener("abort", close);
    const failure = ended ?? new IotError("Disconnected");
    this.emit("down", failure);
    const isTakenOver = !signal.aborted && (await this.isTakenOver(failure, endpoint));
    return isTakenOver ? new IotError("IdentityInUse", { details: { value: this.mqttClientId } }) : failure;
  }

  /**
   * An agent that hangs up often and listens each time has let another client in. One that was killed does not listen
   * at that moment, most of the time; so this is a suspicion, for which requests wait and do not fail.
   */
  private async isTakenOver(failure: IotError, endpoint: Endpoint): Promise<boolean> {
    if (failure.details.code !== CLOSED_BY_PEER) return false;
    if (await this.rim.isListening(endpoint)) return this.takeovers.note(this.rim.clock.monotonic());
    this.takeovers.reset();
    return false;
  }

  private judge(failure: IotError, lived: number | undefined): ConnectionState & { name: "waiting" } {
    const permanent = !failure.retryable && this.isConvincing(failure);
    let wait = lived === undefined ? this.backOff.afterFailure() : this.backOff.afterSession(lived);
    if (permanent) wait = PERMANENT_MS;
    if (isAboutLocalFile(failure)) wait = LOCAL_MS;
    if (failure.name === "IdentityInUse") wait = TAKEN_OVER_MS;
    return { name: "waiting", failure, permanent, retryAt: this.rim.clock.now() + wait };
  }

  private isConvincing(failure: IotError): boolean {
    if (isCertain(failure) && !isAboutLocalFile(failure)) return true;
    const now = this.rim.clock.monotonic();
    if (this.doubts.name !== failure.name) this.doubts = { name: failure.name, since: now };
    return now - this.doubts.since >= DOUBT_MS;
  }

  /** Waits until the next attempt is due, or is wanted at once; without an identity, until it is wanted. */
  private async pause(
    signal: AbortSignal,
    state: (ConnectionState & { name: "waiting" }) | undefined,
  ): Promise<void> {
    const { clock } = this.rim;
    const woken = new Promise<void>((resolve) => (this.wake = resolve));
    signal.addEventListener("abort", this.wake, { once: true });
    const { wake } = this;
    const cancel = state ? clock.after(state.retryAt - clock.now(), wake) : noop;
    this.change(state ?? { name: "notRegistered" });
    await woken;
    cancel();
    signal.removeEventListener("abort", wake);
    this.wake = noop;
  }

  private change(state: ConnectionState): void {
    this.current = state;
    this.emit("state", state);
  }
}

interface HeldSession {
  session: Session;
  identity: Identity;
  endpoint: Endpoint;
  /** On the monotonic clock. */
  since: number;
}

/** A server can refuse a certificate without a word; one that has ended is reason enough. */
function explained(failure: IotError, { validTo }: Identity, now: number): IotError {
  if (failure.name !== "ClientCertificateRefused" || now <= validTo.getTime()) return failure;
  return new IotError("ClientCertificateExpired", { cause: failure });
}

/** Settings and identities are read from disks that can hang; whoever stops does not wait for them. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new IotError("Closed", { reason: "unsent" }));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function asIotError(error: unknown): IotError {
  return error instanceof IotError
    ? error
    : new IotError("TlsFailed", { details: { code: String(error) }, cause: error });
}

function noop(): void {
  // Nobody waits.
}
