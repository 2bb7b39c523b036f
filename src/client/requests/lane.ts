/**
 * The requests that could get each other's answers, in order, and how their answers are matched. Each field has one
 * writer, which is named.
 */
import { Chain, type LinkOf } from "../../collections/chain";
import type { LiveData } from "../../protocol/answers";
import type { IotError } from "../../protocol/errors";
import type { Steps } from "../../protocol/large-json";
import { Quarantine } from "./quarantine";
import type { RequestIn } from "./request";
import type { RequestTopics } from "./routes";

/** A request on its way, in its lane. */
export type PendingRequest = RequestIn<Lane>;

/** What follows of a message that came, or of one that did not; the correlator carries it out. */
export type Verdict =
  /** It has its answer. */
  | { readonly is: "answered"; readonly request: PendingRequest; readonly result: unknown }
  /** It has its answer, which takes a while to be read. */
  | { readonly is: "long"; readonly request: PendingRequest; readonly steps: Steps<unknown> }
  | { readonly is: "failed"; readonly request: PendingRequest; readonly error: IotError }
  /** The error may be the answer to another process's request. */
  | { readonly is: "uncertain"; readonly request: PendingRequest; readonly error: IotError }
  /** What came may be its answer: it is, if nothing else tells more until then, on the monotonic clock. */
  | { readonly is: "held"; readonly request: PendingRequest; readonly until: number }
  /** Its answer is overdue. */
  | { readonly is: "overdue"; readonly request: PendingRequest };

/**
 * How the answers of a lane are matched to its requests. What makes no difference to a matcher, it does not have. Times
 * are on the monotonic clock.
 */
export interface Matcher {
  /** Whether more than one request may be in flight. */
  readonly isForMany: boolean;
  /** Whether the next one may be sent now. */
  maySend(next: PendingRequest, now: number): boolean;
  /** It is about to be in flight. */
  sent?(request: PendingRequest): void;
  /** A message came on a topic of the lane; `tooLarge` where it was too large to be kept. */
  take(topic: string, payload: Buffer, now: number, tooLarge?: IotError): readonly Verdict[];
  /** Live data came that may be the echo of a push. */
  takeEcho?(data: LiveData, now: number): readonly Verdict[];
  /** No answer came to a request in time. */
  timeOut(request: PendingRequest, now: number): readonly Verdict[];
  /** A request is not in flight any more, because its answer has come. */
  answered?(request: PendingRequest, isSuccess: boolean, now: number): void;
}

export const NO_VERDICT: readonly Verdict[] = [];

export class Lane {
  /** Topics by request, of the client that is connected now: by `Lanes`. */
  readonly topics = new Map<string, RequestTopics>();
  /** By `RequestQueue`. */
  readonly waiting = new Chain<LinkOf<PendingRequest>>();
  /** Oldest first: by `send` and `endFlight`. */
  readonly inFlight: PendingRequest[] = [];
  /** It keeps itself: matchers, sender and correlator tell it what happens. */
  readonly quarantine = new Quarantine();
  /** How answers are matched now, one of the two: by `Sender`, between two requests. */
  matcher: Matcher;
  readonly byAnswer: Matcher;
  readonly byEcho: Matcher;
  /** Waits for its turn to send: by `Sender`. */
  isReady = false;

  constructor(
    readonly sensorId: string | undefined,
    matchersOf: (lane: Lane) => { byAnswer: Matcher; byEcho: Matcher },
  ) {
    const { byAnswer, byEcho } = matchersOf(this);
    this.matcher = this.byAnswer = byAnswer;
    this.byEcho = byEcho;
  }

  /** The request that is to be sent next. */
  get next(): PendingRequest | undefined {
    return this.waiting.oldest?.entry;
  }

  send(request: PendingRequest): void {
    this.matcher.sent?.(request);
    this.inFlight.push(request);
  }

  endFlight(request: PendingRequest): void {
    this.inFlight.splice(this.inFlight.indexOf(request), 1);
  }

  isIdle(now: number): boolean {
    return this.inFlight.length === 0 && this.waiting.size === 0 && this.quarantine.isOver(now);
  }
}
