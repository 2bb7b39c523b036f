/**
 * What waits, as memory knows it: of each sensor its live values, which came while there was a connection, and its
 * backlog, which waits since before; each in its order. And how much that is over all sensors.
 */
import { Fifo } from "../collections/fifo";
import { Attempts } from "./attempts";

/** What memory holds of a record. */
export interface Entry {
  readonly sequence: number;
  readonly bytes: number;
}

/** Live values go first; the backlog follows at a pace. */
export type Kind = "live" | "backlog";

/** The waiting records of one sensor, of one kind. */
export class SensorQueue {
  state: "ready" | "sending" | "resting" = "ready";
  /** Of the first record. */
  attempts = new Attempts();
  /** The first record was, or is, on its way: what is known of its attempts belongs to this place. */
  isTried = false;
  /** Oldest first. Two lists of numbers take a third of the memory of one of objects. */
  private sequences = new Fifo<number>();
  private sizes = new Fifo<number>();

  constructor(
    readonly sensorId: string,
    readonly kind: Kind,
  ) {}

  get length(): number {
    return this.sequences.length;
  }

  get isEmpty(): boolean {
    return this.length === 0;
  }

  /** The sequence of the first record. */
  get first(): number {
    return this.sequences.peek() ?? Infinity;
  }

  get firstBytes(): number {
    return this.sizes.peek() ?? 0;
  }

  push({ sequence, bytes }: Entry): void {
    this.sequences.push(sequence);
    this.sizes.push(bytes);
  }

  shift(): Entry {
    this.attempts = new Attempts();
    this.isTried = false;
    return { sequence: this.sequences.shift() ?? 0, bytes: this.sizes.shift() ?? 0 };
  }

  /** All records but one that was tried. */
  takeUntried(): Entry[] {
    const { attempts, isTried } = this;
    const entries = Array.from({ length: this.length }, () => this.shift());
    if (!isTried || entries[0] === undefined) return entries;
    this.push(entries[0]);
    Object.assign(this, { attempts, isTried });
    return entries.slice(1);
  }
}

/** The queues of one kind. */
class Line {
  /** Records, and their bytes. */
  records = 0;
  bytes = 0;
  readonly bySensor = new Map<string, SensorQueue>();
  ready: SensorQueue[] = [];

  constructor(private readonly kind: Kind) {}

  add(sensorId: string, entry: Entry): void {
    let queue = this.bySensor.get(sensorId);
    if (queue === undefined) {
      queue = new SensorQueue(sensorId, this.kind);
      this.bySensor.set(sensorId, queue);
      this.ready.push(queue);
    }
    queue.push(entry);
    this.records++;
    this.bytes += entry.bytes;
  }

  leave({ bytes }: Entry): void {
    this.records--;
    this.bytes -= bytes;
  }

  forget(queue: SensorQueue): void {
    this.bySensor.delete(queue.sensorId);
    if (queue.state === "ready") this.ready = this.ready.filter((other) => other !== queue);
  }
}

export class SensorQueues {
  /** Records, and their bytes; those that are being written count, so that pushes cannot overfill the store together. */
  pending = 0;
  bytes = 0;
  /** Records up to here were there before this process: their delivery may be a repetition. */
  inherited = 0;
  private readonly lines = { live: new Line("live"), backlog: new Line("backlog") };
  /** Sensors that something is being sent to: one record each. */
  private readonly busy = new Set<string>();
  private takesLive = false;

  /** `inOrder`: no record goes before an older one of its sensor. */
  constructor(private readonly inOrder = false) {}

  get backlog(): Readonly<{ records: number; bytes: number }> {
    return this.lines.backlog;
  }

  reserve(bytes: number): void {
    this.pending++;
    this.bytes += bytes;
  }

  release(bytes: number): void {
    this.pending--;
    this.bytes -= bytes;
  }

  /** What comes from now on is live; or, without a connection, all that waits is the backlog. */
  setConnected(isConnected: boolean): void {
    this.takesLive = isConnected;
    if (!isConnected) for (const queue of [...this.lines.live.bySensor.values()]) this.moveToBacklog(queue);
  }

  /** A new record waits, for which room was reserved. */
  add(sensorId: string, entry: Entry): void {
    const { live, backlog } = this.lines;
    const isBehind = this.inOrder && backlog.bySensor.has(sensorId);
    (this.takesLive && !isBehind ? live : backlog).add(sensorId, entry);
  }

  /** A record waits since before this process: there may be a connection before the store has been read. */
  addOld(sensorId: string, entry: Entry): void {
    this.reserve(entry.bytes);
    this.lines.backlog.add(sensorId, entry);
  }

  /** The one place where a record leaves memory, with what it counted for. */
  takeFirst(queue: SensorQueue): Entry {
    const entry = queue.shift();
    this.lines[queue.kind].leave(entry);
    this.release(entry.bytes);
    return entry;
  }

  /** The queue whose turn it is to send. */
  takeReady(kind: Kind): SensorQueue | undefined {
    const { ready } = this.lines[kind];
    const at = ready.findIndex((queue) => this.maySend(queue));
    if (at < 0) return undefined;
    const [queue] = ready.splice(at, 1);
    if (queue === undefined) return undefined;
    queue.state = "sending";
    queue.isTried = true;
    this.busy.add(queue.sensorId);
    return queue;
  }

  isReady(kind: Kind): boolean {
    return this.lines[kind].ready.some((queue) => this.maySend(queue));
  }

  /** Behind the other sensors: a long backlog of one does not hold up the rest. */
  makeReady(queue: SensorQueue): void {
    this.endSending(queue);
    queue.state = "ready";
    this.lines[queue.kind].ready.push(queue);
  }

  rest(queue: SensorQueue): void {
    this.endSending(queue);
    queue.state = "resting";
  }

  forget(queue: SensorQueue): void {
    this.endSending(queue);
    this.lines[queue.kind].forget(queue);
  }

  /** False for one whose records were all given up meanwhile. */
  has(queue: SensorQueue): boolean {
    return this.lines[queue.kind].bySensor.get(queue.sensorId) === queue;
  }

  /** The queue whose first record is the oldest of all that are not being sent. */
  oldestAtRest(): SensorQueue | undefined {
    return this.oldest((queue) => queue.state !== "sending");
  }

  /** The queue whose first record is the oldest of all. */
  oldest(counts: (queue: SensorQueue) => boolean = () => true): SensorQueue | undefined {
    let oldest: SensorQueue | undefined;
    for (const { bySensor } of Object.values(this.lines))
      for (const queue of bySensor.values())
        if (counts(queue) && (oldest === undefined || queue.first < oldest.first)) oldest = queue;
    return oldest;
  }

  /** Whether the first record was sent before without an answer, by this process or by the one before it. */
  mayHaveArrived({ attempts, first }: SensorQueue): boolean {
    return attempts.unanswered > 0 || first <= this.inherited;
  }

  private maySend({ kind, sensorId }: SensorQueue): boolean {
    const isBehind = this.inOrder && kind === "backlog" && this.lines.live.bySensor.has(sensorId);
    return !this.busy.has(sensorId) && !isBehind;
  }

  private endSending(queue: SensorQueue): void {
    if (queue.state === "sending") this.busy.delete(queue.sensorId);
  }

  /** Live values that were not sent in time are the newest of the backlog. */
  private moveToBacklog(queue: SensorQueue): void {
    const { live, backlog } = this.lines;
    for (const entry of queue.takeUntried()) {
      live.leave(entry);
      backlog.add(queue.sensorId, entry);
    }
    // One that is sending is not forgotten before that has ended.
    if (queue.isEmpty && queue.state !== "sending") this.forget(queue);
  }
}
