/**
 * Store and forward: a push is accepted when it is safe on disk, sent one at a time per sensor, and removed when the
 * agent has confirmed or refused it. Live values go at once, the backlog of an outage follows at a pace; each oldest
 * first per sensor. At least once: what was in flight when the agent or this process died is sent again with the same
 * timestamp.
 */
import { EventEmitter } from "node:events";
import { IotError } from "../protocol/errors";
import { writePushedValues, type PushedValue } from "../protocol/requests";
import { Timestamps } from "../time/timestamps";
import { checkId } from "../protocol/topics";
import { systemClock, type Clock } from "../time/clock";
import { AgeClock } from "./age-clock";
import { Endings, type OutboxEnding } from "./endings";
import { Expiry } from "./expiry";
import { Journal } from "./journal";
import { SensorQueues } from "./sensor-queues";
import { pendingIn, type Ledger } from "./ledger";
import { encodeRecord, sizeOfMessage } from "./record";
import { Delivery, type Deliver } from "./delivery";
import { Replay, UNBOUNDED, type ReplaySettings, type ReplayView } from "./replay";
import { DiskStore, type Store } from "./store";
import { Timers } from "../time/timers";

export type { OutboxEnding } from "./endings";
export type { Deliver } from "./delivery";
export type { ReplaySettings, ReplayView } from "./replay";

export interface OutboxSettings {
  directory: string;
  /** Records and bytes that may wait. */
  count: number;
  bytes: number;
  /** Milliseconds after which a record is given up; 0: never. */
  age: number;
  whenFull: "reject" | "dropOldest";
  /** How the backlog of an outage is sent; absent: as fast as it goes, behind live values. */
  replay?: ReplaySettings;
}

/** What is to be kept until the agent has it. */
export interface StoredPush {
  owner: string;
  sensorId: string;
  metrics: readonly PushedValue[];
  timestamp?: number;
}

/** What a push is accepted with. */
export interface Receipt {
  sequence: number;
  timestamp: number;
}

export interface OutboxCounters extends Ledger {
  pending: number;
  bytes: number;
  /** Of the delivered ones, those that had waited through a lost connection or a restart. */
  replayed: number;
}

/** Time and chance, from outside. */
export interface OutboxDependencies {
  store: Store;
  clock: Clock;
  random: () => number;
  /** What is known of other pushes of the same client. */
  timestamps: Timestamps;
}

/** Milliseconds until a disk that refused is asked again, and how many bytes it must take then. */
const ASK_AGAIN = 10_000;
const ROOM = 64 * 1024;
/** Milliseconds in which records that are found damaged are told together. */
const TOLD_TOGETHER = 1000;

interface OutboxEvents {
  ended: [OutboxEnding];
  counters: [];
  /** The agent does not serve this client: nothing is sent to nowhere, and nothing is given up. */
  unserved: [IotError];
  /** Records were lost to damage, when the store was opened or later; or it was begun anew. */
  damaged: [IotError];
  /** Others can read or change what waits, and that cannot be changed here: it is used all the same. */
  exposed: [IotError];
  /** No new records are taken, and why: what waits is delivered all the same. `undefined`: they are taken again. */
  refused: [IotError | undefined];
}

export class Outbox extends EventEmitter<OutboxEvents> {
  private readonly store: Store;
  private readonly journal: Journal;
  private readonly queues: SensorQueues;
  private readonly replaying: Replay;
  private readonly timers: Timers;
  private readonly timestamps: Timestamps;
  private readonly clock: Clock;
  private readonly endings: Endings;
  private readonly ageClock: AgeClock;
  private readonly expiry: Expiry;
  private readonly delivery: Delivery;
  private opening: Promise<void> | undefined;
  /** Opening failed, and that was told. */
  private isShut = false;
  private opened = false;
  private closed = false;
  private reopens = false;
  private asksAgain = false;
  /** Records that were found damaged, and are not told yet. */
  private damaged = 0;

  constructor(
    private readonly settings: OutboxSettings,
    deliver: Deliver,
    dependencies: Partial<OutboxDependencies> = {},
  ) {
    super();
    const { replay = UNBOUNDED } = settings;
    const queues = (this.queues = new SensorQueues(replay.order === "inOrder"));
    const replaying = (this.replaying = new Replay(replay));
    const { clock = systemClock, random = Math.random } = dependencies;
    const store = (this.store = dependencies.store ?? new DiskStore(settings.directory, clock));
    const timers = (this.timers = new Timers(clock));
    this.journal = new Journal(store, (refusal) => this.followRefusal(refusal));
    this.clock = clock;
    this.timestamps = dependencies.timestamps ?? new Timestamps();
    const endings = (this.endings = new Endings(queues, this.journal, store, (ending) => {
      if (typeof ending === "object") this.emit("ended", ending);
      else if (ending === "corrupt") this.tellDamaged();
      this.emit("counters");
    }));
    this.ageClock = new AgeClock(clock);
    const expiry = new Expiry(settings.age, this.ageClock, timers, queues, store, endings);
    this.expiry = expiry;
    const unserved = (error: IotError) => void this.emit("unserved", error);
    const sending = { queues, replay: replaying, clock, store, endings, expiry, timers };
    this.delivery = new Delivery({ ...sending, deliver, random, unserved });
  }

  /** The store has been read: before, nobody knows what is pending. */
  get isOpen(): boolean {
    return this.opened;
  }

  get counters(): OutboxCounters {
    const { ledger } = this.journal;
    // Of what is being written memory knows more than the ledger: for the books the ledger alone counts.
    const pending = pendingIn(ledger);
    return { ...ledger, pending, bytes: this.queues.bytes, replayed: this.delivery.replayed };
  }

  /** The backlog, how fast it goes, and how long that will take. */
  get replay(): ReplayView {
    const { records, bytes } = this.queues.backlog;
    return this.replaying.view(records, bytes, this.clock.monotonic());
  }

  /** Milliseconds that the oldest record has waited; `undefined` when none waits, or when the disk does not say. */
  async oldestAge(): Promise<number | undefined> {
    const queue = this.queues.oldest();
    const record = queue && (await this.store.read(queue.first).catch(() => undefined));
    return record && Math.max(this.ageClock.now() - record.acceptedAt, 0);
  }

  /** Opens the store; a failure is told at each push until opening succeeds. Rejects with `OutboxLocked`, `OutboxUnwritable`. */
  open(): Promise<void> {
    this.opening ??= this.load().catch((error: unknown) => {
      // The next push tries again, and so do we: what is pending is to be sent even if no push comes.
      this.opening = undefined;
      if (!this.isShut) this.emit("refused", error as IotError);
      this.isShut = true;
      this.reopenLater();
      throw error;
    });
    return this.opening;
  }

  /** Resolves when the push is safe on disk. Rejects with `InvalidInput`, `OutboxFull`, `OutboxUnwritable`, `OutboxLocked`, `Closed`. */
  async accept({ owner, sensorId, metrics, timestamp: given }: StoredPush): Promise<Receipt> {
    checkId("sensorId", sensorId);
    const now = this.clock.now();
    // What is wrong with a push is told before what is wrong with the disk.
    if (!this.opened) writePushedValues({ metrics, timestamp: given ?? now });
    if (this.closed) throw new IotError("Closed", { reason: "unsent" });
    await this.open();
    // Only now are the timestamps known of what waited before a restart.
    const timestamp = given ?? this.timestamps.next(sensorId, now);
    this.timestamps.note(sensorId, timestamp, now);
    const message = writePushedValues({ metrics, timestamp });
    const bytes = sizeOfMessage(message, sensorId);
    // Nothing is dropped for a push that the disk refuses.
    if (this.journal.refusal !== undefined) await this.journal.write({ room: 2 * bytes });
    // What is being written can be dropped as soon as it is written.
    while (!this.makeRoom(bytes)) await this.journal.settled();
    this.queues.reserve(bytes);
    const record = { owner, sensorId, ...this.ageClock.moment() };
    let sequence: number;
    try {
      sequence = await this.journal.write({
        put: (sequence) => encodeRecord({ sequence, ...record }, message),
      });
    } catch (error) {
      this.queues.release(bytes);
      throw error;
    }
    this.queues.add(sensorId, { sequence, bytes });
    this.follow();
    return { sequence, timestamp };
  }

  /** Records are sent only while there is a connection. */
  setConnected(isConnected: boolean): void {
    this.delivery.setConnected(isConnected && !this.closed);
  }

  /** Ends everything that lives; what is pending stays on disk. Whoever delivers must have ended before. */
  async close(): Promise<void> {
    this.closed = true;
    this.delivery.setConnected(false);
    this.timers.close();
    await this.opening?.catch(() => undefined);
    await this.delivery.settled();
    await this.journal.settled();
    await this.store.close(this.opened ? this.ageClock.moment() : undefined);
  }

  private async load(): Promise<void> {
    const { ledger, pending, newest, damage, exposure } = await this.store.open();
    this.journal.ledger = { ...ledger };
    this.journal.sequence = this.queues.inherited = ledger.accepted;
    if (newest !== undefined) this.ageClock.runOnFrom(newest);
    const now = this.clock.now();
    for (const { sensorId, sequence, bytes, timestamp } of pending) {
      this.timestamps.note(sensorId, timestamp, now);
      this.queues.addOld(sensorId, { sequence, bytes });
    }
    this.opened = true;
    if (this.isShut) this.emit("refused", undefined);
    if (damage !== undefined) this.emit("damaged", damage);
    if (exposure !== undefined) this.emit("exposed", exposure);
    this.follow();
  }

  private reopenLater(): void {
    if (this.reopens) return;
    this.reopens = true;
    this.timers.after(ASK_AGAIN, () => {
      this.reopens = false;
      void this.open().catch(() => undefined);
    });
  }

  private followRefusal(refusal: IotError | undefined): void {
    this.emit("refused", refusal);
    if (refusal !== undefined) this.askAgain();
  }

  /** Whether there is room again is found out even if no push comes. */
  private askAgain(): void {
    if (this.asksAgain) return;
    this.asksAgain = true;
    this.timers.after(ASK_AGAIN, () => {
      this.asksAgain = false;
      if (this.journal.refusal === undefined) return;
      void this.journal.write({ room: ROOM }).catch(() => this.askAgain());
    });
  }

  private tellDamaged(): void {
    if (this.damaged++ > 0) return;
    this.timers.after(TOLD_TOGETHER, () => {
      const details = { path: this.settings.directory, count: this.damaged };
      this.damaged = 0;
      this.emit("damaged", new IotError("OutboxDamaged", { reason: "lost", details }));
    });
  }

  /** There is more to send. */
  private follow(): void {
    this.emit("counters");
    this.expiry.watch();
    this.delivery.pump();
  }

  /**
   * Makes room at once, so that pushes that arrive together make room for each of them. False while the
   * only records that could go are being written; throws `OutboxFull` when there is none.
   */
  private makeRoom(size: number): boolean {
    const { queues } = this;
    const { count, bytes, whenFull } = this.settings;
    while (queues.pending + 1 > count || queues.bytes + size > bytes) {
      const mayDrop = whenFull === "dropOldest" && size <= bytes;
      const oldest = mayDrop ? queues.oldestAtRest() : undefined;
      if (oldest !== undefined)
        void this.endings.endUnsent(oldest, "dropped", () => new IotError("RecordDropped"));
      else if (mayDrop && this.journal.busy) return false;
      else throw new IotError("OutboxFull", { details: { count, bytes } });
    }
    return true;
  }
}
