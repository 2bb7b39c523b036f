/** What waits, as memory knows it: the records of each sensor in their order, and how much that is over all sensors. */
import { Fifo } from "../collections/fifo";
import { Attempts } from "./attempts";

/** What memory holds of a record. */
export interface Entry {
  readonly sequence: number;
  readonly bytes: number;
}

/** The waiting records of one sensor. */
export class SensorQueue {
  state: "ready" | "sending" | "resting" = "ready";
  /** Of the first record. */
  attempts = new Attempts();
  /** Oldest first. */
  private readonly entries = new Fifo<Entry>();

  constructor(readonly sensorId: string) {}

  get isEmpty(): boolean {
    return this.entries.length === 0;
  }

  /** The sequence of the first record. */
  get first(): number {
    return this.entries.peek()?.sequence ?? Infinity;
  }

  push(entry: Entry): void {
    this.entries.push(entry);
  }

  shift(): Entry {
    this.attempts = new Attempts();
    return this.entries.shift() ?? { sequence: 0, bytes: 0 };
  }
}

export class SensorQueues {
  /** Records, and their bytes; those that are being written count, so that pushes cannot overfill the store together. */
  pending = 0;
  bytes = 0;
  /** Records up to here were there before this process: their delivery is a replay, and may be a repetition. */
  inherited = 0;
  private readonly bySensor = new Map<string, SensorQueue>();
  private ready: SensorQueue[] = [];

  reserve(bytes: number): void {
    this.pending++;
    this.bytes += bytes;
  }

  release(bytes: number): void {
    this.pending--;
    this.bytes -= bytes;
  }

  /** A record waits, for which room was reserved. */
  add(sensorId: string, entry: Entry): void {
    let queue = this.bySensor.get(sensorId);
    if (queue === undefined) {
      queue = new SensorQueue(sensorId);
      this.bySensor.set(sensorId, queue);
      this.ready.push(queue);
    }
    queue.push(entry);
  }

  /** The one place where a record leaves memory, with what it counted for. */
  takeFirst(queue: SensorQueue): Entry {
    const entry = queue.shift();
    this.release(entry.bytes);
    return entry;
  }

  /** The queue whose turn it is to send. */
  takeReady(): SensorQueue | undefined {
    const queue = this.ready.shift();
    if (queue !== undefined) queue.state = "sending";
    return queue;
  }

  /** Behind the other sensors: a long backlog of one does not hold up the rest. */
  makeReady(queue: SensorQueue): void {
    queue.state = "ready";
    this.ready.push(queue);
  }

  forget(queue: SensorQueue): void {
    this.bySensor.delete(queue.sensorId);
    if (queue.state === "ready") this.ready = this.ready.filter((other) => other !== queue);
  }

  /** False for one whose records were all given up meanwhile. */
  has(queue: SensorQueue): boolean {
    return this.bySensor.get(queue.sensorId) === queue;
  }

  /** The queue whose first record is the oldest of all that are not being sent. */
  oldestAtRest(): SensorQueue | undefined {
    let oldest: SensorQueue | undefined;
    for (const queue of this.bySensor.values()) {
      if (queue.state !== "sending" && (oldest === undefined || queue.first < oldest.first)) oldest = queue;
    }
    return oldest;
  }

  /** Whether the first record was sent before without an answer, by this process or by the one before it. */
  mayHaveArrived({ attempts, first }: SensorQueue): boolean {
    return attempts.unanswered > 0 || first <= this.inherited;
  }
}
