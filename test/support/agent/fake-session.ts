/** Sessions without a network: a test decides how each attempt ends, and when each session does. */
import type { IotError } from "../../../src/protocol/errors";
import type { OpenSession, Session, SessionOptions } from "../../../src/transport/session";
import { isProbe } from "./probe";

export class FakeSession implements Session {
  onMessage: (topic: string, payload: Buffer) => void = () => undefined;
  filters: readonly string[] = [];
  readonly published: { topic: string; payload: string }[] = [];
  readonly closed: Promise<IotError | undefined>;
  private settle: (failure: IotError | undefined) => void = () => undefined;

  constructor(
    readonly options: SessionOptions,
    private readonly transport: { readonly answersPings: boolean },
    private readonly confirm: (filters: readonly string[]) => Promise<void>,
  ) {
    this.closed = new Promise((resolve) => (this.settle = resolve));
  }

  subscribe(filters: readonly string[]): Promise<void> {
    this.filters = filters;
    return this.confirm(filters);
  }

  publish(topic: string, payload: string): void {
    if (isProbe(payload) && !this.transport.answersPings) return;
    if (isProbe(payload))
      this.onMessage(`${topic}/info/inbox`, Buffer.from(payload.replace("request", "answer")));
    else this.published.push({ topic, payload });
  }

  nudge(): void {
    // Nothing is held back.
  }

  close(): Promise<void> {
    this.settle(undefined);
    return Promise.resolve();
  }

  /** The other side ends it. */
  fail(failure: IotError): void {
    this.settle(failure);
  }
}

export class FakeTransport {
  readonly sessions: FakeSession[] = [];
  attempts = 0;
  /** The agent behind it answers pings. */
  answersPings = true;
  /** What the next attempts fail of; `undefined` lets them succeed. */
  failure: IotError | undefined;
  /** How subscriptions are confirmed. */
  confirm: (filters: readonly string[]) => Promise<void> = () => Promise.resolve();

  readonly openSession: OpenSession = (options, signal) => {
    this.attempts++;
    if (signal?.aborted) return Promise.reject(new Error("aborted"));
    if (this.failure) return Promise.reject(this.failure);
    const session = new FakeSession(options, this, (filters) => this.confirm(filters));
    this.sessions.push(session);
    return Promise.resolve(session);
  };

  get last(): FakeSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error("there is no session");
    return session;
  }
}

/** Lets promises go on. */
export const turns = () => new Promise<void>((resolve) => setImmediate(resolve));
