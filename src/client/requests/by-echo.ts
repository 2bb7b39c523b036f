/**
 * Pushes that their echoes are matched to. Many of one sensor are in flight, and an answer says that one of them was
 * answered, but not which one.
 */
import { readError, type LiveData } from "../../protocol/answers";
import type { IotError } from "../../protocol/errors";
import { NO_VERDICT, type Lane, type Matcher, type PendingRequest, type Verdict } from "./lane";
import { isEcho } from "./live-echo";
import type { Observations } from "./observations";

/** An answer that could be another request's waits for an echo that says more: so long while nothing is known, */
export const HOLD_MS = 500;
/** and this part of the timeout when there are such answers; but never so short that a busy machine is taken for one. */
const HOLD_PART = 1 / 4;
const HOLD_LEAST_MS = 250;

export class ByEcho implements Matcher {
  readonly isForMany = true;
  /** An error does not say of which push it is. */
  private heldErrors: IotError[] = [];
  /** One of these errors may be a late one, of a push that was abandoned. */
  private hasLateError = false;
  /** What the agent said of a push that went well; of the one in flight, where there is but one. */
  private text: string | undefined;

  constructor(
    private readonly lane: Lane,
    private readonly observed: Observations,
  ) {}

  maySend(next: PendingRequest, now: number): boolean {
    const { echo } = this.observed;
    const { inFlight, quarantine } = this.lane;
    // Without live data what is in flight runs into its timeouts; then answers count again.
    if (!echo.isUsable) return false;
    if (echo.isLearned && next.canEcho) return inFlight.length === 0 || this.heldErrors.length === 0;
    return inFlight.length === 0 && now >= quarantine.restEnd;
  }

  sent(request: PendingRequest): void {
    const { inFlight, quarantine } = this.lane;
    const [first] = inFlight;
    if (first === undefined) this.forgetErrors();
    // The answer that comes next can be the new one's.
    else first.answerCounts = false;
    request.answerCounts = !this.observed.echo.isLearned && !quarantine.owesOthers(request);
    if (request.answerCounts) this.text = undefined;
    quarantine.expect(request);
  }

  take(topic: string, payload: Buffer, now: number): readonly Verdict[] {
    const { inFlight, quarantine } = this.lane;
    const { probe, strangers } = this.observed;
    const [request] = inFlight;
    if (!quarantine.takeDue()) {
      // The lane is open, and one answer that came twice must not hide a late error: nothing is taken off what is owed.
      if (quarantine.findLate(topic, payload)) strangers.noteLate();
      else strangers.noteUnasked(now);
      return NO_VERDICT;
    }
    if (request?.topics?.errors.includes(topic)) {
      this.heldErrors.push(readError(payload.toString()));
      this.hasLateError ||= quarantine.mayBeLate(now, probe.passed);
      return this.assignErrors(inFlight, now);
    }
    if (request === undefined) return NO_VERDICT;
    this.text = request.route.operation.read(payload.toString()) as string;
    return request.answerCounts ? [this.hold(request, now)] : NO_VERDICT;
  }

  takeEcho(data: LiveData, now: number): readonly Verdict[] {
    const { inFlight } = this.lane;
    const request = inFlight.find(({ parameters }) => isEcho(parameters, data));
    if (request === undefined) return NO_VERDICT;
    const { sentTime, sentAt } = request;
    // Not by the machine's clock, which may have been set meanwhile.
    this.observed.echo.learn(data.timestamp ?? 0, sentTime, sentTime + now - sentAt);
    const answered: Verdict = { is: "answered", request, result: this.text ?? "" };
    if (this.heldErrors.length === 0) return [answered];
    const others = inFlight.filter((other) => other !== request);
    return [answered, ...this.assignErrors(others, now)];
  }

  /** The echo of a push is overdue: something else may tell how it ended. */
  timeOut(request: PendingRequest, now: number): readonly Verdict[] {
    const { echo, strangers } = this.observed;
    const { inFlight, quarantine } = this.lane;
    const areAbout = strangers.areAbout(now);
    if (this.hasErrorForEach(inFlight) && !this.isErrorUncertain)
      return this.failEach(inFlight, areAbout ? "uncertain" : "failed");
    const hasError = this.heldErrors.length > 0;
    const isMissed = quarantine.answersDue < inFlight.length && !hasError;
    if (isMissed && !areAbout) echo.miss();
    const { text } = this;
    // An agent whose echo was never seen: then its answer counts.
    if (request.answerCounts && !echo.isLearned && text !== undefined && !hasError)
      return [{ is: "answered", request, result: text }];
    // Whose they are is not known any more.
    this.forgetErrors();
    return [{ is: "overdue", request }];
  }

  /**
   * When every push that is still in flight has an error to it, all others have had their echo, and no answer
   * is owed, the errors are theirs, in order. While answers are uncertain an error is held.
   */
  private assignErrors(inFlight: readonly PendingRequest[], now: number): readonly Verdict[] {
    if (!this.hasErrorForEach(inFlight)) return NO_VERDICT;
    if (!this.isErrorUncertain && !this.observed.strangers.mayBeAbout(now))
      return this.failEach(inFlight, "failed");
    return inFlight.map((request) => this.hold(request, now));
  }

  private failEach(inFlight: readonly PendingRequest[], is: "failed" | "uncertain"): readonly Verdict[] {
    const errors = this.heldErrors;
    this.forgetErrors();
    return inFlight.flatMap((request, index) => {
      const error = errors[index];
      return error === undefined ? [] : [{ is, request, error }];
    });
  }

  private forgetErrors(): void {
    if (this.heldErrors.length > 0) this.heldErrors = [];
    this.hasLateError = false;
  }

  private hasErrorForEach(inFlight: readonly PendingRequest[]): boolean {
    return this.heldErrors.length > 0 && this.heldErrors.length === inFlight.length;
  }

  /** Another answer is still to come, or one of these may be a late one. */
  private get isErrorUncertain(): boolean {
    return this.lane.quarantine.answersDue > 0 || this.hasLateError;
  }

  /** It counts only when no echo says more for a while. */
  private hold(request: PendingRequest, now: number): Verdict {
    const { timeout } = request;
    const part = Math.max(timeout * HOLD_PART, Math.min(HOLD_LEAST_MS, timeout / 2));
    const wait = this.observed.strangers.areAbout(now) ? part : Math.min(HOLD_MS, part);
    return { is: "held", request, until: now + wait };
  }
}
