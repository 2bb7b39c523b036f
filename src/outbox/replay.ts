/**
 * How the backlog of an outage is sent: at which pace, how fast that goes in fact, and when it will be through.
 * Pure: it is told the time, in milliseconds on the monotonic clock.
 */
import { TokenBucket } from "./token-bucket";

export interface ReplaySettings {
  /** Records, and their bytes, a second on average; 0: no bound. */
  records: number;
  bytes: number;
  /** `liveFirst`: a new value goes before the backlog of its sensor · `inOrder`: behind it. */
  order: "liveFirst" | "inOrder";
}

export const UNBOUNDED: Readonly<ReplaySettings> = { records: 0, bytes: 0, order: "liveFirst" };

/** What is to be seen of a backlog. */
export interface ReplayView {
  /** Records that wait since before the connection was there, and their bytes. */
  waiting: number;
  bytes: number;
  /** Records a second, of late. */
  rate: number;
  /** Until the backlog is through, at this rate; absent where nobody can say. */
  seconds?: number;
}

/** The rate is that of the last so many seconds; a first guess is replaced when it has been measured for a while. */
const WINDOW = 30;
const MEASURED_MS = 2000;

export class Replay {
  private readonly records: TokenBucket;
  private readonly bytes: TokenBucket;
  /** How many records ended in each of the last seconds, and when the first of them began. */
  private counts: number[] = [];
  private second = 0;
  private since: number | undefined;

  constructor(private readonly settings: ReplaySettings) {
    this.records = new TokenBucket(settings.records || Infinity);
    this.bytes = new TokenBucket(settings.bytes || Infinity);
  }

  /** There is a connection. The pace begins gently: the first moments are for live values. */
  begin(now: number): void {
    this.records.empty(now);
    this.bytes.empty(now);
    this.counts = [];
    this.second = Math.floor(now / 1000);
    this.since = now;
  }

  end(): void {
    this.since = undefined;
  }

  /** Milliseconds until a record may be sent; 0: now. */
  wait(now: number): number {
    return Math.max(this.records.wait(now), this.bytes.wait(now));
  }

  /** A record of so many bytes is sent. */
  take(bytes: number, now: number): void {
    this.records.take(1, now);
    this.bytes.take(bytes, now);
  }

  /** A record has ended. */
  note(now: number): void {
    this.turn(now);
    this.counts[this.counts.length - 1]!++;
  }

  view(waiting: number, bytes: number, now: number): ReplayView {
    if (this.since === undefined || waiting === 0) return { waiting, bytes, rate: 0 };
    const isMeasured = now - this.since >= MEASURED_MS;
    const rate = isMeasured ? this.measure(now) : this.guess(bytes / waiting);
    const known = rate > 0 && rate < Infinity;
    return { waiting, bytes, rate: known ? rate : 0, ...(known && { seconds: waiting / rate }) };
  }

  private guess(bytes: number): number {
    const { settings } = this;
    return Math.min(settings.records || Infinity, (settings.bytes || Infinity) / bytes);
  }

  private measure(now: number): number {
    this.turn(now);
    const start = Math.max((this.second - this.counts.length + 1) * 1000, this.since ?? 0);
    const sum = this.counts.reduce((total, count) => total + count, 0);
    return (sum * 1000) / Math.max(now - start, 1);
  }

  /** Goes on to the second that it is. */
  private turn(now: number): void {
    const second = Math.floor(now / 1000);
    if (this.counts.length === 0) this.counts.push(0);
    const passed = Math.min(second - this.second, WINDOW);
    for (let step = 0; step < passed; step++) this.counts.push(0);
    this.counts.splice(0, this.counts.length - WINDOW);
    this.second = Math.max(second, this.second);
  }
}
