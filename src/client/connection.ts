/**
 * Keeps one session up: the only state machine, and the only owner of the session and of the waits between
 * attempts. Whoever wants to know how the connection is reads `state`; nobody else decides it.
 */
import { randomBytes } from "node:crypto";
import { EventEmitter } from "node:events";
import type { Identity, IdentitySource } from "../identity/identity";
import { IotError, toIotError } from "../protocol/errors";
import type { Clock } from "../time/clock";
import { watchClock } from "../time/clock-watch";
import { CLOSED_BY_PEER } from "../transport/failures";
import type { Endpoint, OpenSession, Session } from "../transport/session";
import { Attention, UNANSWERED_MS } from "./attention";
import type { PastSession } from "./back-off";
import { Retry } from "./retry";
import { SentSizes } from "./sent-sizes";

export type ConnectionState =
  /** Not started, or closed. */
  | { name: "idle" }
  /** There is no identity yet. */
  | { name: "notRegistered" }
  | { name: "connecting"; attempt: number }
  /** Every subscription is confirmed; `since` on the monotonic clock, in milliseconds. */
  | { name: "connected"; since: number }
  /** Tries again at `retryAt`, on the monotonic clock; `permanent` when that will hardly help. */
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
  /** Calls back after each change of what endpoint and identity are read from; gives what ends that. */
  watch?: (onChange: () => void) => () => void;
}

/** What the connection needs of the world. */
export interface ConnectionDependencies {
  openSession: OpenSession;
  isListening: (endpoint: Endpoint) => Promise<boolean>;
  clock: Clock;
  random: () => number;
}

interface ConnectionEvents {
  state: [ConnectionState];
  /** Every subscription is confirmed. */
  up: [Identity];
  /** A session that was up has ended. */
  down: [IotError];
  message: [topic: string, payload: Buffer];
  /** Nobody has answered for a long time, although the session goes on. */
  unanswered: [IotError];
}

export class Connection extends EventEmitter<ConnectionEvents> {
  /** Whether a message of more than 256 KiB that begins is taken; set by the owner. */
  onLarge: (topic: string, bytes: number) => boolean = () => false;
  /** Of the session that is, or was last, connected. */
  identity: Identity | undefined;
  private current: ConnectionState = { name: "idle" };
  private run: { abort: AbortController; ended: Promise<void> } | undefined;
  private wake: () => void = noop;
  /** Something has changed since the attempt began that can let the next one succeed. */
  private isOutdated = false;
  private readonly retry: Retry;
  private readonly sizes = new SentSizes();
  private readonly attention: Attention;
  private held: HeldSession | undefined;
  /** The same for every session of this connection, so that the broker ends one that we lost sight of. */
  private readonly mqttClientId = `nr-${randomBytes(10).toString("hex")}`;

  constructor(
    private readonly settings: ConnectionSettings,
    private readonly filters: (clientId: string) => string[],
    private readonly dependencies: ConnectionDependencies,
  ) {
    super();
    this.retry = new Retry(dependencies.random);
    this.attention = new Attention(dependencies.clock, () => this.tellUnanswered());
  }

  get state(): ConnectionState {
    return this.current;
  }

  /** The session goes on, but nobody has answered for a long time. */
  get isUnanswered(): boolean {
    return this.attention.isMissing;
  }

  /** Something that is answered; while there is no session it goes nowhere. */
  publish(topic: string, payload: string): void {
    if (this.held === undefined) return;
    this.attention.asked();
    // The length in bytes costs more, and is hardly ever another one.
    this.sizes.note(topic.length + payload.length, this.dependencies.clock.monotonic());
    this.held.session.publish(topic, payload);
  }

  /** Lets the broker know at once that its last messages have come. */
  nudge(): void {
    this.held?.session.nudge();
  }

  /** Connects, and stays connected; a wait ends at once. */
  connect(): void {
    const { run } = this;
    if (run && !run.abort.signal.aborted) return this.wake();
    this.retry.reset();
    const abort = new AbortController();
    const before = run?.ended ?? Promise.resolve();
    // The session before still ends: nobody is to take it for the new one.
    if (run) this.change({ name: "connecting", attempt: 1 });
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
    const unwatchClock = watchClock(this.dependencies.clock, () => this.hurry());
    try {
      for (let attempt = 1; !signal.aborted; attempt++) {
        this.change({ name: "connecting", attempt });
        if (await this.tryOnce(signal)) attempt = 0;
      }
    } finally {
      unwatchClock();
    }
  }

  /** Something has changed: the next attempt is made at once, and may be the first of many. */
  private hurry(): void {
    if (this.current.name === "connected") return;
    this.retry.reset();
    this.isOutdated = true;
    this.wake();
  }

  /** One attempt, with the session that came of it, and the wait after it; whether there was a session. */
  private async tryOnce(signal: AbortSignal): Promise<boolean> {
    this.isOutdated = false;
    let unwatch = this.watch();
    let failure: IotError | undefined;
    let past: PastSession | undefined;
    try {
      const session = await this.openSession(signal);
      if (session !== undefined) {
        unwatch();
        ({ failure, past } = await this.hold(session, signal));
        unwatch = this.watch();
      }
    } catch (error) {
      failure = toIotError(error);
    }
    if (!signal.aborted) await this.pause(signal, failure && this.waitAfter(failure, past));
    unwatch();
    return past !== undefined;
  }

  private watch(): () => void {
    return this.settings.watch?.(() => this.hurry()) ?? noop;
  }

  /** A session whose every subscription is confirmed, or `undefined` when there is no identity yet. */
  private async openSession(signal: AbortSignal): Promise<HeldSession | undefined> {
    const { settings, dependencies } = this;
    const identity = await unlessAborted(settings.identity.load(), signal);
    if (identity === undefined) return undefined;
    const endpoint = await unlessAborted(settings.endpoint(), signal);
    const opening = dependencies.openSession(
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
      throw explained(toIotError(error), identity, dependencies.clock.now());
    });
    const held = { session, identity, endpoint, heard: false };
    session.onMessage = (topic, payload) => {
      held.heard = true;
      this.attention.heard();
      this.emit("message", topic, payload);
    };
    session.onLarge = (topic, bytes) => this.onLarge(topic, bytes);
    try {
      await unlessAborted(session.subscribe(this.filters(identity.clientId)), signal);
    } catch (error) {
      await session.close();
      throw error;
    }
    return held;
  }

  /** Stays with a session until it ends, and says why it did. */
  private async hold(
    held: HeldSession,
    signal: AbortSignal,
  ): Promise<{ failure: IotError; past: PastSession }> {
    const { session, identity, endpoint } = held;
    const close = () => void session.close();
    signal.addEventListener("abort", close, { once: true });
    if (signal.aborted) close();
    this.retry.succeeded();
    const since = this.dependencies.clock.monotonic();
    // Whoever hears of the state may ask whose connection it is.
    this.identity = identity;
    this.held = held;
    this.change({ name: "connected", since });
    this.emit("up", identity);
    const ended = await session.closed;
    signal.removeEventListener("abort", close);
    this.held = undefined;
    this.attention.end();
    const past = { lived: this.dependencies.clock.monotonic() - since, heard: held.heard };
    const failure = this.explainEnd(ended ?? new IotError("Disconnected"));
    this.emit("down", failure);
    const isTakenOver = !signal.aborted && (await this.isTakenOver(failure, endpoint));
    if (!isTakenOver) return { failure, past };
    return { failure: new IotError("IdentityInUse", { details: { value: this.mqttClientId } }), past };
  }

  /** A session that ended right after the largest message may have ended for it. */
  private explainEnd(failure: IotError): IotError {
    const bytes = this.sizes.ended(this.dependencies.clock.monotonic());
    if (failure.name !== "ConnectionLost" || bytes === undefined) return failure;
    return new IotError("ConnectionLost", { reason: "size", details: { ...failure.details, bytes } });
  }

  private tellUnanswered(): void {
    if (this.held === undefined) return;
    const { host, port } = this.held.endpoint;
    this.emit(
      "unanswered",
      new IotError("AgentAway", { details: { host, port, seconds: UNANSWERED_MS / 1000 } }),
    );
  }

  /** Requests wait for it and do not fail: it may be another reason. */
  private async isTakenOver(failure: IotError, endpoint: Endpoint): Promise<boolean> {
    if (failure.details.code !== CLOSED_BY_PEER || failure.reason === "size") return false;
    const isListening = await this.dependencies.isListening(endpoint);
    return this.retry.isTakeover(isListening, this.dependencies.clock.monotonic());
  }

  private waitAfter(failure: IotError, past: PastSession | undefined): WaitingState {
    const now = this.dependencies.clock.monotonic();
    const { wait, permanent } = this.retry.decide(failure, now, past);
    return { name: "waiting", failure, permanent, retryAt: now + wait };
  }

  /** Waits until the next attempt is due, or is wanted at once; without an identity, until it is wanted. */
  private async pause(signal: AbortSignal, state: WaitingState | undefined): Promise<void> {
    const { clock } = this.dependencies;
    const woken = new Promise<void>((resolve) => (this.wake = resolve));
    signal.addEventListener("abort", this.wake, { once: true });
    const { wake } = this;
    const cancel = state ? clock.after(state.retryAt - clock.monotonic(), wake) : noop;
    this.change(state ?? { name: "notRegistered" });
    if (this.isOutdated) wake();
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

type WaitingState = ConnectionState & { name: "waiting" };

interface HeldSession {
  session: Session;
  identity: Identity;
  endpoint: Endpoint;
  /** Anything was said in it. */
  heard: boolean;
}

/** A server can refuse a certificate without a word; one that has ended is reason enough. */
function explained(failure: IotError, { validTo }: Identity, now: number): IotError {
  if (failure.name !== "ClientCertificateRefused" || now <= validTo.getTime()) return failure;
  return new IotError("ClientCertificateExpired", { cause: failure });
}

/** Settings and identities are read from disks that can hang; whoever stops does not wait for them. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new IotError("Closed", { reason: "unsent" }));
    if (signal.aborted) abort();
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

function noop(): void {
  // Nobody waits.
}
