/**
 * Tells that the agent has got past what was sent before: a ping with a text of its own, whose answer comes after
 * theirs. An agent that was stopped for a while answers everything at once when it goes on, however late; time
 * alone would not tell when that is over (fault 2).
 */
import { randomUUID } from "node:crypto";
import { readPing } from "../protocol/answers";
import { ROUTES, topicsOf, type RequestTopics } from "./routes";

export class Fence {
  private readonly name = randomUUID();
  private topics: RequestTopics | undefined;
  private sentAt = -Infinity;
  private passedAt = -Infinity;

  /** The agent has handled everything that was sent before this. */
  get passed(): number {
    return this.passedAt;
  }

  /** When the last one was sent that has not come back. */
  get pendingSince(): number | undefined {
    return this.sentAt > this.passedAt ? this.sentAt : undefined;
  }

  /** An answer came to what was sent at that time: as good as a fence of our own. */
  pass(sentAt: number): void {
    if (sentAt > this.passedAt) this.passedAt = sentAt;
  }

  /** Its text says when it was sent, so that nothing has to be kept of those that never come back. */
  send(clientId: string, now: number, publish: (topic: string, payload: string) => void): void {
    this.topics = topicsOf(ROUTES.ping, { clientId });
    this.sentAt = now;
    publish(this.topics.publish, ROUTES.ping.operation.write({ request: `${this.name} ${now}` }));
  }

  /** When the one was sent that a message answers; it is passed then. `undefined`: the message is something else. */
  takes(topic: string, payload: Buffer): number | undefined {
    if (this.topics === undefined || !this.topics.answers.includes(topic) || payload.length > 1000) return;
    try {
      const [name, sentAt] = readPing(payload.toString()).answer.split(" ");
      if (name !== this.name) return;
      const passed = Math.min(Number(sentAt), this.sentAt);
      this.pass(passed);
      return passed;
    } catch {
      return;
    }
  }
}
