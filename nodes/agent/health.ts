/**
 * What an operator wants to know of an agent's connection, since this process began. It outlives the agent node, which
 * a deploy makes anew: no count goes backwards.
 */
import type { AgentClient, ConnectionState, Counters } from "../../src/client/agent-client";
import type { OutboxCounters } from "../../src/outbox/outbox";
import type { IotError } from "../../src/protocol/errors";
import type { Clock } from "../../src/time/clock";
import { VERSION } from "../shared/version";
import { Latencies } from "./latencies";

/** The counts of several that come one after the other, as one: what an ended one has counted stays counted. */
export class Sum<Counts extends Readonly<Record<keyof Counts, number>>> {
  private readonly ended = new Map<string, number>();
  private readonly running = new Set<() => Counts | undefined>();

  /** @param now counts that tell how many there are now, and end with what they are of. */
  constructor(private readonly now: readonly (keyof Counts & string)[] = []) {}

  /** One begins; gives what ends it. */
  begin(look: () => Counts | undefined): () => void {
    this.running.add(look);
    return () => {
      if (!this.running.delete(look)) return;
      for (const [name, count] of Object.entries<number>(look() ?? {}))
        if (!this.now.some((other) => other === name)) this.ended.set(name, this.of(name) + count);
    };
  }

  /** `undefined` where none of them has counted yet. */
  get counts(): Counts | undefined {
    const sum = new Map(this.ended);
    for (const look of this.running)
      for (const [name, count] of Object.entries<number>(look() ?? {}))
        sum.set(name, (sum.get(name) ?? 0) + count);
    return sum.size === 0 ? undefined : (Object.fromEntries(sum) as unknown as Counts);
  }

  private of(name: string): number {
    return this.ended.get(name) ?? 0;
  }
}

/** A failure, and when it was: milliseconds since the epoch. */
export interface LastFailure {
  time: number;
  error: IotError;
}

export class Health {
  readonly counters = new Sum<Counters>(["queued", "queuedBytes", "inFlight"]);
  readonly replayed = new Sum<Pick<OutboxCounters, "replayed">>();
  readonly latencies = new Latencies();
  /** Connections that came after one that had ended, while the agent node lived. */
  reconnects = 0;
  lastFailure: LastFailure | undefined;
  /** When the agent last answered a request well: milliseconds since the epoch. */
  lastSuccess: number | undefined;
  /** How many there were of each name; the names are a closed list. */
  readonly failures = new Map<string, number>();

  view(clock: Pick<Clock, "monotonic">): HealthView {
    const { reconnects, failed: failures, lastFailure, lastSuccess } = this;
    const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => {
      const milliseconds = this.latencies.quantile(part, clock.monotonic());
      return milliseconds === undefined ? undefined : Number(milliseconds.toFixed(1));
    });
    const isKnown = p50 !== undefined && p95 !== undefined && p99 !== undefined;
    return {
      version: VERSION,
      startedAt: STARTED_AT,
      ...{ reconnects, failures },
      ...(lastFailure && { lastFailure }),
      ...(lastSuccess === undefined ? {} : { lastSuccess }),
      ...(isKnown && { latency: { p50, p95, p99 } }),
    };
  }

  private get failed(): number {
    return [...this.failures.values()].reduce((sum, count) => sum + count, 0);
  }

  fail(error: IotError, clock: Pick<Clock, "now">): void {
    this.lastFailure = { time: clock.now(), error };
    this.failures.set(error.name, (this.failures.get(error.name) ?? 0) + 1);
  }

  /**
   * A request was answered well, that began at this time of the monotonic clock, when the connection was at `state`. How
   * long it took is noted where it had no connection to wait for.
   */
  succeed(
    state: ConnectionState,
    began: number,
    { client, clock }: { client: Pick<AgentClient, "state">; clock: Clock },
  ): void {
    this.lastSuccess = clock.now();
    if (state.name !== "connected" || client.state !== state) return;
    const now = clock.monotonic();
    this.latencies.note(now - began, now);
  }
}

/** What is to be seen of it at a moment. Times are milliseconds since the epoch. */
export interface HealthView {
  version: string;
  startedAt: number;
  reconnects: number;
  failures: number;
  lastFailure?: LastFailure;
  lastSuccess?: number;
  /** Milliseconds within which that part of the answers of the last minutes came. */
  latency?: { p50: number; p95: number; p99: number };
}

/** When this process began: milliseconds since the epoch. */
export const STARTED_AT = Date.now() - Math.round(process.uptime() * 1000);

const memories = new Map<string, Health>();

/** `node`: what tells this agent node from all others of the process. */
export function healthOf(node: string): Health {
  let memory = memories.get(node);
  if (memory === undefined) memories.set(node, (memory = new Health()));
  return memory;
}
