/** A request on its way: waiting, sent, or ended. It ends once. */
import { IotError } from "../protocol/errors";
import { Queueable } from "./queue";
import type { RequestTopics, Route } from "./routes";

export interface RequestOptions {
  /** Ends the request as `Closed`. */
  signal?: AbortSignal;
  /** Milliseconds from sending to the answer. */
  timeout?: number;
  /** Called when the request is sent once more, because nobody can know whether it arrived: it may be there twice. */
  onRepeat?: () => void;
}

/** `Lane`: where it waits; what that is, only the lane knows. */
export class RequestIn<Lane> extends Queueable {
  readonly bytes: number;
  /** A push with a timestamp: its echo in live data tells it from others. */
  readonly canEcho: boolean;
  /** How often it was sent. */
  attempts = 0;
  /** How often the connection broke while it was in flight. */
  breaks = 0;
  /** How often an error came that may be its own, or another process's. */
  uncertainErrors = 0;
  /** When it was sent last, on the monotonic clock. */
  sentAt = 0;
  /** The same in milliseconds since the epoch. */
  sentTime = 0;
  /** When its answer is overdue, on the monotonic clock. */
  deadline = Infinity;
  /** A push that was sent alone, with no other answer owed, so that its answer counts when no echo comes. */
  answerCounts = false;
  topics: RequestTopics | undefined;
  ended = false;
  /** What ends it when it is aborted. */
  signal: AbortSignal | undefined;

  constructor(
    readonly route: Route,
    readonly lane: Lane,
    readonly parameters: object,
    readonly payload: string,
    readonly timeout: number,
    readonly onRepeat: (() => void) | undefined,
    private readonly resolve: (result: unknown) => void,
    private readonly reject: (error: IotError) => void,
  ) {
    super();
    this.bytes = Buffer.byteLength(payload);
    this.canEcho = route.name === "pushValues" && (parameters as { timestamp?: unknown }).timestamp !== null;
  }

  succeed(result: unknown): void {
    if (this.end()) this.resolve(result);
  }

  fail(error: IotError): void {
    error.operation ??= this.route.name;
    if (this.end()) this.reject(error);
  }

  /** Nobody waits for it any more. */
  close(): void {
    this.fail(new IotError("Closed", { reason: this.attempts > 0 ? "sent" : "unsent" }));
  }

  private end(): boolean {
    if (this.ended) return false;
    this.ended = true;
    return true;
  }
}
