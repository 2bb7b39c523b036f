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
  private readonly sentAt: number[] = [];
  private topics: RequestTopics | undefined;
  private passedAt = -Infinity;

  /** The agent has handled everything that was sent before this. */
  get passed(): number {
    return this.passedAt;
  }

  /** When the last one was sent that has not come back. */
  get pendingSince(): number | undefined {
    const last = this.sentAt.at(-1);
    return last !== undefined && last > this.passedAt ? last : undefined;
  }

  /** An answer came to what was sent at that time: as good as a fence of our own. */
  pass(sentAt: number): void {
    if (sentAt > this.passedAt) this.passedAt = sentAt;
  }

  send(clientId: string, now: number, publish: (topic: string, payload: string) => void): void {
    this.topics = topicsOf(ROUTES.ping, { clientId });
    const request = `${this.name} ${this.sentAt.push(now) - 1}`;
    publish(this.topics.publish, ROUTES.ping.operation.write({ request }));
  }

  /** Whether a message is the answer to one, which then is passed. */
  takes(topic: string, payload: Buffer): boolean {
    if (this.topics === undefined || !this.topics.answers.includes(topic) || payload.length > 1000)
      return false;
    try {
      const [name, number] = readPing(payload.toString()).answer.split(" ");
      if (name !== this.name) return false;
      this.pass(this.sentAt[Number(number)] ?? -Infinity);
      return true;
    } catch {
      return false;
    }
  }
}
