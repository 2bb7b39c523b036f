/**
 * Live data repeats the values and, so other clients of real agents say, the timestamp of a push. Where that is
 * so it identifies the push, which its answer does not. It is learned, not relied on: of an agent without it the
 * answer counts.
 */
import type { LiveData } from "../protocol/answers";
import type { PushedValue } from "../protocol/requests";

/** So many answers in a row whose echo does not come: there is none. */
const MISSES = 3;
/** Two clocks of one machine can differ by so much in the same moment. */
const MOMENT_MS = 1;
/** How much earlier than now a timestamp is made while it is to be learned whether the agent repeats it. */
export const LEARNING_MS = 2;

export class Echo {
  /** Live data comes in. */
  isLive = false;
  /** The agent repeats timestamps: what has no echo was not accepted, and many pushes can be in flight. */
  isLearned = false;
  private misses = 0;

  get isAbsent(): boolean {
    return this.misses >= MISSES;
  }

  /** Whether an echo may decide about a push. */
  get isUsable(): boolean {
    return this.isLive && !this.isAbsent;
  }

  /** What was learned holds as long as live data comes in: the agent may be another one then. */
  setLive(isLive: boolean): void {
    this.isLive = isLive;
    this.isLearned = false;
    this.misses = 0;
  }

  /**
   * The echo of a push that was under way from `sent` to `now`, in milliseconds since the epoch. An agent that
   * puts in its own time names a moment in between, and could be right by chance.
   */
  learn(timestamp: number, sent: number, now: number): void {
    this.misses = 0;
    if (timestamp < sent - MOMENT_MS || timestamp > now + MOMENT_MS) this.isLearned = true;
  }

  /** A push was answered, and its echo did not come. What was once learned, repeated answers do not refute. */
  miss(): void {
    if (!this.isLearned) this.misses++;
  }
}

/** Whether live data is what a push of this sensor said: all of its values, at its timestamp. */
export function isEcho(pushed: object, { metrics, timestamp }: LiveData): boolean {
  const push = pushed as { metrics: readonly PushedValue[]; timestamp?: number };
  if (timestamp === undefined || push.timestamp !== timestamp || push.metrics.length !== metrics.length) {
    return false;
  }
  return push.metrics.every(({ metricId, value }, index) => {
    const same =
      metrics[index]?.metricId === metricId ? metrics[index] : metrics.find((m) => m.metricId === metricId);
    return same !== undefined && (same.value === value || String(same.value) === String(value));
  });
}
