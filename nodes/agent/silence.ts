/** Whether an agent that is connected answers: the broker in front of it keeps a connection even if it is gone. Pure. */
export class Silence {
  private heard = 0;
  private timedOut = 0;
  /** No request was answered since one was left without an answer. */
  isUnanswered = false;

  /** How many requests were answered, and how many were not, since the beginning. */
  note(heard: number, timedOut: number): void {
    if (timedOut > this.timedOut) this.isUnanswered = true;
    if (heard > this.heard) this.isUnanswered = false;
    this.heard = heard;
    this.timedOut = timedOut;
  }

  /** A new connection. */
  end(): void {
    this.isUnanswered = false;
  }
}
