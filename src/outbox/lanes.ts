/** What waits, as memory knows it: the records of each sensor in their order, and how much that is over all sensors. */
import { Fifo } from "../collections/fifo";
import { Attempts } from "./attempts";

/** What memory holds of a record. */
export interface Entry {
  readonly sequence: number;
  readonly bytes: number;
}

/** The waiting records of one sensor. */
export class Lane {
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

export class Lanes {
  /** Records, and their bytes; those that are being written count, so that pushes cannot overfill the store together. */
  pending = 0;
  bytes = 0;
  /** Records up to here were there before this process: their delivery is a replay, and may be a repetition. */
  inherited = 0;
  private readonly bySensor = new Map<string, Lane>();
  private ready: Lane[] = [];

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
    let lane = this.bySensor.get(sensorId);
    if (lane === undefined) {
      lane = new Lane(sensorId);
      this.bySensor.set(sensorId, lane);
      this.ready.push(lane);
    }
    lane.push(entry);
  }

  /** The one place where a record leaves memory, with what it counted for. */
  takeFirst(lane: Lane): Entry {
    const entry = lane.shift();
    this.release(entry.bytes);
    return entry;
  }

  /** The lane whose turn it is to send. */
  takeReady(): Lane | undefined {
    const lane = this.ready.shift();
    if (lane !== undefined) lane.state = "sending";
    return lane;
  }

  /** Behind the other sensors: a long backlog of one does not hold up the rest. */
  makeReady(lane: Lane): void {
    lane.state = "ready";
    this.ready.push(lane);
  }

  forget(lane: Lane): void {
    this.bySensor.delete(lane.sensorId);
    if (lane.state === "ready") this.ready = this.ready.filter((other) => other !== lane);
  }

  /** False for one whose records were all given up meanwhile. */
  has(lane: Lane): boolean {
    return this.bySensor.get(lane.sensorId) === lane;
  }

  /** The lane whose first record is the oldest of all that are not being sent. */
  oldestAtRest(): Lane | undefined {
    let oldest: Lane | undefined;
    for (const lane of this.bySensor.values()) {
      if (lane.state !== "sending" && (oldest === undefined || lane.first < oldest.first)) oldest = lane;
    }
    return oldest;
  }

  /** Whether the first record was sent before without an answer, by this process or by the one before it. */
  mayHaveArrived({ attempts, first }: Lane): boolean {
    return attempts.unanswered > 0 || first <= this.inherited;
  }
}
