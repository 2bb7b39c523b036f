/**
 * Live data repeats the values and, so other clients of real agents say, the timestamp of a push. Where that is
 * so it identifies the push, which its answer does not. It is learned, not relied on: of an agent without it the
 * answer counts.
 */
import type { LiveData } from "../../protocol/answers";
import type { PushedValue } from "../../protocol/requests";

/** So many answers in a row whose echo does not come: there is none. */
const MISSES = 3;
/** Two clocks of one machine can differ by so much in the same moment. */
const MOMENT_MS = 1;
/** How much earlier than now a timestamp is made while it is to be learned whether the agent repeats it. */
export const LEARNING_MS = 2;
/** How long live data is still received after it was last of use; it costs as much as the answers. */
const KEPT_MS = 60_000;
const KEPT_IN_TRUST_MS = 5000;
/** How long a push waits for live data to come in, where its echo is wanted: a busy machine is slow to connect. */
export const LIVE_FIRST_MS = 5000;

export class LiveEcho {
  /** Live data becomes of use, or is not any more. */
  onWanted: (wanted: boolean) => void = () => undefined;
  /** Live data comes in. */
  isLive = false;
  /** The agent repeats timestamps: what has no echo was not accepted, and many pushes can be in flight. */
  isLearned = false;
  /** It was learned over a connection before, and nothing has refuted it since: echoes are likely to come again. */
  isExpected = false;
  private misses = 0;
  private wanted = 0;
  private awaited = 0;

  get isWanted(): boolean {
    return this.wanted > 0;
  }

  /** Until when live data is received, if nobody wants it again; `Infinity` when it is not. */
  get wantedUntil(): number {
    return this.wanted || Infinity;
  }

  /** Until when a push that wants its echo waits for live data to come in. */
  get awaitedUntil(): number {
    return this.awaited;
  }

  want(now: number): void {
    const isNew = !this.isWanted;
    this.wanted = now + KEPT_MS;
    if (!isNew) return;
    this.awaitLive(now);
    this.onWanted(true);
  }

  /** The connection is new: live data is, too. */
  awaitLive(now: number): void {
    this.awaited = now + LIVE_FIRST_MS;
  }

  /** Live data cannot be had: nothing is gained by waiting for it. */
  stopAwaiting(): void {
    this.awaited = 0;
  }

  isAwaited(now: number): boolean {
    return this.isWanted && !this.isLive && now < this.awaited;
  }

  /** Ends what was not wanted for a while; a shorter one when answers alone can be trusted. */
  expire(now: number, isTrusted: boolean): void {
    if (!this.isWanted) return;
    if (isTrusted) this.wanted = Math.min(this.wanted, now + KEPT_IN_TRUST_MS);
    if (now < this.wanted) return;
    this.wanted = 0;
    this.onWanted(false);
  }

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
    if (timestamp < sent - MOMENT_MS || timestamp > now + MOMENT_MS) this.isLearned = this.isExpected = true;
  }

  /** A push was answered, and its echo did not come. What was once learned, repeated answers do not refute. */
  miss(): void {
    if (this.isLearned) return;
    this.isExpected = false;
    this.misses++;
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
