/** What happened to a connection of late, for whoever looks for the reason of something: its states, and what failed. */
import type { IotError } from "../../src/protocol/errors";
import type { Clock } from "../../src/time/clock";

/** Times in milliseconds since the epoch. */
export interface HistoryEntry {
  time: number;
  state: string;
  failure?: IotError;
}

export interface Failure {
  time: number;
  error: IotError;
  /** How often it was, without another one in between. */
  count: number;
}

const MOST = 50;

export class History {
  readonly states: HistoryEntry[] = [];
  readonly failures: Failure[] = [];

  /** An error that ends a request ends a message, too. */
  private readonly told = new WeakSet<IotError>();

  constructor(private readonly clock: Pick<Clock, "now">) {}

  enter(state: string, failure?: IotError): void {
    const last = this.states.at(-1);
    if (last?.state === state && last.failure?.textKey === failure?.textKey) return;
    this.states.push({ time: this.clock.now(), state, ...(failure === undefined ? {} : { failure }) });
    if (this.states.length > MOST) this.states.shift();
  }

  /** Of an error that was told already, nothing is added. */
  fail(error: IotError): void {
    if (this.told.has(error)) return;
    this.told.add(error);
    const last = this.failures.at(-1);
    if (last !== undefined && last.error.message === error.message) {
      last.count++;
      last.time = this.clock.now();
      return;
    }
    this.failures.push({ time: this.clock.now(), error, count: 1 });
    if (this.failures.length > MOST) this.failures.shift();
  }
}
