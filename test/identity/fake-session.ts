/** A session without a network. All that it does it does at once, before any timer of the test can end. */
import { createHash } from "node:crypto";
import type { IotError } from "../../src/protocol/errors";
import type { OpenSession, Session, SessionOptions } from "../../src/transport/session";

/** A session with an agent that answers a signing request as the test says. */
export class FakeSession implements Session {
  onMessage: Session["onMessage"] = () => undefined;
  readonly closed: Promise<IotError | undefined>;
  options: SessionOptions | undefined;
  readonly steps: string[] = [];
  filters: readonly string[] = [];
  csr = "";
  end!: (error?: IotError) => void;

  constructor(readonly answer: (session: FakeSession, csr: string) => void) {
    this.closed = new Promise((resolve) => (this.end = resolve));
  }

  readonly open: OpenSession = (options) => {
    this.options = options;
    return Promise.resolve(this);
  };

  async subscribe(filters: readonly string[]): Promise<void> {
    await Promise.resolve();
    this.filters = filters;
    this.steps.push("subscribed");
  }

  publish(topic: string, payload: string): void {
    this.steps.push(`published ${topic}`);
    this.csr = payload;
    queueMicrotask(() => this.answer(this, payload));
  }

  nudge(): void {
    // Nothing is held back.
  }

  close(): Promise<void> {
    this.steps.push("closed");
    this.end();
    return Promise.resolve();
  }

  get hash(): string {
    return createHash("sha256").update(this.csr).digest("hex");
  }

  say(payload: string | Buffer): void {
    this.onMessage(`/certBack/${this.hash}`, Buffer.from(payload));
  }

  sayError(payload: string): void {
    this.onMessage(`/certBack/${this.hash}/error`, Buffer.from(payload));
  }
}
