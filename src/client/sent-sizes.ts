/**
 * Whether a session ended for the size of what was sent in it: a broker that accepts no message so large closes the
 * connection, and says nothing (fault 55). A message larger than any before it is suspected where the end follows at once.
 */
const AT_ONCE_MS = 2000;
/** No broker that an agent can use accepts less. */
const SMALL = 512;

export class SentSizes {
  private harmless = SMALL;
  /** The largest message, as long as it is not known to be harmless. */
  private suspect: { bytes: number; at: number } | undefined;

  /** Something was sent; `now` on the monotonic clock. */
  note(bytes: number, now: number): void {
    if (bytes <= this.harmless) return;
    this.clearOld(now);
    if (bytes > Math.max(this.harmless, this.suspect?.bytes ?? 0)) this.suspect = { bytes, at: now };
  }

  /** The session has ended: gives the size that it may have ended for. */
  ended(now: number): number | undefined {
    this.clearOld(now);
    const bytes = this.suspect?.bytes;
    this.suspect = undefined;
    return bytes;
  }

  private clearOld(now: number): void {
    if (this.suspect === undefined || now - this.suspect.at < AT_ONCE_MS) return;
    this.harmless = Math.max(this.harmless, this.suspect.bytes);
    this.suspect = undefined;
  }
}
