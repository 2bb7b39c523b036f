/** One request, from being asked to its one end: what was asked, where it goes, and what it is at. */
import { Link, LinkOf } from "../../collections/chain";
import { IotError } from "../../protocol/errors";
import type { RequestTopics, Route } from "./routes";

export interface RequestOptions {
  /** Ends the request as `Closed`. */
  signal?: AbortSignal;
  /** Milliseconds from sending to the answer. */
  timeout?: number;
  /** Called when the request is sent once more, because nobody can know whether it arrived: it may be there twice. */
  onRepeat?: () => void;
}

/**
 * What a request is at. An answer to it can be owed beside that: to one that has ended, and to one that waits, or is in
 * flight again, for its earlier sending. So that is known to the lane (`quarantine.ts`), and is no state.
 */
export type RequestState =
  /**
   * In the queue. Entered when it is asked, and, from `inFlight`, when it is to be sent once more: the connection was
   * lost, the agent was away, or an error came that may be another process's. There it grows old, and makes room for
   * newer ones. Left when it is its turn (`inFlight`), and when it is dropped, too old, refused or aborted (`ended`).
   */
  | "waiting"
  /**
   * Sent. Entered from `waiting`. Its answer, error or echo is expected until `deadline`, which a long answer puts off
   * and an uncertain one brings near. Left when that has come (`ended`; `reading` where it is long), when it is sent
   * once more (`waiting`), and without an answer, which is owed then: overdue, lost with a connection, aborted (`ended`).
   */
  | "inFlight"
  /**
   * A long answer has come and is read in steps; the lane sends the next one meanwhile. Entered from `inFlight`. Left
   * when it is read, is found to be none, or is aborted (`ended`).
   */
  | "reading"
  /** Whoever asked has been told. */
  | "ended";

/** `Lane`: where it waits; what that is, only the lane knows. Times are on the monotonic clock, where nothing else is said. */
export class RequestIn<Lane> extends Link {
  readonly bytes: number;
  /** A push with a timestamp: its echo in live data tells it from others. */
  readonly canEcho: boolean;
  /** Its place in its lane, while it waits. */
  readonly place: LinkOf<RequestIn<Lane>> = new LinkOf(this);
  /** When it was asked. */
  since = 0;
  /** What ends it when it is aborted. */
  signal: AbortSignal | undefined;
  /** Changed by the methods below alone. */
  state: RequestState = "waiting";
  /** By `send` alone, too: how often it was sent; */
  attempts = 0;
  /** when, the last time, */
  sentAt = 0;
  /** and the same in milliseconds since the epoch; */
  sentTime = 0;
  /** on which topics it was, and is answered. */
  topics: RequestTopics | undefined;
  /** When its answer is overdue: by `send`, and by the correlator where it learns more. */
  deadline = Infinity;
  /** A push that was sent alone, with no other answer owed, so that its answer counts when no echo comes: by `ByEcho`. */
  answerCounts = false;
  /** By the correlator: how often the connection broke while it was in flight, */
  breaks = 0;
  /** and how often an error came that may be its own, or another process's. */
  uncertainErrors = 0;

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

  /** It goes out: `now` on the monotonic clock, `time` since the epoch. */
  send(topics: RequestTopics, now: number, time: number): void {
    this.state = "inFlight";
    this.attempts++;
    this.topics = topics;
    this.sentAt = now;
    this.sentTime = time;
    this.deadline = now + this.timeout;
    this.answerCounts = false;
  }

  /** It is to be sent once more. */
  waitAgain(): void {
    this.state = "waiting";
  }

  /** Its answer has come, and takes a while to be read. */
  read(): void {
    this.state = "reading";
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
    if (this.state === "ended") return false;
    this.state = "ended";
    return true;
  }
}
