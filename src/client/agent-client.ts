/** The client of an agent: a connection that is kept up, requests that get their own answers, live data. */
import { EventEmitter } from "node:events";
import type { Identity, IdentitySource } from "../identity/identity";
import { readLiveData, type LiveData } from "../protocol/answers";
import { IotError } from "../protocol/errors";
import { MAX_ANSWER_BYTES, MAX_PAYLOAD_BYTES } from "../protocol/limits";
import { LIVE_DATA_TOPIC, type Parameters, type Result } from "../protocol/operations";
import { Timestamps } from "../time/timestamps";
import { matchTopic } from "../protocol/topics";
import { isListening } from "../transport/listening";
import { sessionOpener, type Endpoint, type OpenSession } from "../transport/session";
import { systemClock, type Clock } from "../time/clock";
import { refusalOf, statusOf, type AgentStatus, type Registration } from "./agent-status";
import { AutoRegistration } from "./auto-registration";
import { Connection, type ConnectionDependencies, type ConnectionState } from "./connection";
import { deleteClient } from "./delete-client";
import { Correlator } from "./requests/correlator";
import type { Counters } from "./requests/counters";
import type { QueueLimits } from "./requests/queue";
import type { RequestOptions } from "./requests/request";
import { answerFilters, liveDataFilters, type RequestName } from "./requests/routes";

export type { AgentStatus } from "./agent-status";
export type { ConnectionState } from "./connection";
export type { Counters } from "./requests/counters";
export type { RequestOptions } from "./requests/request";
export type { RequestName } from "./requests/routes";

export interface AgentSettings {
  /** Read anew for each attempt to connect. */
  endpoint: () => Promise<Endpoint>;
  identity: IdentitySource;
  /**
   * Makes an identity where there is none, without anybody asking; absent where that is not wanted. Must leave nothing
   * behind once the signal is aborted.
   */
  register?: (signal: AbortSignal) => Promise<unknown>;
  /** Seconds. */
  keepalive: number;
  /** Milliseconds from sending a request to its answer. */
  requestTimeout: number;
  /** Milliseconds for TCP, TLS and CONNACK together. */
  connectTimeout: number;
  /** Calls back after each change of the files that endpoint and identity are read from; gives what ends that. */
  watch?: (onChange: () => void) => () => void;
  /** What waits while it cannot be sent. */
  queue: QueueLimits;
  /** Requests in flight over all sensors. */
  inFlight: number;
}

/** What can be put in place of the world. */
export interface AgentDependencies {
  openSession?: OpenSession;
  isListening?: (endpoint: Endpoint) => Promise<boolean>;
  clock?: Clock;
  random?: () => number;
  /** What is known of earlier pushes of this client. */
  timestamps?: Timestamps;
}

export type LiveDataListener = (data: LiveData & { sensorId: string }) => void;
export type BadLiveDataListener = (error: IotError, sensorId: string) => void;

interface AgentEvents {
  /** The connection is at something else. */
  state: [ConnectionState];
  /** Something else is done about the identity. */
  registration: [];
  /** The agent has not answered for a long time, although its broker holds the connection. */
  unanswered: [IotError];
  /** The queue, what is in flight, or what was counted has changed. */
  counters: [];
}

/** Topics of live data that are remembered. */
const MOST_TOPICS = 1000;

export class AgentClient extends EventEmitter<AgentEvents> {
  /** For everybody who gives pushes of this client a timestamp. */
  readonly timestamps: Timestamps;
  private readonly answers: Connection;
  /** Live data doubles what the broker has to send, and delays the answers: it comes on a connection of its own. */
  private readonly live: Connection;
  private readonly correlator: Correlator;
  private readonly liveListeners = new Set<{
    take: LiveDataListener;
    bad: BadLiveDataListener | undefined;
  }>();
  /** Of topics of live data that have come. */
  private readonly sensorsByTopic = new Map<string, string>();
  private readonly clock: Clock;
  private isStopped = true;
  /** What nodes do about the identity. */
  private registration: Registration = {};
  private readonly autoRegistration: AutoRegistration | undefined;
  /** Who deletes a client does not want another one by itself; who connects does. */
  private isIdentityWanted = true;

  constructor(settings: AgentSettings, dependencies: AgentDependencies = {}) {
    super();
    const whole: ConnectionDependencies = {
      openSession: dependencies.openSession ?? sessionOpener(),
      isListening: dependencies.isListening ?? isListening,
      clock: dependencies.clock ?? systemClock,
      random: dependencies.random ?? Math.random,
    };
    this.clock = whole.clock;
    this.timestamps = dependencies.timestamps ?? new Timestamps();
    this.correlator = new Correlator(settings, whole.clock, this.timestamps);
    this.correlator.onChange = () => this.emit("counters");
    this.answers = new Connection(settings, answerFilters, whole);
    this.answers.on("state", (state) => this.follow(state));
    this.answers.on("up", (identity) => {
      this.followWanted();
      this.correlator.open(
        identity.clientId,
        (topic, payload) => this.answers.publish(topic, payload),
        () => this.answers.nudge(),
      );
    });
    this.answers.on("message", (topic, payload) => this.correlator.receive(topic, payload));
    this.answers.onLarge = (topic, bytes) => this.correlator.receiveLarge(topic, bytes);
    this.answers.on("unanswered", (error) => this.emit("unanswered", error));
    this.answers.on("down", (failure) => this.correlator.close(failure));
    this.correlator.onEchoWanted = () => this.followWanted();
    if (settings.register !== undefined)
      this.autoRegistration = this.registerBy(settings.register, settings, whole);
    this.live = new Connection(settings, liveDataFilters, whole);
    let wasLive = false;
    this.live.on("up", () => this.correlator.setLive(true));
    this.live.on("down", () => this.correlator.setLive(false));
    this.live.on("state", (state) => {
      // A session that was lost is waited for; an attempt that failed says that it cannot be had.
      if (state.name === "waiting" && !wasLive) this.correlator.noLive();
      wasLive = state.name === "connected";
    });
    this.live.onLarge = (topic, bytes) => this.receiveLargeLiveData(topic, bytes);
    this.live.on("message", (topic, payload) => this.receiveLiveData(topic, payload));
  }

  /** What the connection is at. */
  get state(): ConnectionState {
    return this.answers.state;
  }

  /** What there is to see: the connection, or what is done about the identity. */
  get status(): AgentStatus {
    return statusOf(this.state, this.registration, this.autoRegistration?.current);
  }

  /** The agent has not answered for a long time, although its broker holds the connection. */
  get isUnanswered(): boolean {
    return this.answers.isUnanswered;
  }

  get counters(): Counters {
    return this.correlator.counters;
  }

  /** The identity of the session that is, or was last, connected. */
  get identity(): Identity | undefined {
    return this.answers.identity;
  }

  /** Also while it still stops. */
  start(): void {
    this.isStopped = false;
    this.keepUp();
  }

  /** Ends everything within 3 s; each pending request ends once, as `Closed`. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.autoRegistration?.stop();
    this.correlator.stop();
    await Promise.all([this.answers.end("idle"), this.live.end("idle")]);
  }

  /** After `disconnect`, and at once where the next attempt is waited for; registers where there is no identity. */
  connect(): void {
    this.isIdentityWanted = true;
    this.keepUp();
    if (this.state.name === "notRegistered") this.autoRegistration?.start();
  }

  /** Ends a wait for the next attempt, to connect or to register. */
  tryAgain(): void {
    if (this.state.name === "waiting") this.keepUp();
    this.autoRegistration?.tryAgain();
  }

  async disconnect(): Promise<void> {
    this.autoRegistration?.stop();
    await Promise.all([this.answers.end("disconnected"), this.live.end("disconnected")]);
  }

  /** What waits goes on waiting, for the new connection. */
  async reconnect(): Promise<void> {
    await Promise.all([this.answers.end("idle"), this.live.end("idle")]);
    this.keepUp();
  }

  /** There is another identity: what is tried by itself ends, and it is connected with it. */
  async useIdentity(): Promise<void> {
    this.autoRegistration?.stop();
    await this.reconnect();
  }

  /** A node does something about the identity, or has done. */
  noteRegistration(change: Registration): void {
    this.registration = { ...this.registration, ...change };
    this.followRegistration();
  }

  request<N extends RequestName>(
    operation: N,
    parameters: Parameters<N>,
    options: RequestOptions = {},
  ): Promise<Result<N>> {
    if (this.isStopped) return Promise.reject(new IotError("Closed", { reason: "unsent", operation }));
    if (operation === "deleteClient") return this.deleteClient(options);
    return this.correlator.submit(operation, parameters, options);
  }

  private async deleteClient(options: RequestOptions): Promise<string> {
    const { answers: connection, correlator, clock } = this;
    const parts = { connection, correlator, clock, reconnect: () => this.reconnect() };
    const text = await deleteClient(parts, options);
    this.isIdentityWanted = false;
    return text;
  }

  /** Live data of every sensor, from now until the returned function is called. */
  onLiveData(take: LiveDataListener, bad?: BadLiveDataListener): () => void {
    const listener = { take, bad };
    this.liveListeners.add(listener);
    this.followWanted();
    return () => {
      this.liveListeners.delete(listener);
      this.followWanted();
    };
  }

  /** Live data is received while somebody wants it, and the agent can be reached at all. */
  private followWanted(): void {
    const isWanted = this.liveListeners.size > 0 || this.correlator.isEchoWanted;
    if (!isWanted) void this.live.end("idle");
    else if (!this.isStopped && this.answers.state.name === "connected") this.live.connect();
  }

  private keepUp(): void {
    if (this.isStopped) return;
    this.correlator.accept();
    this.answers.connect();
    this.followWanted();
  }

  private registerBy(
    register: (signal: AbortSignal) => Promise<unknown>,
    { watch }: AgentSettings,
    { clock, random }: ConnectionDependencies,
  ): AutoRegistration {
    const registerAndConnect = async (signal: AbortSignal): Promise<void> => {
      await register(signal);
      if (!signal.aborted) await this.reconnect();
    };
    return new AutoRegistration(registerAndConnect, () => this.followRegistration(), clock, watch, random);
  }

  private follow(state: ConnectionState): void {
    // Before requests are refused: they wait for an identity that is coming.
    if (state.name === "notRegistered" && this.isIdentityWanted) this.autoRegistration?.start();
    this.admit();
    this.emit("state", state);
  }

  private followRegistration(): void {
    this.admit();
    this.emit("registration");
  }

  /** Requests wait for a connection that is coming; they end at once where none is to be expected. */
  private admit(): void {
    const refusal = refusalOf(this.state, this.registration, this.autoRegistration?.current);
    if (refusal !== undefined) this.correlator.refuse(refusal);
    else if (this.state.name !== "connecting") this.correlator.accept();
  }

  private receiveLiveData(topic: string, payload: Buffer): void {
    const sensorId = this.sensorOf(topic);
    if (sensorId === undefined) return;
    let data: LiveData;
    try {
      data = readLiveData(payload.toString());
    } catch (error) {
      for (const { bad } of this.liveListeners) bad?.(error as IotError, sensorId);
      return;
    }
    this.correlator.receiveEcho(sensorId, data);
    for (const { take } of this.liveListeners) take(withSensor(data, sensorId));
  }

  /** Taking a topic apart costs as much as reading the message; sensors are few. */
  private sensorOf(topic: string): string | undefined {
    let sensorId = this.sensorsByTopic.get(topic);
    if (sensorId === undefined) {
      sensorId = matchTopic(LIVE_DATA_TOPIC, topic)?.sensorId;
      if (this.sensorsByTopic.size >= MOST_TOPICS) this.sensorsByTopic.clear();
      if (sensorId !== undefined) this.sensorsByTopic.set(topic, sensorId);
    }
    return sensorId;
  }

  /** The echo of a push can be longer than the push was. */
  private receiveLargeLiveData(topic: string, bytes: number): boolean {
    const sensorId = matchTopic(LIVE_DATA_TOPIC, topic)?.sensorId;
    if (sensorId === undefined) return false;
    const allowed = this.correlator.awaitsEcho(sensorId) ? MAX_ANSWER_BYTES : MAX_PAYLOAD_BYTES;
    if (bytes <= allowed) return true;
    const error = new IotError("AnswerTooLarge", { reason: "liveData", details: { size: bytes, allowed } });
    for (const { bad } of this.liveListeners) bad?.(error, sensorId);
    return false;
  }
}

/** For each listener an object of its own. Not spread: that takes several times as long. */
function withSensor({ metrics, timestamp }: LiveData, sensorId: string): LiveData & { sensorId: string } {
  return timestamp === undefined ? { sensorId, metrics } : { sensorId, metrics, timestamp };
}
