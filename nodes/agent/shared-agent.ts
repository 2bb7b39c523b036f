/**
 * The agent of one configuration node, as its palette nodes share it: one client, started with the first of them and
 * stopped with the last; its identity; and what there is to see of it.
 */
import {
  AgentClient,
  type ConnectionState,
  type Counters,
  type RequestOptions,
} from "../../src/client/agent-client";
import type { RequestName } from "../../src/client/routes";
import { enrol } from "../../src/identity/enrolment";
import type { Identity } from "../../src/identity/identity";
import type { OutboxCounters } from "../../src/outbox/outbox";
import { IotError } from "../../src/protocol/errors";
import type { Parameters, Result } from "../../src/protocol/operations";
import type { ConnectionView } from "../shared/connection-status";
import { endWithin } from "../shared/deadline";
import { toIotError } from "../shared/error-report";
import type { ConfigurationNode, Node } from "../shared/node-red";
import { AutoRegistration } from "./auto-registration";
import { CertificateWatch } from "./certificate-watch";
import { FadingCount } from "./fading-count";
import { Outage } from "./outage";
import { Silence } from "./silence";
import {
  StoreAndForward,
  type EndingListener,
  type StoredPush,
  type StoreReceipt,
} from "./store-and-forward";
import type { AgentCredentials, Configuration } from "./settings";

/** The runtime object of the configuration node. */
export type AgentConfigurationNode = ConfigurationNode<AgentCredentials> & { readonly agent?: SharedAgent };

/** Who is told what no message caused. */
export interface Observer {
  readonly failed: (error: IotError, message?: object) => void;
  /** There may be something new to see; it happens more often than anybody has to look. */
  readonly changed: (look: () => ConnectionView) => void;
}

const SECOND = 1000;
const NO_COUNTERS = {} as Counters;

export class SharedAgent {
  private readonly configuration: Configuration | undefined;
  private readonly problem: IotError | undefined;
  private readonly client: AgentClient | undefined;
  private readonly store: StoreAndForward | undefined;
  private readonly registration: AutoRegistration;
  private readonly certificate: CertificateWatch;
  private readonly listeners = new Map<Node, () => void>();
  private readonly closing = new AbortController();
  private readonly outage = new Outage();
  private readonly unasked = new FadingCount(() => this.changed());
  private readonly silence = new Silence();
  /** What is being done to the identity: how the connection takes it is part of that, and told by its end. */
  private occupation: "registering" | "deleting" | undefined;
  private occupying: Promise<unknown> = Promise.resolve();
  /** Of the last attempt that a node made. */
  private registrationFailure: IotError | undefined;
  private mayRegister = true;
  private stopping: Promise<unknown> = Promise.resolve();
  /** While the connection of earlier users still ends. */
  private starting: Promise<void> | undefined;
  private turn: Promise<unknown> = Promise.resolve();
  private countdown: NodeJS.Timeout | undefined;

  constructor(
    private readonly users: Record<string, Node>,
    configuration: Configuration | IotError,
    private readonly observer: Observer,
  ) {
    this.certificate = new CertificateWatch(observer.failed);
    this.registration = new AutoRegistration(
      (signal) => this.registerAlone(signal),
      () => this.followRegistration(),
    );
    if (configuration instanceof IotError) {
      this.problem = configuration;
      observer.failed(configuration);
      observer.changed(() => this.view());
      return;
    }
    this.configuration = configuration;
    this.client = new AgentClient(configuration.client);
    this.store = new StoreAndForward(configuration.outbox, this.client, {
      failed: (error, message) => observer.failed(error, message),
      changed: () => this.changed(),
    });
    this.client.on("state", (state) => this.followState(state));
    this.client.on("counters", () => this.followCounters());
  }

  get clientName(): string {
    return this.configuration?.clientName ?? "";
  }

  get identity(): Identity | undefined {
    return this.client?.identity;
  }

  get counters(): Counters {
    return this.client?.counters ?? NO_COUNTERS;
  }

  /** What became of the values that were stored, while a node stores any. */
  get outbox(): OutboxCounters | undefined {
    return this.store?.counters;
  }

  private get state(): ConnectionView["state"] {
    if (this.occupation !== undefined) return { name: this.occupation };
    if (this.starting !== undefined) return { name: "connecting", attempt: 1 };
    const state = this.registration.current ?? this.client?.state ?? { name: "idle" };
    const failure = this.registrationFailure;
    return state.name === "notRegistered" && failure !== undefined ? { ...state, failure } : state;
  }

  view(): ConnectionView {
    return {
      ...(this.problem === undefined ? {} : { problem: this.problem }),
      state: this.state,
      queued: this.counters.queued ?? 0,
      unasked: this.unasked.value,
      isUnanswered: this.silence.isUnanswered,
      stored: this.outbox?.pending ?? 0,
      ...(this.certificate.days === undefined ? {} : { certificateDays: this.certificate.days }),
    };
  }

  /** A palette node begins to use this agent; `changed` is called whenever there is something new to show. */
  attach(node: Node, changed: () => void): () => void {
    this.users[node.id] = node;
    this.listeners.set(node, changed);
    if (this.listeners.size === 1) this.start();
    return () => {
      if (!this.listeners.delete(node)) return;
      if (this.users[node.id] === node) delete this.users[node.id];
      if (this.listeners.size === 0) this.stop();
    };
  }

  async request<N extends RequestName>(
    operation: N,
    parameters: Parameters<N>,
    options: RequestOptions,
  ): Promise<Result<N>> {
    if (this.starting !== undefined) await this.starting;
    return this.usable().request(operation, parameters, options);
  }

  /** A node stores values from now on; `ended` is told of each record that does not wait any more. */
  keepStore(owner: string, ended: EndingListener): () => void {
    return this.store?.attach(owner, ended) ?? (() => undefined);
  }

  /** Resolves when the values are safe on disk. */
  async accept(push: StoredPush): Promise<StoreReceipt> {
    this.usable();
    if (this.starting !== undefined) await this.starting;
    return this.store!.accept(push);
  }

  onLiveData(...listeners: globalThis.Parameters<AgentClient["onLiveData"]>): () => void {
    return this.usable().onLiveData(...listeners);
  }

  /** Runs after the ones before it have ended: two nodes that ensure the same thing must not both create it. */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  /** Registers, and connects with the new identity. */
  async register(clientName: string, options: { replace: boolean; signal: AbortSignal }): Promise<Identity> {
    return this.occupied("registering", async () => {
      const identity = await this.enrol(clientName, options);
      this.registration.stop();
      await this.usable().reconnect();
      return identity;
    });
  }

  /** Deletes the client on the agent and sets its identity aside; gives its client ID. */
  async deleteClient(signal: AbortSignal): Promise<string> {
    const client = this.usable();
    const { client: settings, folder } = this.configuration!;
    return this.occupied("deleting", async () => {
      const identity = await settings.identity.load();
      if (identity === undefined)
        throw new IotError("NotRegistered", { reason: "never", operation: "deleteClient" });
      await client.request("deleteClient", {}, { signal });
      // Who deletes a client does not want another one by itself.
      this.mayRegister = false;
      await folder?.setAside();
      await client.reconnect();
      return identity.clientId;
    });
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to become a rejection
  async connect(): Promise<void> {
    this.outage.begin(Date.now());
    this.usable().connect();
    this.mayRegister = true;
    this.registerIfWanted();
  }

  async disconnect(): Promise<void> {
    const client = this.usable();
    this.registration.stop();
    await client.disconnect();
  }

  async reconnect(): Promise<void> {
    this.outage.begin(Date.now());
    await this.usable().reconnect();
    this.mayRegister = true;
    this.registerIfWanted();
  }

  status(): void {
    this.usable();
  }

  /** Ends a wait for the next attempt. */
  tryAgain(): void {
    if (this.client?.state.name === "waiting") this.client.connect();
    if (this.registration.current?.name === "waiting") this.registration.start();
  }

  /** Ends everything, within three seconds. */
  async close(): Promise<void> {
    this.closing.abort();
    this.listeners.clear();
    this.stop();
    await endWithin(this.stopping);
  }

  private usable(): AgentClient {
    if (this.client === undefined) throw this.problem ?? new IotError("SettingMissing", { reason: "agent" });
    return this.client;
  }

  private start(): void {
    // A deploy can give us new users before the connection of the old ones has ended (Node-RED issue 3992).
    this.starting = this.stopping.then(() => {
      this.starting = undefined;
      if (this.listeners.size === 0) return;
      this.outage.begin(Date.now());
      this.store?.start();
      this.client?.start();
    });
  }

  private stop(): void {
    this.registration.stop();
    this.certificate.stop();
    this.unasked.stop();
    clearInterval(this.countdown);
    this.countdown = undefined;
    const stopped = this.client?.stop() ?? Promise.resolve();
    this.stopping = this.store?.close(stopped) ?? stopped;
  }

  private async enrol(name: string, options: { replace: boolean; signal: AbortSignal }): Promise<Identity> {
    this.usable();
    const { folder, registration } = this.configuration!;
    if (folder === undefined) {
      throw new IotError("SettingMissing", {
        reason: "value",
        details: { field: "identity", value: '"files"/"credentials"', allowed: '"managed"' },
      });
    }
    return enrol({ endpoint: await registration(), clientName: name, identity: folder, ...options });
  }

  private followState(state: ConnectionState): void {
    this.store?.setConnected(state.name === "connected");
    if (state.name === "notRegistered") this.registerIfWanted();
    if (state.name === "connected") {
      this.outage.end();
      this.silence.end();
      this.certificate.watch(this.identity);
    }
    this.tell(state);
    this.changed();
  }

  private followRegistration(): void {
    const { current } = this.registration;
    const failure = current?.name === "waiting" ? current.failure : this.registrationFailure;
    const gaveUp = current?.name === "waiting" && current.permanent;
    this.client?.setRegistration({
      isComing: this.occupation === "registering" || (current !== undefined && !gaveUp),
      ...(failure === undefined ? {} : { failure }),
    });
    if (current !== undefined) this.tell(current);
    this.changed();
  }

  private followCounters(): void {
    const { unasked, answered, failed, timedOut } = this.counters;
    this.unasked.note(unasked);
    this.silence.note(answered + failed, timedOut);
    this.changed();
  }

  private tell(state: ConnectionView["state"]): void {
    if (state.name !== "waiting" || this.occupation !== undefined) return;
    const { failure, permanent } = state;
    if (this.outage.isNews(failure, permanent, Date.now())) this.observer.failed(failure);
  }

  /** While a node registers or deletes this client; another that wants to waits for its end. */
  private occupied<T>(occupation: "registering" | "deleting", work: () => Promise<T>): Promise<T> {
    const result = this.occupying.then(async () => {
      this.occupation = occupation;
      this.registrationFailure = undefined;
      this.followRegistration();
      try {
        return await work();
      } catch (error) {
        if (occupation === "registering") this.registrationFailure = notClosed(error);
        throw error;
      } finally {
        this.occupation = undefined;
        this.followRegistration();
      }
    });
    this.occupying = result.catch(() => undefined);
    return result;
  }

  private async registerAlone(signal: AbortSignal): Promise<void> {
    await this.enrol(this.clientName, { replace: false, signal });
    if (!signal.aborted) await this.usable().reconnect();
  }

  private registerIfWanted(): void {
    const { configuration } = this;
    if (!this.mayRegister || configuration?.autoRegister !== true || configuration.clientName === "") return;
    if (this.client?.state.name === "notRegistered" && configuration.folder !== undefined)
      this.registration.start();
  }

  private changed(): void {
    if (this.state.name === "waiting") this.countdown ??= setInterval(() => this.changed(), SECOND);
    else {
      clearInterval(this.countdown);
      this.countdown = undefined;
    }
    for (const listener of this.listeners.values()) listener();
    this.observer.changed(() => this.view());
  }
}

/** A node that was stopped says nothing of the agent. */
function notClosed(error: unknown): IotError | undefined {
  const failure = toIotError(error);
  return failure.name === "Closed" ? undefined : failure;
}
