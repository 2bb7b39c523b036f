/**
 * Requests that their answers are matched to: one in flight, and none while an answer to a request that was abandoned
 * can still come.
 */
import type { IotError } from "../../protocol/errors";
import { MAX_PAYLOAD_BYTES } from "../../protocol/limits";
import { NO_VERDICT, type Lane, type Matcher, type PendingRequest, type Verdict } from "./lane";
import type { Observations } from "./observations";
import { identifiesItself, readErrorOf } from "./replies";

export class ByAnswer implements Matcher {
  readonly isForMany = false;
  /** The message sent last: an answer that repeats it tells nothing about a request that says the same. */
  private lastPayload: string | undefined;

  constructor(
    private readonly lane: Lane,
    private readonly observed: Observations,
  ) {}

  /**
   * One that is sent again may go while the answer to its first sending can still come: that would be an answer to the
   * same request, and true.
   */
  maySend(next: PendingRequest, now: number): boolean {
    const { inFlight, quarantine } = this.lane;
    if (inFlight.length > 0 || now < quarantine.restEnd) return false;
    quarantine.forget(now, this.observed.probe.passed);
    return !quarantine.owesOthers(next);
  }

  take(topic: string, payload: Buffer, now: number, tooLarge?: IotError): readonly Verdict[] {
    const [request] = this.lane.inFlight;
    const verdict = request && read(request, topic, payload, tooLarge);
    if (verdict !== undefined) return [verdict];
    this.takeStray(topic, payload, now);
    return NO_VERDICT;
  }

  timeOut(request: PendingRequest): readonly Verdict[] {
    return [{ is: "overdue", request }];
  }

  answered({ route, payload }: PendingRequest, isSuccess: boolean, now: number): void {
    const hasContent = route.operation.echoes !== undefined;
    const isIdentified = isSuccess && hasContent && payload !== this.lastPayload;
    if (hasContent) this.lastPayload = payload;
    // While answers come that nobody asked for, the next one on this lane could be a repetition of this one.
    if (!isIdentified && this.observed.strangers.areAbout(now)) this.lane.quarantine.rest(now);
  }

  private takeStray(topic: string, payload: Buffer, now: number): void {
    const { quarantine } = this.lane;
    const { strangers } = this.observed;
    // Of a push that its echo has told already.
    if (quarantine.takeDue()) return;
    const late = quarantine.findLate(topic, payload);
    if (late === undefined) return strangers.noteUnasked(now);
    strangers.noteLate();
    if (!strangers.areAbout(now) || identifiesItself(late, topic)) quarantine.takeLate(late, now);
  }
}

/** What a message says of the request in flight; `undefined` where it is not for this one. */
function read(
  request: PendingRequest,
  topic: string,
  payload: Buffer,
  tooLarge: IotError | undefined,
): Verdict | undefined {
  const { topics, parameters } = request;
  const { operation } = request.route;
  const isAnswer = topics?.answers.includes(topic) === true;
  if (!isAnswer && topics?.errors.includes(topic) !== true) return undefined;
  if (tooLarge !== undefined) return { is: "failed", request, error: tooLarge };
  if (!isAnswer) {
    const error = readErrorOf(request, payload);
    return error && { is: "failed", request, error };
  }
  if (operation.large && payload.length > MAX_PAYLOAD_BYTES)
    return { is: "long", request, steps: operation.large.read(payload) };
  let result: unknown;
  try {
    result = operation.read(payload.toString());
  } catch (error) {
    return { is: "failed", request, error: error as IotError };
  }
  return operation.echoes?.(parameters, result) === false ? undefined : { is: "answered", request, result };
}
