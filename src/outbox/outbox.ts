/**
 * Store and forward: a push is accepted when it is safe on disk, sent oldest first per sensor, one at a
 * time per sensor, and removed when the agent has confirmed or refused it. At least once: what was in
 * flight when the agent or this process died is sent again with the same timestamp.
 */
import { EventEmitter } from "node:events";
import { IotError } from "../protocol/errors";
import type { PushedValue } from "../protocol/requests";
import { writePushedValues } from "../protocol/requests";
import { checkId } from "../protocol/topics";
import type { OutboxRecord } from "./record";
import { Journal } from "./journal";
import type { Ending, Ledger } from "./ledger";
import { DiskStore, sizeOf, type Store } from "./store";

export interface OutboxSettings {
  directory: string;
  /** Records and bytes that may wait. */
  count: number;
  bytes: number;
  /** Milliseconds after which a record is given up; 0: never. */
  age: number;
  whenFull: "reject" | "dropOldest";
}

/** What a push is accepted with. */
export interface Receipt {
  sequence: number;
  timestamp: number;
}

/** How a record ended; told for every record, once. */
export interface OutboxEnding {
  record: OutboxRecord;
  outcome: Ending;
  /** Why, unless it was delivered whole; a partial failure is delivered and names the metrics that were refused. */
  error?: IotError;
  /** It may have reached the agent before: it was sent without an answer, or waited when this process began. */
  maybeDuplicate: boolean;
}

export interface OutboxCounters extends Ledger {
  pending: number;
  bytes: number;
  /** Of the delivered ones, those that had waited through a lost connection or a restart. */
  replayed: number;
}

/** Sends a record; resolves when the agent confirmed it, rejects with its verdict or with why there is none; says when it was sent again. */
export type Deliver = (record: OutboxRecord, onRepeat: () => void) => Promise<unknown>;

/** Time and chance, from outside. */
export interface OutboxRim {
  store: Store;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Milliseconds that no change of the clock disturbs. */
  monotonic: () => number;
  random: () => number;
  setTimer: (callback: () => void, delay: number) => () => void;
}

/** These errors say that nothing was sent. */
const UNSENT: ReadonlySet<string> = new Set([
  "NotConnected",
  "Disconnected",
  "NotRegistered",
  "QueueFull",
  "QueueExpired",
  "QueueDropped",
]);
/** Sensors that are being sent to at once: enough to hide the agent's answer time, little enough to leave room for requests. */
const SENSORS_AT_ONCE = 8;
const SENSORS_REMEMBERED = 10_000;
const REOPEN = 10_000;
const RETRY_FIRST = 500;
const RETRY_MOST = 60_000;
/** A record during whose sending the connection broke this often, each time, is taken for the reason. */
const BREAKS_MOST = 5;

/** What memory holds of a record. */
interface Entry {
  readonly sequence: number;
  readonly bytes: number;
}

/** The waiting records of one sensor. */
interface Lane {
  readonly sensorId: string;
  /** Oldest first, from `head` on. */
  entries: Entry[];
  head: number;
  state: "ready" | "sending" | "resting";
  attempts: number;
  breaks: number;
  /** How many records had been delivered when the agent first said that it does not serve us. */
  unservedSince: number | undefined;
}

interface OutboxEvents {
  ended: [OutboxEnding];
  counters: [];
  /** The agent does not serve this client: nothing is sent to nowhere, and nothing is given up. */
  unserved: [IotError];
}

export class Outbox extends EventEmitter<OutboxEvents> {
  private readonly rim: OutboxRim;
  private readonly journal: Journal;
  private readonly lanes = new Map<string, Lane>();
  private ready: Lane[] = [];
  private readonly sending = new Set<Promise<void>>();
  private connected = false;
  private opening: Promise<void> | undefined;
  private opened = false;
  private closed = false;
  private sequence = 0;
  private pending = 0;
  private bytes = 0;
  private replayed = 0;
  /** By this process. */
  private delivered = 0;
  private reopens = false;
  /** Records up to here were there before: their delivery is a replay, and may be a repetition. */
  private inherited = 0;
  private readonly lastTimestamps = new Map<string, number>();
  private readonly timers = new Set<() => void>();
  private sweepIsDue = false;
  private readonly started: { wall: number; monotonic: number };

  constructor(
    private readonly settings: OutboxSettings,
    private readonly deliver: Deliver,
    rim: Partial<OutboxRim> = {},
  ) {
    super();
    this.rim = {
      store: rim.store ?? new DiskStore(settings.directory),
      now: rim.now ?? Date.now,
      monotonic: rim.monotonic ?? (() => performance.now()),
      random: rim.random ?? Math.random,
      setTimer: rim.setTimer ?? startTimer,
    };
    this.journal = new Journal(this.rim.store);
    this.started = { wall: this.rim.now(), monotonic: this.rim.monotonic() };
  }

  /** The store has been read: before, nobody knows what is pending. */
  get isOpen(): boolean {
    return this.opened;
  }

  get counters(): OutboxCounters {
    return { ...this.journal.ledger, pending: this.pending, bytes: this.bytes, replayed: this.replayed };
  }

  /** Opens the store; a failure is told at each push until opening succeeds. Rejects with `OutboxLocked`, `OutboxUnwritable`. */
  open(): Promise<void> {
    this.opening ??= this.load().catch((error: unknown) => {
      // The next push tries again, and so do we: what is pending is to be sent even if no push comes.
      this.opening = undefined;
      this.reopenLater();
      throw error;
    });
    return this.opening;
  }

  private reopenLater(): void {
    if (this.reopens) return;
    this.reopens = true;
    this.after(REOPEN, () => {
      this.reopens = false;
      void this.open().catch(() => undefined);
    });
  }

  /** Resolves when the push is safe on disk. Rejects with `InvalidInput`, `OutboxFull`, `OutboxUnwritable`, `OutboxLocked`, `Closed`. */
  async accept(push: {
    owner: string;
    sensorId: string;
    metrics: readonly PushedValue[];
    timestamp?: number;
  }): Promise<Receipt> {
    checkId("sensorId", push.sensorId);
    writePushedValues(push);
    if (this.closed) throw new IotError("Closed", { reason: "unsent" });
    await this.open();
    const bytes = sizeOf(push);
    // What is being written can be dropped as soon as it is written.
    while (!this.makeRoom(bytes)) await this.journal.settled();
    const record: OutboxRecord = {
      sequence: ++this.sequence,
      owner: push.owner,
      sensorId: push.sensorId,
      metrics: push.metrics.map(({ metricId, value }) => ({ metricId, value })),
      timestamp: push.timestamp ?? this.nextTimestamp(push.sensorId),
      acceptedAt: this.steadyNow(),
    };
    // Counted before it is written, so that pushes that arrive together cannot overfill the store together.
    this.pending++;
    this.bytes += bytes;
    try {
      await this.journal.write({ put: record });
    } catch (error) {
      this.pending--;
      this.bytes -= bytes;
      throw error;
    }
    this.enqueue(record.sensorId, { sequence: record.sequence, bytes });
    this.emit("counters");
    this.watchAge();
    this.pump();
    return { sequence: record.sequence, timestamp: record.timestamp };
  }

  /** Records are sent only while there is a connection. */
  setConnected(connected: boolean): void {
    this.connected = connected;
    if (connected) this.pump();
  }

  /** Ends everything that lives; what is pending stays on disk. Whoever delivers must have ended before. */
  async close(): Promise<void> {
    this.closed = true;
    this.connected = false;
    for (const cancel of this.timers) cancel();
    this.timers.clear();
    await this.opening?.catch(() => undefined);
    await Promise.allSettled(this.sending);
    await this.journal.settled();
    await this.rim.store.close();
  }

  private async load(): Promise<void> {
    const contents = await this.rim.store.open();
    this.journal.ledger = { ...contents.ledger };
    this.bytes = contents.pending.reduce((sum, { bytes }) => sum + bytes, 0);
    this.pending = contents.pending.length;
    this.sequence = contents.lastSequence;
    this.inherited = contents.lastSequence;
    for (const { sensorId, sequence, bytes } of contents.pending) this.enqueue(sensorId, { sequence, bytes });
    this.opened = true;
    this.emit("counters");
    this.watchAge();
    this.pump();
  }

  // Accepting

  /** A timestamp of our own: strictly increasing per sensor, so that no two pushes of it are the same push. */
  private nextTimestamp(sensorId: string): number {
    const timestamp = Math.max(this.rim.now(), (this.lastTimestamps.get(sensorId) ?? 0) + 1);
    this.lastTimestamps.delete(sensorId);
    this.lastTimestamps.set(sensorId, timestamp);
    const [longestUnused] = this.lastTimestamps.keys();
    if (this.lastTimestamps.size > SENSORS_REMEMBERED && longestUnused !== undefined) {
      this.lastTimestamps.delete(longestUnused);
    }
    return timestamp;
  }

  /** Time for ages: follows the clock at start and runs on evenly, whatever is done to the clock (fault 34). */
  private steadyNow(): number {
    return Math.round(this.started.wall + this.rim.monotonic() - this.started.monotonic);
  }

  /**
   * Makes room at once, so that pushes that arrive together make room for each of them. False while the
   * only records that could go are being written; throws `OutboxFull` when there is none.
   */
  private makeRoom(size: number): boolean {
    const { count, bytes, whenFull } = this.settings;
    while (this.pending + 1 > count || this.bytes + size > bytes) {
      const mayDrop = whenFull === "dropOldest" && size <= bytes;
      const oldest = mayDrop ? this.oldestAtRest() : undefined;
      if (oldest !== undefined) void this.giveUp(oldest, "dropped", () => new IotError("RecordDropped"));
      else if (mayDrop && this.journal.busy) return false;
      else throw new IotError("OutboxFull", { details: { count, bytes } });
    }
    return true;
  }

  /** The lane whose first record is the oldest of all that are not being sent. */
  private oldestAtRest(): Lane | undefined {
    let oldest: Lane | undefined;
    for (const lane of this.lanes.values()) {
      if (lane.state !== "sending" && (oldest === undefined || firstOf(lane) < firstOf(oldest)))
        oldest = lane;
    }
    return oldest;
  }

  /** Takes a lane's first record out unsent. */
  private async giveUp(lane: Lane, as: Ending, why: (record: OutboxRecord) => IotError): Promise<void> {
    const maybeDuplicate = mayHaveArrived(lane, this.inherited);
    const { sequence } = this.takeFirst(lane);
    if (lane.head === lane.entries.length) this.forget(lane);
    const record = await this.rim.store.read(sequence);
    await this.end(
      sequence,
      record,
      record === undefined ? "corrupt" : as,
      record && why(record),
      maybeDuplicate,
    );
  }

  /** The one place where a record leaves memory, with what it counted for. */
  private takeFirst(lane: Lane): Entry {
    const entry = lane.entries[lane.head++] ?? { sequence: 0, bytes: 0 };
    if (lane.head > 1024 && lane.head * 2 > lane.entries.length) {
      lane.entries = lane.entries.slice(lane.head);
      lane.head = 0;
    }
    lane.attempts = 0;
    lane.breaks = 0;
    lane.unservedSince = undefined;
    this.pending--;
    this.bytes -= entry.bytes;
    return entry;
  }

  // Sending

  private enqueue(sensorId: string, entry: Entry): void {
    let lane = this.lanes.get(sensorId);
    if (lane === undefined) {
      lane = {
        sensorId,
        entries: [],
        head: 0,
        state: "ready",
        attempts: 0,
        breaks: 0,
        unservedSince: undefined,
      };
      this.lanes.set(sensorId, lane);
      this.ready.push(lane);
    }
    lane.entries.push(entry);
  }

  private forget(lane: Lane): void {
    this.lanes.delete(lane.sensorId);
    if (lane.state === "ready") this.ready = this.ready.filter((other) => other !== lane);
  }

  private pump(): void {
    while (this.connected && this.sending.size < SENSORS_AT_ONCE) {
      const lane = this.ready.shift();
      if (lane === undefined) return;
      lane.state = "sending";
      const sending = this.send(lane).finally(() => {
        this.sending.delete(sending);
        this.pump();
      });
      this.sending.add(sending);
    }
  }

  private async send(lane: Lane): Promise<void> {
    const sequence = firstOf(lane);
    const record = await this.rim.store.read(sequence);
    if (record === undefined) {
      await this.endFirst(lane, undefined, "corrupt");
      return;
    }
    if (this.isTooOld(record)) {
      await this.endFirst(lane, record, "expired", this.tooOld(record));
      return;
    }
    try {
      await this.deliver(record, () => lane.attempts++);
    } catch (error) {
      const verdict =
        error instanceof IotError
          ? error
          : new IotError("BadReply", { details: { value: String(error) }, cause: error });
      await this.afterFailure(lane, record, verdict);
      return;
    }
    if (mayHaveArrived(lane, this.inherited)) this.replayed++;
    this.delivered++;
    await this.endFirst(lane, record, "delivered");
  }

  private async afterFailure(lane: Lane, record: OutboxRecord, error: IotError): Promise<void> {
    if (error.name === "PushValuesFailed" && (error.metrics?.length ?? 0) > 0) {
      const refused = new Set(error.metrics);
      const whole = record.metrics.every(({ metricId }) => refused.has(metricId));
      await this.endFirst(lane, record, whole ? "rejected" : "delivered", error);
      return;
    }
    lane.breaks = error.name === "ConnectionLost" ? lane.breaks + 1 : 0;
    if (lane.breaks >= BREAKS_MOST) {
      await this.endFirst(
        lane,
        record,
        "rejected",
        new IotError("DeliveryGivenUp", { details: { attempts: lane.breaks }, cause: error }),
      );
    } else if (isUnserved(error, lane, this.delivered)) {
      // Not this record's fault, as far as anybody can tell: it stays, and somebody has to look.
      lane.unservedSince ??= this.delivered;
      this.rest(lane, RETRY_MOST);
      this.emit("unserved", error);
    } else if (UNSENT.has(error.name)) {
      this.rest(lane, RETRY_FIRST);
    } else if (isPassing(error)) {
      lane.attempts++;
      this.rest(lane, error.name === "ConnectionLost" ? RETRY_FIRST : ceilingAfter(lane.attempts));
    } else {
      await this.endFirst(lane, record, "rejected", error);
    }
  }

  /** Full jitter. */
  private rest(lane: Lane, ceiling: number): void {
    lane.state = "resting";
    this.after(this.rim.random() * ceiling, () => {
      if (this.lanes.get(lane.sensorId) !== lane) return; // Its records were given up meanwhile.
      lane.state = "ready";
      this.ready.push(lane);
      this.pump();
    });
  }

  /** A timer that ends with the outbox. */
  private after(delay: number, callback: () => void): void {
    if (this.closed) return;
    const cancel = this.rim.setTimer(() => {
      this.timers.delete(cancel);
      callback();
    }, delay);
    this.timers.add(cancel);
  }

  private async endFirst(
    lane: Lane,
    record: OutboxRecord | undefined,
    as: Ending,
    error?: IotError,
  ): Promise<void> {
    const maybeDuplicate = mayHaveArrived(lane, this.inherited);
    const { sequence } = this.takeFirst(lane);
    // The sensor's next record waits until this one's end is written: a kill repeats one record, not two.
    await this.end(sequence, record, as, error, maybeDuplicate);
    if (lane.head === lane.entries.length) {
      this.forget(lane);
    } else {
      lane.state = "ready";
      this.ready.push(lane); // Behind the other sensors: a long backlog of one does not hold up the rest.
    }
  }

  // Ending

  private async end(
    sequence: number,
    record: OutboxRecord | undefined,
    as: Ending,
    error: IotError | undefined,
    maybeDuplicate: boolean,
  ): Promise<void> {
    await this.journal.write({ remove: sequence, as });
    if (record !== undefined) {
      this.emit("ended", { record, outcome: as, maybeDuplicate, ...(error === undefined ? {} : { error }) });
    }
    this.emit("counters");
  }

  private isTooOld(record: OutboxRecord): boolean {
    return this.settings.age > 0 && this.steadyNow() - record.acceptedAt > this.settings.age;
  }

  private tooOld(record: OutboxRecord): IotError {
    const seconds = Math.round((this.steadyNow() - record.acceptedAt) / 1000);
    return new IotError("RecordExpired", { details: { seconds } });
  }

  /** Looks for records that are too old, now and then, also while nothing can be sent. */
  private watchAge(): void {
    if (this.settings.age === 0 || this.sweepIsDue) return;
    this.sweepIsDue = true;
    this.after(Math.min(Math.max(this.settings.age / 4, 100), 60_000), () => {
      this.sweepIsDue = false;
      void this.sweep().finally(() => this.pending > 0 && this.watchAge());
    });
  }

  private async sweep(): Promise<void> {
    for (let lane = this.oldestAtRest(); lane !== undefined && !this.closed; lane = this.oldestAtRest()) {
      const record = await this.rim.store.read(firstOf(lane));
      if (record !== undefined && !this.isTooOld(record)) return;
      if (lane.state === "sending" || this.lanes.get(lane.sensorId) !== lane) continue;
      await this.giveUp(lane, "expired", (old) => this.tooOld(old));
    }
  }
}

/** The agent said nothing about the values themselves: the same push may succeed later. */
function isPassing(error: IotError): boolean {
  return error.retryable || error.name === "BadReply";
}

/** A connection that is not there needs no growing rests of ours, it has its own. */
function ceilingAfter(attempts: number): number {
  return Math.min(RETRY_MOST, RETRY_FIRST * 2 ** Math.min(attempts, 8));
}

/**
 * The agent answers 18 to a client that it does not serve (any more), whatever is asked: the store must not be
 * emptied into it. Only when it takes other pushes meanwhile is it this record that it refuses.
 */
function isUnserved(error: IotError, { unservedSince }: Lane, delivered: number): boolean {
  return error.name === "ForbiddenAccess" && (unservedSince ?? delivered) === delivered;
}

/** Sent before without an answer, by this process or by the one before it. */
function mayHaveArrived(lane: Lane, inherited: number): boolean {
  return lane.attempts > 0 || firstOf(lane) <= inherited;
}

function firstOf(lane: Lane): number {
  return lane.entries[lane.head]?.sequence ?? Number.POSITIVE_INFINITY;
}

function startTimer(callback: () => void, delay: number): () => void {
  const timer = setTimeout(callback, delay);
  return () => clearTimeout(timer);
}
