/**
 * Our own pings: is the agent there behind its broker, and how far has it got.
 *
 * The broker accepts messages while the agent is away, and they are lost. So after a new connection, and when the agent
 * falls silent, it is pinged, and requests wait until it has said anything. Of the first connection only the answer to a
 * ping counts: anything else can answer what was asked before a restart.
 *
 * Each ping has a text of its own, so its answer says as well that the agent has handled whatever was sent before it. An
 * agent that was stopped for a while answers everything at once when it goes on, however late; time alone would not tell
 * when that is over (fault 2).
 */
import { randomUUID } from "node:crypto";
import { readPing } from "../../protocol/answers";
import { ROUTES, topicsOf, type RequestTopics } from "./routes";

const ASK_EVERY_MS = 250;
/** An agent that has said nothing for so long after a request is asked before the next one. */
const SILENCE_MS = 500;

export type Publish = (topic: string, payload: string) => void;

export class Probe {
  private readonly name = randomUUID();
  private topics: RequestTopics | undefined;
  private publish: Publish | undefined;
  private sentAt = -Infinity;
  private passedAt = -Infinity;
  /** Since when it may be away, if it may. */
  private uncertainSince: number | undefined;
  private firstAskedAt: number | undefined;
  private askedAt = -Infinity;
  /** Until this is known only the answer to a ping counts: others may be late ones, to requests from before a restart. */
  private knowsPings: boolean | undefined;
  /** When the first request was sent since it was heard. */
  private unheardSince = Infinity;

  /** `patience`: milliseconds that it is waited for; then a request is risked. */
  constructor(private readonly patience: number) {}

  /** A new connection: the agent may not be there. */
  open(clientId: string, publish: Publish, now: number): void {
    this.topics = topicsOf(ROUTES.ping, { clientId });
    this.publish = publish;
    this.becomeUncertain(now);
  }

  // ---- how far it has got

  /** The agent has handled everything that was sent before this. */
  get passed(): number {
    return this.passedAt;
  }

  /** When to send the next one: when the last has come back, or does not. */
  nextSend(now: number): number {
    return this.sentAt > this.passedAt ? this.sentAt + this.patience : now;
  }

  /** An answer came to what was sent at that time: as good as one to a ping. */
  pass(sentAt: number): void {
    if (sentAt > this.passedAt) this.passedAt = sentAt;
  }

  /** Sends one. Its text says when, so that nothing has to be kept of those that never come back. */
  send(now: number): void {
    if (this.topics === undefined) return;
    this.sentAt = now;
    this.publish?.(this.topics.publish, ROUTES.ping.operation.write({ request: `${this.name} ${now}` }));
  }

  /** When the ping was sent that a message answers; it is passed then. `undefined`: the message is something else. */
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

  // ---- whether it is there

  /** It may be away: requests wait until it is heard. */
  becomeUncertain(now: number): void {
    if (this.knowsPings === false) return;
    this.uncertainSince = now;
    this.firstAskedAt = undefined;
    this.askedAt = -Infinity;
  }

  /** Something that it answers was sent. */
  noteRequest(now: number): void {
    if (this.unheardSince === Infinity) this.unheardSince = now;
  }

  /**
   * The agent has said something; `answered` is when the ping was sent that it answers, if it is one. An answer to a
   * later ping than the first says more: the first one reached nobody, nor did what was sent about that time.
   */
  heard(answered: number | undefined): "present" | "back" | "back after a gap" {
    const { uncertainSince, firstAskedAt } = this;
    if (answered !== undefined) this.knowsPings = true;
    else if (this.knowsPings === undefined) {
      if (uncertainSince !== undefined) return "present";
      // It was asked in vain, and yet it answers: it is not asked again.
      this.knowsPings = false;
    }
    this.unheardSince = Infinity;
    this.uncertainSince = undefined;
    if (uncertainSince === undefined) return "present";
    const isGap = answered !== undefined && firstAskedAt !== undefined && answered > firstAskedAt;
    return isGap ? "back after a gap" : "back";
  }

  isPresent(now: number): boolean {
    if (this.uncertainSince === undefined && now - this.unheardSince >= SILENCE_MS) this.becomeUncertain(now);
    if (this.uncertainSince === undefined) return true;
    if (now < this.uncertainSince + this.patience) return false;
    this.uncertainSince = undefined;
    this.unheardSince = Infinity;
    return true;
  }

  /** When to ask it (again). */
  nextAsk(now: number): number {
    return this.isPresent(now) ? Infinity : this.askedAt + ASK_EVERY_MS;
  }

  /** Asks it, if it is time. */
  ask(now: number): void {
    if (now < this.nextAsk(now)) return;
    this.firstAskedAt ??= now;
    this.askedAt = now;
    this.send(now);
  }
}
