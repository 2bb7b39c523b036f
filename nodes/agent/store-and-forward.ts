/**
 * The store of values that must not be lost, of one agent: it lives while push nodes want it, sends while there is a
 * connection, and tells each record's end to the node that accepted it.
 */
import { existsSync } from "node:fs";
import {
  Outbox,
  type OutboxCounters,
  type OutboxEnding,
  type OutboxSettings,
  type ReplayView,
} from "../../src/outbox/outbox";
import type { AgentClient } from "../../src/client/agent-client";
import { IotError } from "../../src/protocol/errors";
import type { Clock } from "../../src/time/clock";
import type { Health } from "./health";

/** Who wants to know how the records of a node ended. */
export type EndingListener = (ending: OutboxEnding) => void;

export type StoredPush = globalThis.Parameters<Outbox["accept"]>[0];
export type StoreReceipt = Awaited<ReturnType<Outbox["accept"]>> & { pending: number };

/** Who is sent to: what was stored long ago can name sensors by IDs of a client before. */
type Agent = Pick<AgentClient, "state" | "timestamps" | "request">;

interface StoreObserver {
  /** `message`: the values that are concerned, where there are any. */
  failed(error: IotError, message?: object): void;
  changed(): void;
}

export class StoreAndForward {
  private outbox: Outbox | undefined;
  private readonly owners = new Map<string, EndingListener>();
  private isUnserved = false;
  /** Why no value can be stored; it has been told. */
  private refusal: IotError | undefined;
  private endCounting: (() => void) | undefined;
  /** A deploy can want the store again before its last life has ended; two lives must not overlap. */
  private closing: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly settings: OutboxSettings,
    private readonly client: Agent,
    private readonly observer: StoreObserver,
    private readonly clock: Clock,
    private readonly health: Health,
  ) {}

  /** What became of the values; unknown until the store has been read. What was replayed counts since the process began. */
  get counters(): OutboxCounters | undefined {
    if (this.outbox?.isOpen !== true) return undefined;
    return { ...this.outbox.counters, ...this.health.replayed.counts };
  }

  /** What waits since an outage, and how it goes. */
  get replay(): ReplayView | undefined {
    return this.outbox?.isOpen === true ? this.outbox.replay : undefined;
  }

  /** Milliseconds that the oldest value has waited. */
  async oldestAge(): Promise<number | undefined> {
    return this.outbox?.isOpen === true ? this.outbox.oldestAge() : undefined;
  }

  get problem(): IotError | undefined {
    return this.outbox === undefined ? undefined : this.refusal;
  }

  /** Sends what an earlier run left, even if no node stores any more. */
  start(): void {
    if (existsSync(this.settings.directory)) this.outbox ??= this.open();
  }

  /** A push node stores its values here; what was left from before a restart is sent from now on. */
  attach(owner: string, ended: EndingListener): () => void {
    this.owners.set(owner, ended);
    this.outbox ??= this.open();
    return () => {
      if (this.owners.get(owner) === ended) this.owners.delete(owner);
    };
  }

  async accept(push: StoredPush): Promise<StoreReceipt> {
    await this.closing;
    const { outbox } = this;
    if (outbox === undefined) throw new IotError("Closed", { reason: "unsent" });
    const receipt = await outbox.accept(push);
    return { ...receipt, pending: outbox.counters.pending };
  }

  setConnected(connected: boolean): void {
    this.outbox?.setConnected(connected);
  }

  /** Closes when the client has stopped, so that nothing is in flight. */
  close(stopped: Promise<void>): Promise<unknown> {
    const { outbox } = this;
    this.outbox = undefined;
    outbox?.setConnected(false);
    const { endCounting } = this;
    this.closing = Promise.all([this.closing, stopped])
      .then(() => outbox?.close())
      .finally(endCounting);
    return this.closing;
  }

  private open(): Outbox {
    const outbox = new Outbox(
      this.settings,
      ({ sensorId, metrics, timestamp }, onRepeat) =>
        this.client.request("pushValues", { sensorId, metrics, timestamp }, { onRepeat }),
      { clock: this.clock, timestamps: this.client.timestamps },
    );
    this.endCounting = this.health.replayed.begin(() => ({ replayed: outbox.counters.replayed }));
    outbox.on("counters", () => this.observer.changed());
    outbox.on("ended", (ending) => this.tell(ending));
    outbox.on("damaged", (error) => this.observer.failed(error));
    outbox.on("exposed", (error) => this.observer.failed(error));
    outbox.on("unserved", (error) => this.tellUnserved(error));
    outbox.on("refused", (refusal) => this.followRefusal(refusal));
    this.refusal = undefined;
    void this.closing.then(() => (this.outbox === outbox ? outbox.open() : undefined)).catch(() => undefined); // It has been told.
    outbox.setConnected(this.client.state.name === "connected");
    return outbox;
  }

  private tell(ending: OutboxEnding): void {
    const owner = this.owners.get(ending.record.owner);
    if (owner !== undefined) owner(ending);
    // The node was deleted while its values waited: the agent node tells it instead.
    else if (ending.error !== undefined) this.observer.failed(ending.error, messageOf(ending));
    if (ending.outcome === "delivered") this.isUnserved = false;
  }

  /** Each cause once, and again only after values could be stored. */
  private followRefusal(refusal: IotError | undefined): void {
    this.refusal = refusal;
    if (refusal !== undefined) this.observer.failed(refusal);
    this.observer.changed();
  }

  /** Once, and again only after something was delivered. */
  private tellUnserved(error: IotError): void {
    if (this.isUnserved) return;
    this.isUnserved = true;
    this.observer.failed(error);
  }
}

/** A record that ended, as a flow is told of it. */
export function messageOf({ record, outcome, maybeDuplicate }: OutboxEnding): Record<string, unknown> {
  const { sensorId, metrics, timestamp, sequence } = record;
  return { ...messageOfPush(sensorId, metrics), timestamp, sequence, outcome, maybeDuplicate };
}

/** The values of a push, as a flow is told of them without the message that brought them; a BigInt as its digits, as in live data. */
export function messageOfPush(
  sensorId: string,
  metrics: OutboxEnding["record"]["metrics"],
): Record<string, unknown> {
  const values = metrics.map(({ metricId, value }) => [
    metricId,
    typeof value === "bigint" ? String(value) : value,
  ]);
  return {
    payload: Object.fromEntries(values) as object,
    sensorId,
    metricIds: metrics.map(({ metricId }) => metricId),
  };
}
