/** The client of an agent: a connection that is kept up, requests that get their own answers, live data. */
import { randomUUID } from "node:crypto";
import { EventEmitter } from "node:events";
import type { Identity, IdentitySource } from "../identity/identity";
import { readLiveData, type LiveData } from "../protocol/answers";
import { IotError } from "../protocol/errors";
import { MAX_ANSWER_BYTES, MAX_PAYLOAD_BYTES } from "../protocol/limits";
import { LIVE_DATA_TOPIC, type Parameters, type Result } from "../protocol/operations";
import { Timestamps } from "../protocol/timestamps";
import { matchTopic } from "../protocol/topics";
import { isListening } from "../transport/listening";
import { openSession, type Endpoint, type OpenSession } from "../transport/session";
import { systemClock, type Clock } from "../time/clock";
import { Connection, type ConnectionDependencies, type ConnectionState } from "./connection";
import { Correlator } from "./requests/correlator";
import type { Counters } from "./requests/counters";
import type { QueueLimits } from "./requests/queue";
import type { RequestOptions } from "./requests/request";
import { answerFilters, liveDataFilters, type RequestName } from "./requests/routes";

export type { ConnectionState } from "./connection";
export type { Counters } from "./requests/counters";
export type { RequestOptions } from "./requests/request";
export type { RequestName } from "./requests/routes";

export interface AgentSettings {
  /** Read anew for each attempt to connect. */
  endpoint: () => Promise<Endpoint>;
  identity: IdentitySource;
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

/** What is known of an identity that is not there yet. */
export interface Registration {
  /** Somebody is registering this client: requests wait for it. */
  isComing: boolean;
  /** Why the last attempt failed. */
  failure?: IotError;
}

/** An error about deleting a client comes within this time, or does not come: there is no other answer. */
const DELETE_ERROR_MS = 2000;
/** After that it is connected anew within this time, or refused; an agent that serves it answers a ping within the other. */
const CONNECTED_MS = 5000;
const SERVED_MS = 2500;

export type LiveDataListener = (data: LiveData & { sensorId: string }) => void;
export type BadLiveDataListener = (error: IotError, sensorId: string) => void;

interface AgentEvents {
  state: [ConnectionState];
  /** The agent has not answered for a long time, although its broker holds the connection. */
  unanswered: [IotError];
  /** The queue, what is in flight, or what was counted has changed. */
  counters: [];
}

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
  private readonly clock: Clock;
  private isStopped = true;
  private registration: Registration = { isComing: false };

  constructor(settings: AgentSettings, dependencies: AgentDependencies = {}) {
    super();
    const whole: ConnectionDependencies = {
      openSession: dependencies.openSession ?? openSession,
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
      this.correlator.open(identity.clientId, (topic, payload) => this.answers.publish(topic, payload));
    });
    this.answers.on("message", (topic, payload) => this.correlator.receive(topic, payload));
    this.answers.onLarge = (topic, bytes) => this.correlator.receiveLarge(topic, bytes);
    this.answers.on("unanswered", (error) => this.emit("unanswered", error));
    this.answers.on("down", (failure) => this.correlator.close(failure));
    this.correlator.onEchoWanted = () => this.followWanted();
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

  get state(): ConnectionState {
    return this.answers.state;
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

  start(): void {
    this.isStopped = false;
    this.connect();
  }

  /** Ends everything within 3 s; each pending request ends once, as `Closed`. */
  async stop(): Promise<void> {
    this.isStopped = true;
    this.correlator.stop();
    await Promise.all([this.answers.end("idle"), this.live.end("idle")]);
  }

  /** Connects after `disconnect`, and at once where the next attempt is waited for. */
  connect(): void {
    if (this.isStopped) return;
    this.correlator.accept();
    this.answers.connect();
    this.followWanted();
  }

  async disconnect(): Promise<void> {
    await Promise.all([this.answers.end("disconnected"), this.live.end("disconnected")]);
  }

  /** What waits goes on waiting, for the new connection. */
  async reconnect(): Promise<void> {
    await Promise.all([this.answers.end("idle"), this.live.end("idle")]);
    this.connect();
  }

  setRegistration(registration: Registration): void {
    this.registration = registration;
    this.admit();
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

  /**
   * The agent does not answer this one ("Delete Client"); an answer is an error. That it was carried out shows in that
   * the agent, which answered this client until then, refuses it or does not answer it any more (fault 52).
   */
  private async deleteClient(options: RequestOptions): Promise<string> {
    await this.ping(options);
    try {
      return await this.correlator.submit("deleteClient", {}, { ...options, timeout: DELETE_ERROR_MS });
    } catch (error) {
      const { name } = error as IotError;
      if (name !== "ReplyTimeout" && name !== "ConnectionLost") throw error;
      await this.reconnect();
      const isServed = await this.isServed(options);
      if (isServed === false) return "";
      throw isServed ? new IotError("NotDeleted", { operation: "deleteClient" }) : error;
    }
  }

  /** Whether the agent still serves this client; `undefined` where that cannot be seen soon. */
  private async isServed(options: RequestOptions): Promise<boolean | undefined> {
    const state = await this.connectedOrNot();
    if (state.name === "waiting" && state.failure.isClientUnknown) return false;
    if (state.name !== "connected") return undefined;
    const patience = new AbortController();
    const end = this.clock.after(SERVED_MS, () => patience.abort());
    try {
      await this.ping({ ...options, timeout: SERVED_MS, signal: patience.signal });
      return true;
    } catch (error) {
      const { name, source } = error as IotError;
      // A broker that does not know of deleted clients still lets them in; the agent behind it does not serve them.
      if (name === "ForbiddenAccess") return false;
      if (source === "agent") return true;
      const isSilent = (name === "Closed" || name === "ReplyTimeout") && this.state === state;
      const isRefused = this.state.name === "waiting" && this.state.failure.isClientUnknown;
      return isSilent || isRefused ? false : undefined;
    } finally {
      end();
    }
  }

  private async ping(options: RequestOptions): Promise<void> {
    try {
      // As the pings that look whether an agent is there: `probe.ts`.
      const request = `${randomUUID()} ${Math.floor(this.clock.monotonic())}`;
      await this.correlator.submit("ping", { request }, options);
    } catch (error) {
      if (error instanceof IotError) error.operation = "deleteClient";
      throw error;
    }
  }

  /** The state when it is known whether there is a connection, or after a while. */
  private connectedOrNot(): Promise<ConnectionState> {
    return new Promise((resolve) => {
      const end = (): void => {
        this.off("state", look);
        stopWaiting();
        resolve(this.state);
      };
      const look = (state: ConnectionState): void => {
        const isPassing = state.name === "waiting" && !state.failure.isClientUnknown && !state.permanent;
        if (state.name !== "connecting" && !isPassing) end();
      };
      const stopWaiting = this.clock.after(CONNECTED_MS, end);
      this.on("state", look);
      look(this.state);
    });
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

  private follow(state: ConnectionState): void {
    if (this.refusal === undefined) this.admit();
    // Whoever hears of it may begin to register, which requests then wait for.
    this.emit("state", state);
    this.admit();
  }

  /** Requests wait for a connection that is coming; they end at once where none is to be expected. */
  private admit(): void {
    const { refusal } = this;
    if (refusal !== undefined) this.correlator.refuse(refusal);
    else if (this.state.name !== "connecting") this.correlator.accept();
  }

  private get refusal(): IotError | undefined {
    const { state, registration } = this;
    if (state.name === "notRegistered" && !registration.isComing) return notRegistered(registration.failure);
    if (state.name === "disconnected") return new IotError("Disconnected");
    if (state.name === "waiting" && state.permanent) return notConnected(state.failure);
    return undefined;
  }

  private receiveLiveData(topic: string, payload: Buffer): void {
    const sensorId = matchTopic(LIVE_DATA_TOPIC, topic)?.sensorId;
    if (sensorId === undefined) return;
    let data: LiveData;
    try {
      data = readLiveData(payload.toString());
    } catch (error) {
      for (const { bad } of this.liveListeners) bad?.(error as IotError, sensorId);
      return;
    }
    this.correlator.receiveEcho(sensorId, data);
    for (const { take } of this.liveListeners) take({ ...data, sensorId });
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

function notRegistered(failure: IotError | undefined): IotError {
  if (failure === undefined) return new IotError("NotRegistered", { reason: "never" });
  return new IotError("NotRegistered", {
    reason: "failed",
    details: { why: failure.message },
    cause: failure,
  });
}

function notConnected(failure: IotError): IotError {
  return new IotError("NotConnected", { details: { why: failure.message }, cause: failure });
}
