/**
 * The agent of one configuration node, as its palette nodes share it: one client, started with the first of them and
 * stopped with the last; its identity; and what is built upon them.
 */
import { join } from "node:path";
import {
  AgentClient,
  type AgentSettings,
  type ConnectionState,
  type Counters,
} from "../../src/client/agent-client";
import { Inventory } from "../../src/client/inventory";
import { ExclusiveIdentity } from "../../src/identity/exclusive-identity";
import type { Identity } from "../../src/identity/identity";
import { daysLeft } from "../../src/identity/validity";
import type { OutboxCounters, ReplayView } from "../../src/outbox/outbox";
import { IotError } from "../../src/protocol/errors";
import type { ConnectionView } from "../shared/connection-status";
import { endWithin } from "../shared/deadline";
import type { ConfigurationNode, Node } from "../shared/node-red";
import type { Request } from "../shared/request";
import type { Clock } from "../../src/time/clock";
import { AgentRequests, type DoneListener } from "./agent-requests";
import { ConnectionWatch, NO_COUNTERS, type Observer } from "./connection-watch";
import { FormerIds } from "./former-ids";
import type { Health } from "./health";
import { HealthSensor } from "./health-sensor";
import type { History } from "./history";
import { NameMemory } from "./names";
import { NewClient } from "./new-client";
import { Registrar } from "./registrar";
import { SeenInventory } from "./seen-inventory";
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

/** An editor that shows live values asks each second; a few lost requests do not end it. */
const WATCH_MS = 10_000;

/** What there is where the settings can be used. */
interface Working {
  client: AgentClient;
  requests: AgentRequests;
  store: StoreAndForward;
  registrar: Registrar;
  newClient: NewClient;
}

export class SharedAgent {
  readonly clientName: string;
  /** What the agent has, as far as somebody in the editor has looked. */
  readonly inventory: Inventory;
  /** The same, with what was seen before Node-RED was started. */
  readonly seen: SeenInventory;
  /** Sensors and metrics that were made sure of by name. */
  readonly names: NameMemory;
  /** What sensors and metrics were called on the clients before this one. */
  readonly formerIds: FormerIds;
  /** Where what belongs to this agent node is kept; settings that cannot be used name nothing. */
  readonly directory: string | undefined;
  readonly request: Request = (operation, parameters, options) =>
    this.working?.requests.request(operation, parameters, options) ?? Promise.reject(this.noClient());
  private readonly watching: ConnectionWatch;
  private readonly problem: IotError | undefined;
  /** Absent where the settings cannot be used. */
  private readonly working: Working | undefined;
  private readonly healthSensor: HealthSensor | undefined;
  /** The identity, as it is ours alone. */
  private exclusive: ExclusiveIdentity | undefined;
  private readonly endCounting: (() => void) | undefined;
  private inventoryOf: string | undefined;
  /** Until it is kept. */
  private isInventoryWanted = false;
  private stopping: Promise<unknown> = Promise.resolve();
  private stopListening: (() => void) | undefined;
  private endWatch: (() => void) | undefined;

  constructor(
    private readonly users: Record<string, Node>,
    configuration: Configuration | IotError,
    told: Observer,
    readonly clock: Clock,
    readonly health: Health,
  ) {
    this.inventory = new Inventory(this.request, clock);
    this.problem = configuration instanceof IotError ? configuration : undefined;
    const store = (): StoreAndForward | undefined => this.working?.store;
    const client = (): AgentClient | undefined => this.working?.client;
    const watching = new ConnectionWatch({
      ...{ told, clock, health, client, store },
      problem: this.problem,
      certificateEnds: () => this.keepInventory(),
    });
    this.watching = watching;
    const usable = configuration instanceof IotError ? undefined : configuration;
    this.clientName = usable?.clientName ?? "";
    this.directory = usable?.directory;
    this.seen = new SeenInventory(this.inventory, usable?.inventoryFile, () => this.clientId, clock);
    const names = this.directory === undefined ? undefined : join(this.directory, "names.json");
    this.names = new NameMemory(names, () => this.identity?.clientId);
    this.formerIds = new FormerIds(
      usable?.folder?.directory,
      async () => (await usable?.folder?.load())?.clientId,
      (value, id) => watching.tell(new IotError("FormerId", { details: { value, id } })),
    );
    if (usable === undefined) {
      watching.tell(this.problem!);
      told.changed(() => this.view());
      return;
    }
    this.working = this.work(usable);
    this.endCounting = health.counters.begin(() => this.working!.client.counters);
    usable.client.identity.onWarning = (warning) => watching.tell(warning);
    if (usable.healthSensor !== undefined) {
      this.healthSensor = new HealthSensor(usable.healthSensor, {
        clock,
        clientId: () => this.identity?.clientId,
        look: () => watching.healthValues(this.certificateDays),
        request: this.request,
        inTurn: (work) => this.inTurn(work),
      });
    }
  }

  private work(configuration: Configuration): Working {
    const { clock, health, watching, formerIds: ids } = this;
    const timestamps = timestampsOf(configuration.outbox.directory);
    this.exclusive = new ExclusiveIdentity(configuration.client.identity, configuration);
    const settings = this.settingsOf(configuration, this.exclusive);
    const client = new AgentClient(settings, { clock, timestamps });
    const requests = new AgentRequests({
      ...{ client, ids, clock, health },
      done: (operation, parameters, result) => {
        this.inventory.note(operation, parameters, result);
        this.names.note(operation, parameters);
      },
      failed: (error) => watching.fail(error),
    });
    const registrar = new Registrar(configuration, client, (identity) =>
      watching.certificate.watch(identity),
    );
    const storeObserver = {
      failed: (error: IotError, message?: object) => watching.tell(error, message),
      changed: () => watching.changed(),
    };
    const send: Request = (operation, parameters, options) => requests.send(operation, parameters, options);
    const agent = {
      timestamps,
      get state() {
        return client.state;
      },
      request: send,
    };
    const store = new StoreAndForward(configuration.outbox, agent, storeObserver, clock, health);
    client.on("state", (state) => this.followState(state));
    client.on("registration", () => watching.follow());
    client.on("unanswered", (error) => {
      watching.tell(error);
      watching.changed();
    });
    client.on("counters", () => watching.followCounters());
    const newClient = new NewClient({
      configuration,
      client,
      requests,
      registrar,
      ids,
      seen: this.seen,
      clock,
    });
    return { client, requests, registrar, store, newClient };
  }

  private settingsOf(
    { client, autoRegister, folder }: Configuration,
    identity: ExclusiveIdentity,
  ): AgentSettings {
    const watch = (onChange: () => void): (() => void) => {
      const ends = [client.watch?.(onChange), identity.watch(onChange)];
      return () => ends.forEach((end) => end?.());
    };
    const settings = { ...client, identity, watch };
    if (!autoRegister || folder === undefined) return settings;
    return { ...settings, register: (signal) => this.working!.registrar.registerAlone(signal) };
  }

  get identity(): Identity | undefined {
    return this.working?.client.identity;
  }

  get history(): History {
    return this.watching.history;
  }

  /** "" where there is no client (any more), `undefined` where it is not known yet. */
  private get clientId(): string | undefined {
    return this.working?.client.state.name === "notRegistered" ? "" : this.identity?.clientId;
  }

  /** Since the process began: a deploy does not set them back. */
  get counters(): Counters {
    return this.health.counters.counts ?? NO_COUNTERS;
  }

  /** What became of the values that were stored, while a node stores any. */
  get outbox(): OutboxCounters | undefined {
    return this.working?.store.counters;
  }

  /** Days until the certificate of the connection ends. */
  get certificateDays(): number | undefined {
    return this.identity && daysLeft(this.identity, new Date(this.clock.now()));
  }

  /** What waits in the store since an outage: how it goes, and how many milliseconds the oldest value has waited. */
  async replay(): Promise<(ReplayView & { oldestAge?: number }) | undefined> {
    const oldestAge = await this.working?.store.oldestAge();
    const view = this.working?.store.replay;
    return view && { ...view, ...(oldestAge === undefined ? {} : { oldestAge }) };
  }

  view(): ConnectionView {
    return this.watching.view();
  }

  /** A palette node begins to use this agent; `changed` is called whenever there is something new to show. */
  attach(node: Node, changed: () => void): () => void {
    this.users[node.id] = node;
    if (this.watching.listen(node, changed)) this.start();
    return () => {
      const isLast = this.watching.leave(node);
      if (isLast === undefined) return;
      if (this.users[node.id] === node) delete this.users[node.id];
      if (isLast) this.stop();
    };
  }

  /** A node stores values from now on; `ended` is told of each record that does not wait any more. */
  keepStore(owner: string, ended: EndingListener): () => void {
    return this.working?.store.attach(owner, ended) ?? (() => undefined);
  }

  /** Resolves when the values are safe on disk. */
  async accept(push: StoredPush): Promise<StoreReceipt> {
    return this.usable().store.accept(push);
  }

  /** The editor looks at live data: it is received until nobody has looked for a while, however many look. */
  watch(): void {
    this.usable();
    this.stopListening ??= this.onLiveData((data) => this.inventory.receive(data));
    this.endWatch?.();
    this.endWatch = this.clock.after(WATCH_MS, () => this.stopWatching());
  }

  private stopWatching(): void {
    this.endWatch?.();
    this.stopListening?.();
    this.stopListening = undefined;
  }

  onLiveData(...listeners: globalThis.Parameters<AgentClient["onLiveData"]>): () => void {
    return this.usable().client.onLiveData(...listeners);
  }

  onDone(done: DoneListener): () => void {
    return this.working?.requests.onDone(done) ?? (() => undefined);
  }

  inTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.working?.requests.inTurn(work) ?? work();
  }

  /** A new client that takes this one's place. */
  get newClient(): NewClient {
    return this.usable().newClient;
  }

  /** Registers, and connects with the new identity. */
  async register(clientName: string, options: { replace: boolean; signal: AbortSignal }): Promise<Identity> {
    return this.usable().registrar.register(clientName, options);
  }

  /** Deletes the client on the agent and sets its identity aside; gives its client ID. */
  async deleteClient(signal: AbortSignal): Promise<string> {
    return this.usable().registrar.deleteClient(signal);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- what it throws has to become a rejection
  async connect(): Promise<void> {
    this.watching.begin();
    this.usable().client.connect();
  }

  async disconnect(): Promise<void> {
    await this.usable().client.disconnect();
  }

  async reconnect(): Promise<void> {
    this.watching.begin();
    const { client } = this.usable();
    await client.reconnect();
    client.connect();
  }

  status(): void {
    this.usable();
  }

  /** Ends a wait for the next attempt. */
  tryAgain(): void {
    this.working?.client.tryAgain();
  }

  /** Ends everything, within three seconds. */
  async close(): Promise<void> {
    this.watching.close();
    this.stop();
    await endWithin(Promise.all([this.stopping, this.seen.close()]));
    void this.stopping.finally(() => this.endCounting?.());
  }

  private usable(): Working {
    if (this.working === undefined) throw this.noClient();
    return this.working;
  }

  private noClient(): IotError {
    return this.problem ?? new IotError("SettingMissing", { reason: "agent" });
  }

  private start(): void {
    // A deploy can give us new users before the connection of the old ones has ended (Node-RED issue 3992).
    this.watching.begin();
    void this.formerIds.ready();
    this.working?.store.start();
    this.working?.client.start();
    this.healthSensor?.start();
  }

  private stop(): void {
    this.stopWatching();
    this.healthSensor?.stop();
    this.watching.stop();
    const stopped = this.working?.client.stop() ?? Promise.resolve();
    const released = stopped.then(() => (this.watching.isUsed ? undefined : this.exclusive?.release()));
    this.stopping = Promise.all([this.working?.store.close(stopped), released]);
  }

  private followState(state: ConnectionState): void {
    this.working?.store.setConnected(state.name === "connected");
    this.followClient();
    if (state.name === "connected") {
      this.healthSensor?.connected();
      if (this.isInventoryWanted) this.keepInventory();
    }
    this.watching.followConnection(state);
  }

  /** What this client has is needed to make the next one, and cannot be asked for when the certificate has ended. */
  private keepInventory(): void {
    if (!this.formerIds.isKept) return;
    this.isInventoryWanted = true;
    this.seen.whole("anew").then(
      () => (this.isInventoryWanted = false),
      () => undefined, // The next connection tries again.
    );
  }

  /** Of another client nothing is true that was known. */
  private followClient(): void {
    const { clientId } = this;
    if (clientId === undefined || clientId === this.inventoryOf) return;
    void this.formerIds.use(clientId);
    if (this.inventoryOf !== undefined) this.inventory.forget();
    this.inventoryOf = clientId;
  }
}
