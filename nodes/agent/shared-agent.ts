/**
 * The agent of one configuration node, as its palette nodes share it: one client, started with the first of them and
 * stopped with the last; its identity; and what there is to see of it.
 */
import { join } from "node:path";
import {
  AgentClient,
  type AgentSettings,
  type AgentStatus,
  type ConnectionState,
  type Counters,
  type RequestOptions,
} from "../../src/client/agent-client";
import { Inventory } from "../../src/client/inventory";
import type { RequestName } from "../../src/client/requests/routes";
import type { Identity } from "../../src/identity/identity";
import { daysLeft } from "../../src/identity/validity";
import type { OutboxCounters, ReplayView } from "../../src/outbox/outbox";
import { IotError } from "../../src/protocol/errors";
import type { Parameters, Result } from "../../src/protocol/operations";
import type { ConnectionView } from "../shared/connection-status";
import { endWithin } from "../shared/deadline";
import type { ConfigurationNode, Node } from "../shared/node-red";
import type { Clock } from "../../src/time/clock";
import { every } from "../../src/time/every";
import { Turns } from "../../src/time/turns";
import { CertificateWatch } from "./certificate-watch";
import { FadingCount } from "./fading-count";
import type { Health } from "./health";
import { HealthSensor, type HealthValues } from "./health-sensor";
import { History } from "./history";
import { NameMemory } from "./names";
import { Outage } from "./outage";
import { Registrar } from "./registrar";
import { SeenInventory } from "./seen-inventory";
import { Silence } from "./silence";
import {
  StoreAndForward,
  type EndingListener,
  type StoredPush,
  type StoreReceipt,
} from "./store-and-forward";
import type { AgentCredentials } from "./credentials";
import type { Configuration } from "./settings";
import { timestampsOf } from "./timestamp-memory";

/** The runtime object of the configuration node. */
export type AgentConfigurationNode = ConfigurationNode<AgentCredentials> & { readonly agent?: SharedAgent };

/** Who is told what no message caused. */
export interface Observer {
  readonly failed: (error: IotError, message?: object) => void;
  /** There may be something new to see; it happens more often than anybody has to look. */
  readonly changed: (look: () => ConnectionView) => void;
}

type DoneListener = <N extends RequestName>(operation: N, parameters: Parameters<N>) => void;

const SECOND = 1000;
/** An editor that shows live values asks each second; a few lost requests do not end it. */
const WATCH_MS = 10 * SECOND;
const NO_COUNTERS = {} as Counters;

export class SharedAgent {
  readonly clientName: string;
  private readonly observer: Observer;
  /** What happened of late, to the connection and to the messages of nodes. */
  readonly history: History;
  /** What the agent has, as far as somebody in the editor has looked. */
  readonly inventory: Inventory;
  /** Sensors and metrics that were made sure of by name. */
  readonly names: NameMemory;
  /** Where what belongs to this agent node is kept; settings that cannot be used name nothing. */
  readonly directory: string | undefined;
  private readonly doneListeners = new Set<DoneListener>();
  /** The same, with what was seen before Node-RED was started. */
  readonly seen: SeenInventory;
  private inventoryOf: string | undefined;
  private readonly problem: IotError | undefined;
  private readonly client: AgentClient | undefined;
  private readonly store: StoreAndForward | undefined;
  private readonly registrar: Registrar | undefined;
  private readonly certificate: CertificateWatch;
  private readonly listeners = new Map<Node, () => void>();
  private readonly outage = new Outage();
  private readonly unasked: FadingCount;
  private readonly silence = new Silence();
  private stopping: Promise<unknown> = Promise.resolve();
  private readonly turns = new Turns();
  private endCountdown: (() => void) | undefined;
  private watching: (() => void) | undefined;
  private endWatch: (() => void) | undefined;
  /** A connection after this one is a reconnect. */
  private wasConnected = false;
  private endCounting: (() => void) | undefined;
  private healthSensor: HealthSensor | undefined;

  constructor(
    private readonly users: Record<string, Node>,
    configuration: Configuration | IotError,
    told: Observer,
    readonly clock: Clock,
    readonly health: Health,
  ) {
    this.history = new History(clock);
    this.inventory = new Inventory((operation, parameters) => this.ask(operation, parameters), clock);
    const file = configuration instanceof IotError ? undefined : configuration.inventoryFile;
    this.seen = new SeenInventory(this.inventory, file, () => this.clientId, clock);
    const observer = (this.observer = {
      failed: (error: IotError, message?: object): void => {
        this.fail(error);
        told.failed(error, message);
      },
      changed: told.changed,
    });
    this.certificate = new CertificateWatch(observer.failed, clock);
    this.unasked = new FadingCount(() => this.changed(), clock);
    this.directory = configuration instanceof IotError ? undefined : configuration.directory;
    const names = this.directory === undefined ? undefined : join(this.directory, "names.json");
    this.names = new NameMemory(names, () => this.identity?.clientId);
    if (configuration instanceof IotError) {
      this.clientName = "";
      this.problem = configuration;
      observer.failed(configuration);
      observer.changed(() => this.view());
      return;
    }
    this.clientName = configuration.clientName;
    const timestamps = timestampsOf(configuration.outbox.directory);
    this.client = new AgentClient(this.settingsOf(configuration), { clock, timestamps });
    this.registrar = new Registrar(configuration, this.client, (identity) =>
      this.certificate.watch(identity),
    );
    configuration.client.identity.onWarning = observer.failed;
    const storeObserver = {
      failed: (error: IotError, message?: object) => observer.failed(error, message),
      changed: () => this.changed(),
    };
    this.store = new StoreAndForward(configuration.outbox, this.client, storeObserver, clock, health);
    const { client } = this;
    this.endCounting = health.counters.begin(() => client.counters);
    if (configuration.healthSensor !== undefined) {
      this.healthSensor = new HealthSensor(configuration.healthSensor, {
        clock,
        clientId: () => this.identity?.clientId,
        look: () => this.healthValues(),
        request: (operation, parameters, options = {}) => this.request(operation, parameters, options),
        inTurn: (work) => this.inTurn(work),
      });
    }
    this.client.on("state", (state) => this.followState(state));
    this.client.on("registration", () => this.follow());
    this.client.on("unanswered", (error) => {
      this.observer.failed(error);
      this.changed();
    });
    this.client.on("counters", () => this.followCounters());
  }

  private settingsOf({ client, autoRegister, folder }: Configuration): AgentSettings {
    if (!autoRegister || folder === undefined) return client;
    return { ...client, register: (signal) => this.registrar!.registerAlone(signal) };
  }

  get identity(): Identity | undefined {
    return this.client?.identity;
  }

  /** "" where there is no client (any more), `undefined` where it is not known yet. */
  private get clientId(): string | undefined {
    return this.client?.state.name === "notRegistered" ? "" : this.identity?.clientId;
  }

  /** Since the process began: a deploy does not set them back. */
  get counters(): Counters {
    return this.health.counters.counts ?? NO_COUNTERS;
  }

  /** What became of the values that were stored, while a node stores any. */
  get outbox(): OutboxCounters | undefined {
    const counters = this.store?.counters;
    return counters && { ...counters, ...this.health.replayed.counts };
  }

  /** Days until the certificate of the connection ends. */
  get certificateDays(): number | undefined {
    return this.identity && daysLeft(this.identity, new Date(this.clock.now()));
  }

  /** What waits in the store since an outage: how it goes, and how many milliseconds the oldest value has waited. */
  async replay(): Promise<(ReplayView & { oldestAge?: number }) | undefined> {
    const oldestAge = await this.store?.oldestAge();
    const view = this.store?.replay;
    return view && { ...view, ...(oldestAge === undefined ? {} : { oldestAge }) };
  }

  private get shown(): AgentStatus {
    return this.client?.status ?? { name: "idle" };
  }

  view(): ConnectionView {
    const { outbox } = this;
    return {
      ...(this.problem === undefined ? {} : { problem: this.problem }),
      state: this.shown,
      queued: this.counters.queued ?? 0,
      unasked: this.unasked.value,
      isUnanswered: this.silence.isUnanswered || this.client?.isUnanswered === true,
      stored: outbox?.pending ?? 0,
      delivered: outbox?.delivered ?? 0,
      replayed: outbox?.replayed ?? 0,
      replaySeconds: this.store?.replay?.seconds,
      storeProblem: this.store?.problem,
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

  request<N extends RequestName>(
    operation: N,
    parameters: Parameters<N>,
    options: RequestOptions,
  ): Promise<Result<N>> {
    return this.ask(operation, parameters, options);
  }

  /** A node stores values from now on; `ended` is told of each record that does not wait any more. */
  keepStore(owner: string, ended: EndingListener): () => void {
    return this.store?.attach(owner, ended) ?? (() => undefined);
  }

  /** Resolves when the values are safe on disk. */
  async accept(push: StoredPush): Promise<StoreReceipt> {
    this.usable();
    return this.store!.accept(push);
  }

  /** The editor looks at live data: it is received until nobody has looked for a while, however many look. */
  watch(): void {
    this.usable();
    this.watching ??= this.onLiveData((data) => this.inventory.receive(data));
    this.endWatch?.();
    this.endWatch = this.clock.after(WATCH_MS, () => this.stopWatching());
  }

  private stopWatching(): void {
    this.endWatch?.();
    this.watching?.();
    this.watching = undefined;
  }

  onLiveData(...listeners: globalThis.Parameters<AgentClient["onLiveData"]>): () => void {
    return this.usable().onLiveData(...listeners);
  }

  /** `done` is told of each request that ended well. */
  onDone(done: DoneListener): () => void {
    this.doneListeners.add(done);
    return () => void this.doneListeners.delete(done);
  }

  /**
   * Runs after the ones before it have ended: two nodes that ensure the same thing must not both create it. A
   * `ReplyTimeout` names the whole time, with what it waited for the others.
   */
  inTurn<T>(work: () => Promise<T>): Promise<T> {
    const since = this.clock.monotonic();
    const failed = (error: unknown): never => {
      if (!(error instanceof IotError) || error.name !== "ReplyTimeout") throw error;
      const whole = (this.clock.monotonic() - since) / SECOND;
      if (whole - Number(error.details.seconds) < 0.5) throw error;
      throw new IotError("ReplyTimeout", {
        details: { seconds: Math.round(whole) },
        ...(error.operation && { operation: error.operation }),
      });
    };
    return this.turns.run(work).catch(failed);
  }

  /** Registers, and connects with the new identity. */
  async register(clientName: string, options: { replace: boolean; signal: AbortSignal }): Promise<Identity> {
    this.usable();
    return this.registrar!.register(clientName, options);
  }

  /** Deletes the client on the agent and sets its identity aside; gives its client ID. */
  async deleteClient(signal: AbortSignal): Promise<string> {
    this.usable();
    return this.registrar!.deleteClient(signal);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to become a rejection
  async connect(): Promise<void> {
    this.outage.begin(this.clock.monotonic());
    this.usable().connect();
  }

  async disconnect(): Promise<void> {
    await this.usable().disconnect();
  }

  async reconnect(): Promise<void> {
    this.outage.begin(this.clock.monotonic());
    const client = this.usable();
    await client.reconnect();
    client.connect();
  }

  status(): void {
    this.usable();
  }

  /** Ends a wait for the next attempt. */
  tryAgain(): void {
    this.client?.tryAgain();
  }

  /** Ends everything, within three seconds. */
  async close(): Promise<void> {
    this.listeners.clear();
    this.stop();
    await endWithin(Promise.all([this.stopping, this.seen.close()]));
    void this.stopping.finally(() => this.endCounting?.());
  }

  private ask<N extends RequestName>(
    operation: N,
    parameters: Parameters<N>,
    options: RequestOptions = {},
  ): Promise<Result<N>> {
    if (this.client === undefined) return Promise.reject(this.noClient());
    const succeed = this.health.begin(this.client, this.clock);
    return this.client.request(operation, parameters, options).then(
      (result) => {
        succeed();
        this.inventory.note(operation, parameters, result);
        this.names.note(operation, parameters);
        for (const done of this.doneListeners) done(operation, parameters);
        return result;
      },
      (error: unknown) => {
        this.fail(error as IotError);
        throw error;
      },
    );
  }

  private fail(error: IotError): void {
    this.history.fail(error);
    this.health.fail(error, this.clock);
  }

  private healthValues(): HealthValues | undefined {
    const { shown } = this;
    if (shown.name !== "connected") return undefined;
    const { reconnects, failures } = this.health.view(this.clock);
    return {
      connectedSeconds: Math.round((this.clock.monotonic() - shown.since) / SECOND),
      reconnects,
      queued: this.counters.queued,
      stored: this.outbox?.pending ?? 0,
      failures,
      certificateDays: this.certificateDays ?? 0,
    };
  }

  private usable(): AgentClient {
    if (this.client === undefined) throw this.noClient();
    return this.client;
  }

  private noClient(): IotError {
    return this.problem ?? new IotError("SettingMissing", { reason: "agent" });
  }

  private start(): void {
    // A deploy can give us new users before the connection of the old ones has ended (Node-RED issue 3992).
    this.outage.begin(this.clock.monotonic());
    this.store?.start();
    this.client?.start();
    this.healthSensor?.start();
  }

  private stop(): void {
    this.stopWatching();
    this.healthSensor?.stop();
    this.certificate.stop();
    this.unasked.stop();
    this.stopCountdown();
    const stopped = this.client?.stop() ?? Promise.resolve();
    this.stopping = this.store?.close(stopped) ?? stopped;
  }

  private followState(state: ConnectionState): void {
    this.history.enter(state.name, state.name === "waiting" ? state.failure : undefined);
    this.store?.setConnected(state.name === "connected");
    this.followClient();
    if (state.name === "connected") {
      if (this.wasConnected) this.health.reconnects++;
      this.wasConnected = true;
      this.healthSensor?.connected();
      this.outage.end(this.clock.monotonic());
      this.silence.end();
      this.certificate.watch(this.identity);
    }
    this.follow();
  }

  /** Of another client nothing is true that was known. */
  private followClient(): void {
    const { clientId } = this;
    if (clientId === undefined || clientId === this.inventoryOf) return;
    if (this.inventoryOf !== undefined) this.inventory.forget();
    this.inventoryOf = clientId;
  }

  private follow(): void {
    const state = this.shown;
    if (
      state.name === "waiting" &&
      this.outage.isNews(state.failure, state.permanent, this.clock.monotonic())
    )
      this.observer.failed(state.failure);
    this.changed();
  }

  private followCounters(): void {
    const { unasked, answered, failed, timedOut } = this.client?.counters ?? NO_COUNTERS;
    this.unasked.note(unasked);
    this.silence.note(answered + failed, timedOut);
    this.changed();
  }

  private stopCountdown(): void {
    this.endCountdown?.();
    this.endCountdown = undefined;
  }

  private changed(): void {
    if (this.shown.name === "waiting") this.endCountdown ??= every(this.clock, SECOND, () => this.changed());
    else this.stopCountdown();
    for (const listener of this.listeners.values()) listener();
    this.observer.changed(() => this.view());
  }
}
