/**
 * Tells a connection that another client keeps taking over (fault 11): two clients with one MQTT client ID
 * push each other off for ever, and to each it looks like an agent that hangs up.
 */
const WINDOW_MS = 30_000;
const MANY = 5;

export class Takeovers {
  private times: number[] = [];

  /** Notes a session that the broker ended while it went on listening; true when that happens too often. */
  note(now: number): boolean {
    this.times = this.times.filter((time) => now - time < WINDOW_MS);
    this.times.push(now);
    return this.times.length >= MANY;
  }

  reset(): void {
    this.times = [];
  }
}
