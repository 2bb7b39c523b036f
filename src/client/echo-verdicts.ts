/**
 * How pushes end that are told apart by their echoes (`lane.isByEcho`). Many pushes of one sensor are in flight, and an
 * answer says that one of them was answered, but not which one.
 */
import { readError, type LiveData } from "../protocol/answers";
import type { IotError } from "../protocol/errors";
import type { Alarm } from "../time/alarm";
import type { Clock } from "../time/clock";
import { isEcho } from "./echo";
import type { Observations } from "./observations";
import type { Lane, PendingRequest } from "./lane";

/** How a request ends. */
export interface Completion {
  succeed(request: PendingRequest, result: unknown): void;
  fail(request: PendingRequest, error: IotError): void;
  /** The error may be the answer to another process's request: it is sent again, a few times. */
  retryOrFail(request: PendingRequest, error: IotError): void;
}

/** An answer that could be another request's waits for an echo that says more: so long while nothing is known, */
export const HOLD_MS = 500;
/** and this part of the timeout when there are such answers; but never so short that a busy machine is taken for one. */
const HOLD_PART = 1 / 4;
const HOLD_LEAST_MS = 250;

export class EchoVerdicts {
  constructor(
    private readonly clock: Clock,
    private readonly alarm: Alarm,
    private readonly observed: Observations,
    private readonly completion: Completion,
  ) {}

  takeEcho(lane: Lane, data: LiveData): void {
    const request = lane.isByEcho && lane.inFlight.find(({ parameters }) => isEcho(parameters, data));
    if (!request) return;
    // Not by the machine's clock, which may have been set meanwhile.
    const now = request.sentTime + this.clock.monotonic() - request.sentAt;
    this.observed.echo.learn(data.timestamp ?? 0, request.sentTime, now);
    this.completion.succeed(request, lane.text ?? "");
    this.assignErrors(lane);
  }

  /** False where no answer was due. */
  takeAnswer(lane: Lane, topic: string, payload: Buffer): boolean {
    if (!lane.takeDue()) return false;
    const [request] = lane.inFlight;
    if (request?.topics?.errors.includes(topic)) {
      lane.heldErrors.push(readError(payload.toString()));
      lane.hasLateError ||= lane.mayBeLate(this.clock.monotonic(), this.observed.fence.passed);
      this.assignErrors(lane);
    } else if (request) {
      lane.text = request.route.operation.read(payload.toString()) as string;
      if (request.answerCounts) this.hold(request);
    }
    return true;
  }

  /** The echo of a push is overdue: ends it where something else tells how it ended. */
  timeOut(request: PendingRequest, now: number): void {
    const { echo, trust } = this.observed;
    const { lane } = request;
    if (hasErrorForEach(lane) && !isErrorUncertain(lane)) {
      return this.failEach(lane, trust.isDistrusted(now) ? "retryOrFail" : "fail");
    }
    const hasError = lane.heldErrors.length > 0;
    const isMissed = lane.answersDue < lane.inFlight.length && !hasError;
    if (isMissed && !trust.isDistrusted(now)) echo.miss();
    const { text } = lane;
    // An agent whose echo was never seen: then its answer counts.
    const isAnswered = request.answerCounts && !echo.isLearned && text !== undefined && !hasError;
    if (isAnswered) return this.completion.succeed(request, text);
    // Whose they are is not known any more.
    lane.forgetErrors();
  }

  /**
   * When every push that is still in flight has an error to it, all others have had their echo, and no answer
   * is owed, the errors are theirs, in order. While answers are uncertain an error is held.
   */
  private assignErrors(lane: Lane): void {
    if (!hasErrorForEach(lane)) return;
    if (!isErrorUncertain(lane) && !this.observed.trust.isUncertain(this.clock.monotonic()))
      this.failEach(lane);
    else for (const request of lane.inFlight) this.hold(request);
  }

  private failEach(lane: Lane, as: "fail" | "retryOrFail" = "fail"): void {
    const errors = lane.forgetErrors();
    for (const [index, request] of [...lane.inFlight].entries()) {
      const error = errors[index];
      if (error) this.completion[as](request, error);
    }
  }

  /** It counts only when no echo says more for a while. */
  private hold(request: PendingRequest): void {
    const now = this.clock.monotonic();
    const part = Math.max(request.timeout * HOLD_PART, Math.min(HOLD_LEAST_MS, request.timeout / 2));
    const wait = this.observed.trust.isDistrusted(now) ? part : Math.min(HOLD_MS, part);
    request.deadline = Math.min(request.deadline, now + wait);
    this.alarm.setFor(request.deadline);
  }
}

function hasErrorForEach({ heldErrors, inFlight }: Lane): boolean {
  return heldErrors.length > 0 && heldErrors.length === inFlight.length;
}

/** Another answer is still to come, or one of these may be a late one. */
function isErrorUncertain(lane: Lane): boolean {
  return lane.answersDue > 0 || lane.hasLateError;
}
