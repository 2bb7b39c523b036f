/**
 * What there is to see of an agent's connection, for badges and for whoever looks into a failure; and what of it is told
 * although no message caused it.
 */
import type { AgentClient, AgentStatus, ConnectionState, Counters } from "../../src/client/agent-client";
import type { IotError } from "../../src/protocol/errors";
import type { Clock } from "../../src/time/clock";
import { every } from "../../src/time/every";
import type { ConnectionView } from "../shared/connection-status";
import type { Node } from "../shared/node-red";
import { CertificateWatch } from "./certificate-watch";
import { FadingCount } from "./fading-count";
import type { Health } from "./health";
import type { HealthValues } from "./health-sensor";
import { History } from "./history";
import { Outage } from "./outage";
import { Silence } from "./silence";
import type { StoreAndForward } from "./store-and-forward";

/** Who is told what no message caused. */
export interface Observer {
  readonly failed: (error: IotError, message?: object) => void;
  /** There may be something new to see; it happens more often than anybody has to look. */
  readonly changed: (look: () => ConnectionView) => void;
}

interface Parts {
  readonly told: Observer;
  readonly clock: Clock;
  readonly health: Health;
  /** The settings cannot be used: there is no connection. */
  readonly problem: IotError | undefined;
  readonly client: () => AgentClient | undefined;
  readonly store: () => StoreAndForward | undefined;
  /** It does so soon, and that was told: each time. */
  readonly certificateEnds: () => void;
}

const SECOND = 1000;
export const NO_COUNTERS = {} as Counters;

export class ConnectionWatch {
  /** What happened of late, to the connection and to the messages of nodes. */
  readonly history: History;
  readonly certificate: CertificateWatch;
  private readonly listeners = new Map<Node, () => void>();
  private readonly outage = new Outage();
  private readonly unasked: FadingCount;
  private readonly silence = new Silence();
  private endCountdown: (() => void) | undefined;
  /** A connection after this one is a reconnect. */
  private wasConnected = false;

  constructor(private readonly parts: Parts) {
    const { clock } = parts;
    this.history = new History(clock);
    this.certificate = new CertificateWatch((warning) => {
      this.tell(warning);
      if (warning.name === "CertificateEnding") parts.certificateEnds();
    }, clock);
    this.unasked = new FadingCount(() => this.changed(), clock);
  }

  get state(): AgentStatus {
    return this.parts.client()?.status ?? { name: "idle" };
  }

  view(): ConnectionView {
    const { problem, store, client, health } = this.parts;
    const stored = store()?.counters;
    return {
      ...(problem === undefined ? {} : { problem }),
      state: this.state,
      queued: (health.counters.counts ?? NO_COUNTERS).queued ?? 0,
      unasked: this.unasked.value,
      isUnanswered: this.silence.isUnanswered || client()?.isUnanswered === true,
      stored: stored?.pending ?? 0,
      delivered: stored?.delivered ?? 0,
      replayed: stored?.replayed ?? 0,
      replaySeconds: store()?.replay?.seconds,
      storeProblem: store()?.problem,
      ...(this.certificate.days === undefined ? {} : { certificateDays: this.certificate.days }),
    };
  }

  /** For the sensor of the connector's own health; `undefined`: there is no connection. */
  healthValues(certificateDays: number | undefined): HealthValues | undefined {
    const { state, parts } = this;
    const { health, clock, store } = parts;
    if (state.name !== "connected") return undefined;
    const { reconnects, failures } = health.view(clock);
    return {
      connectedSeconds: Math.round((clock.monotonic() - state.since) / SECOND),
      reconnects,
      queued: (health.counters.counts ?? NO_COUNTERS).queued,
      stored: store()?.counters?.pending ?? 0,
      failures,
      certificateDays: certificateDays ?? 0,
    };
  }

  /** Somebody listens. */
  get isUsed(): boolean {
    return this.listeners.size > 0;
  }

  /** `changed` is called whenever there is something new to show; gives whether it is the first. */
  listen(node: Node, changed: () => void): boolean {
    this.listeners.set(node, changed);
    return this.listeners.size === 1;
  }

  /** Gives whether nobody listens any more; `undefined` where that node did not. */
  leave(node: Node): boolean | undefined {
    return this.listeners.delete(node) ? this.listeners.size === 0 : undefined;
  }

  /** Trying begins, or begins anew. */
  begin(): void {
    this.outage.begin(this.parts.clock.monotonic());
  }

  stop(): void {
    this.certificate.stop();
    this.unasked.stop();
    this.stopCountdown();
  }

  close(): void {
    this.listeners.clear();
  }

  /** Something failed, and is told where it failed. */
  fail(error: IotError): void {
    this.history.fail(error);
    this.parts.health.fail(error, this.parts.clock);
  }

  /** What no message caused. */
  tell(error: IotError, message?: object): void {
    this.fail(error);
    this.parts.told.failed(error, message);
  }

  followConnection(state: ConnectionState): void {
    this.history.enter(state.name, state.name === "waiting" ? state.failure : undefined);
    if (state.name === "connected") {
      if (this.wasConnected) this.parts.health.reconnects++;
      this.wasConnected = true;
      this.outage.end(this.parts.clock.monotonic());
      this.silence.end();
      this.certificate.watch(this.parts.client()?.identity);
    }
    this.follow();
  }

  /** The connection, or what is done about the identity. */
  follow(): void {
    const { state } = this;
    const now = this.parts.clock.monotonic();
    if (state.name === "waiting" && this.outage.isNews(state.failure, state.permanent, now))
      this.tell(state.failure);
    this.changed();
  }

  followCounters(): void {
    const { unasked, answered, failed, timedOut } = this.parts.client()?.counters ?? NO_COUNTERS;
    this.unasked.note(unasked);
    this.silence.note(answered + failed, timedOut);
    this.changed();
  }

  changed(): void {
    if (this.state.name === "waiting")
      this.endCountdown ??= every(this.parts.clock, SECOND, () => this.changed());
    else this.stopCountdown();
    for (const listener of this.listeners.values()) listener();
    this.parts.told.changed(() => this.view());
  }

  private stopCountdown(): void {
    this.endCountdown?.();
    this.endCountdown = undefined;
  }
}
