/** How long to wait before the next attempt to connect: full jitter, so that many clients do not come back at once (fault 10). */

export const SHORTEST_MS = 500;
export const LONGEST_MS = 60_000;
/** A session that lived this long was a good one: the next wait is short again. */
export const GOOD_SESSION_MS = 30_000;
/** Nothing changes by itself after a permanent failure: it is tried again only in case somebody has repaired it. */
export const PERMANENT_MS = 300_000;
/** A file of this machine is missing or wrong: looking again costs nothing, and a simulator may be about to write it. */
export const LOCAL_MS = 1_000;
/** What also comes of an agent, or a simulator, that is starting is not believed before it has lasted so long. */
export const DOUBT_MS = 10_000;
const LOCAL_FILES: ReadonlySet<string> = new Set(["CaMissing", "CaUnreadable"]);

export function isAboutLocalFile(failure: { name: string }): boolean {
  return LOCAL_FILES.has(failure.name);
}

/** Fault 11: at most one attempt in 30 s while another client takes our place. */
export const TAKEN_OVER_MS = 60_000;

export class BackOff {
  private ceiling = 2 * SHORTEST_MS;

  constructor(private readonly random: () => number) {}

  /** The wait after an attempt that failed: each can be twice as long as the one before. */
  afterFailure(): number {
    const wait = this.wait();
    this.ceiling = Math.min(LONGEST_MS, this.ceiling * 2);
    return wait;
  }

  /** The wait after a session that was up for `lived` milliseconds. */
  afterSession(lived: number): number {
    if (lived >= GOOD_SESSION_MS) this.reset();
    return this.wait();
  }

  reset(): void {
    this.ceiling = 2 * SHORTEST_MS;
  }

  private wait(): number {
    return SHORTEST_MS + this.random() * (this.ceiling - SHORTEST_MS);
  }
}
