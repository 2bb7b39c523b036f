/**
 * Verdicts on pushes that their echo tells apart (`lane.isByEcho`): many of a sensor can be in flight, and an answer
 * says only that one of them was answered, not which.
 */
import { readError, type LiveData } from "../protocol/answers";
import type { IotError } from "../protocol/errors";
import type { Alarm } from "../time/alarm";
import type { Clock } from "../time/clock";
import { isEcho } from "./echo";
import type { Evidence } from "./evidence";
import type { Lane } from "./lane";
import type { PendingRequest } from "./request";

/** How a verdict is carried out. */
export interface Judge {
  succeed(request: PendingRequest, result: unknown): void;
  fail(request: PendingRequest, error: IotError): void;
  /** The error may be the answer to another process's request. */
  doubt(request: PendingRequest, error: IotError): void;
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
    private readonly evidence: Evidence,
    private readonly judge: Judge,
  ) {}

  takeEcho(lane: Lane, data: LiveData): void {
    const request = lane.isByEcho && lane.inFlight.find(({ parameters }) => isEcho(parameters, data));
    if (!request) return;
    // Not by the machine's clock, which may have been set meanwhile.
    const now = request.sentTime + this.clock.monotonic() - request.sentAt;
    this.evidence.echo.learn(data.timestamp ?? 0, request.sentTime, now);
    this.judge.succeed(request, lane.text ?? "");
    this.assignErrors(lane);
  }

  /** False where no answer was due. */
  takeAnswer(lane: Lane, topic: string, payload: Buffer): boolean {
    if (!lane.takeDue()) return false;
    const [request] = lane.inFlight;
    if (request?.topics?.errors.includes(topic)) {
      lane.heldErrors.push(readError(payload.toString()));
      lane.hasLateError ||= lane.mayBeLate(this.clock.monotonic(), this.evidence.fence.passed);
      this.assignErrors(lane);
    } else if (request) {
      lane.text = request.route.operation.read(payload.toString()) as string;
      if (request.isByAnswer) this.hold(request);
    }
    return true;
  }

  /** The echo of a push is overdue: ends it where something else tells its fate. */
  timeOut(request: PendingRequest, now: number): void {
    const { echo, trust } = this.evidence;
    const { lane } = request;
    if (hasErrorForEach(lane) && !isErrorInDoubt(lane)) {
      return this.failEach(lane, trust.isDeceived(now) ? "doubt" : "fail");
    }
    const hasError = lane.heldErrors.length > 0;
    const isMissed = lane.answersDue < lane.inFlight.length && !hasError;
    if (isMissed && !trust.isDeceived(now)) echo.miss();
    const { text } = lane;
    // An agent whose echo was never seen: then its answer counts.
    const isAnswered = request.isByAnswer && !echo.isLearned && text !== undefined && !hasError;
    if (isAnswered) return this.judge.succeed(request, text);
    // Whose they are is not known any more.
    lane.forgetErrors();
  }

  /**
   * When every push that is still in flight has an error to it, all others have had their echo, and no answer
   * is owed, the errors are theirs, in order. While the answers are in doubt an error is held.
   */
  private assignErrors(lane: Lane): void {
    if (!hasErrorForEach(lane)) return;
    if (!isErrorInDoubt(lane) && !this.evidence.trust.isDoubtful(this.clock.monotonic())) this.failEach(lane);
    else for (const request of lane.inFlight) this.hold(request);
  }

  private failEach(lane: Lane, as: "fail" | "doubt" = "fail"): void {
    const errors = lane.forgetErrors();
    for (const [index, request] of [...lane.inFlight].entries()) {
      const error = errors[index];
      if (error) this.judge[as](request, error);
    }
  }

  /** It counts only when no echo says more for a while. */
  private hold(request: PendingRequest): void {
    const now = this.clock.monotonic();
    const part = Math.max(request.timeout * HOLD_PART, Math.min(HOLD_LEAST_MS, request.timeout / 2));
    const wait = this.evidence.trust.isDeceived(now) ? part : Math.min(HOLD_MS, part);
    request.deadline = Math.min(request.deadline, now + wait);
    this.alarm.setFor(request.deadline);
  }
}

function hasErrorForEach({ heldErrors, inFlight }: Lane): boolean {
  return heldErrors.length > 0 && heldErrors.length === inFlight.length;
}

/** Another answer is still to come, or one of these may be a late one. */
function isErrorInDoubt(lane: Lane): boolean {
  return lane.answersDue > 0 || lane.hasLateError;
}
