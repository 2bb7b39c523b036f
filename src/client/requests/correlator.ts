/**
 * A request's life, from being asked to its one end: which answer belongs to which request. No I/O: messages go out
 * through `publish` and come in through `receive`. What it cannot know it calls unknown, never a success or a failure.
 */
import { Chain } from "../../collections/chain";
import type { LiveData } from "../../protocol/answers";
import { IotError } from "../../protocol/errors";
import { invalid } from "../../protocol/input";
import type { Steps } from "../../protocol/large-json";
import type { Parameters, Result } from "../../protocol/operations";
import { Timestamps } from "../../time/timestamps";
import { checkId } from "../../protocol/topics";
import { Alarm } from "../../time/alarm";
import type { Clock } from "../../time/clock";
import { inSteps } from "../../time/in-steps";
import { RequestQueue, type QueueLimits } from "./queue";
import type { Counters } from "./counters";
import type { PendingRequest, Verdict } from "./lane";
import { Lanes } from "./lanes";
import { LEARNING_MS } from "./live-echo";
import { Observations } from "./observations";
import type { Publish } from "./probe";
import { awaitedBytes } from "./replies";
import { RequestIn, type RequestOptions } from "./request";
import { ROUTES, type RequestName, type Route } from "./routes";
import { Sender, type SenderSettings } from "./sender";
import { MOST_BREAKS } from "./suspects";

export interface CorrelatorSettings extends SenderSettings {
  queue: QueueLimits;
}

/** A request that was sent so often without an answer is not sent again. */
const MOST_ATTEMPTS = 5;
/** Ends of a connection that no request brought about. */
const NO_BREAKS: ReadonlySet<string> = new Set(["AgentSilent", "Disconnected"]);
/** An error that may be another process's is taken for the request's own when one came after each of so many sendings. */
const MOST_UNCERTAIN_ERRORS = 3;
const NOTHING = Buffer.alloc(0);

export class Correlator {
  /** Something in `counters` has changed: called once for all that changes in a turn. */
  onChange: () => void = () => undefined;
  /** Live data of this client's pushes is of use, or is not any more. */
  onEchoWanted: (wanted: boolean) => void = () => undefined;

  private readonly queue: RequestQueue;
  private readonly observed: Observations;
  private readonly lanes: Lanes;
  private readonly alarm: Alarm;
  private readonly sender: Sender;
  /** Requests whose answer has come and is being read. */
  private readonly reading = new Chain<PendingRequest>();
  private readonly signals = new WeakSet<AbortSignal>();
  private changeIsNoted = false;
  private refusal: IotError | undefined;
  private lastFailure: IotError | undefined;
  private openedAt = 0;
  private readonly count = { answered: 0, failed: 0, timedOut: 0 };

  constructor(
    private readonly settings: CorrelatorSettings,
    private readonly clock: Clock,
    private readonly timestamps = new Timestamps(),
  ) {
    const queue = (this.queue = new RequestQueue(settings.queue));
    const observed = (this.observed = new Observations(settings.requestTimeout));
    const lanes = (this.lanes = new Lanes(observed));
    this.alarm = new Alarm(clock, () => this.tick());
    this.sender = new Sender(settings, clock, this.alarm, queue, lanes, observed);
    observed.echo.onWanted = (wanted) => {
      this.alarm.setFor(observed.echo.wantedUntil);
      this.onEchoWanted(wanted);
    };
  }

  get isEchoWanted(): boolean {
    return this.observed.echo.isWanted;
  }

  get counters(): Counters {
    const { queue, sender, observed } = this;
    const { sent, repeated } = sender.count;
    const { answered, failed, timedOut } = this.count;
    const { strays, unasked } = observed.strangers.count;
    const { count: queued, bytes: queuedBytes } = queue;
    const inFlight = sender.inFlight.size;
    // Not spread: that takes many times as long, and whoever is told of a change asks for them.
    return { sent, answered, failed, timedOut, repeated, strays, unasked, queued, queuedBytes, inFlight };
  }

  // ---- the connection

  /** Requests may be sent: every subscription of this client is confirmed. */
  open(clientId: string, publish: Publish, nudge: () => void = () => undefined): void {
    this.refusal = undefined;
    const now = this.clock.monotonic();
    this.observed.strangers.watch(now);
    this.observed.echo.awaitLive(now);
    this.lanes.setClient(clientId);
    this.openedAt = now;
    this.sender.open(publish, nudge, now);
  }

  /**
   * Nothing can be sent or received any more. What was sent has an unknown outcome: it is sent again where
   * that does no harm (`repeatable`), and otherwise ends as such.
   */
  close(failure: IotError): void {
    const now = this.clock.monotonic();
    this.sender.close(now);
    this.lastFailure = failure;
    const isBreak = !NO_BREAKS.has(failure.name);
    for (const request of this.abandonAll([...this.sender.inFlight])) {
      if (request.canEcho) this.observed.echo.want(now);
      if (isBreak) request.breaks++;
      if (request.breaks >= MOST_BREAKS) request.fail(this.breaksConnection(request));
      else if (mayRepeat(request)) this.requeue(request);
      else request.fail(this.unknownOutcome());
    }
    this.noteChange();
  }

  /** From now on, and until it opens again, requests end at once with this error; those that wait, too. */
  refuse(error: IotError): void {
    this.refusal = error;
    for (const request of this.queue.clear()) this.endWaiting(request, () => copyOf(error));
    this.noteChange();
  }

  /** Requests wait for the connection again. */
  accept(): void {
    this.refusal = undefined;
  }

  /** Ends everything, once. */
  stop(): void {
    this.sender.close(this.clock.monotonic());
    for (const request of this.sender.inFlight) {
      this.sender.endFlight(request);
      request.close();
    }
    for (const request of [...this.reading, ...this.queue.clear()]) request.close();
    this.alarm.cancel();
    this.noteChange();
  }

  /** Live data comes in from now on, or does not any more. */
  setLive(isLive: boolean): void {
    const { echo } = this.observed;
    // What echoes told until now, answers alone do not: it is waited for anew, as over a new connection.
    if (echo.isLive && !isLive) echo.awaitLive(this.clock.monotonic());
    echo.setLive(isLive);
    if (isLive) this.sender.wakeClosed();
  }

  /** Live data cannot be had at the moment. */
  noLive(): void {
    this.observed.echo.stopAwaiting();
    this.sender.wakeClosed();
  }

  // ---- what is asked

  /** Takes a request: it ends with its result, or with the `IotError` that says why not. */
  submit<N extends RequestName>(
    name: N,
    parameters: Parameters<N>,
    options: RequestOptions = {},
  ): Promise<Result<N>> {
    return new Promise((resolve, reject) => {
      try {
        const succeed = resolve as (result: unknown) => void;
        const request = this.prepare(ROUTES[name], parameters, options, succeed, reject);
        this.enqueue(request, options.signal);
      } catch (error) {
        const refused =
          error instanceof IotError
            ? error
            : invalid("value", "parameters", parameters, { allowed: "words.parameters" });
        refused.operation ??= name;
        reject(refused);
      }
    });
  }

  private prepare(
    route: Route,
    parameters: object,
    { timeout = this.settings.requestTimeout, onRepeat }: RequestOptions,
    resolve: (result: unknown) => void,
    reject: (error: IotError) => void,
  ): PendingRequest {
    const { sensorId, metricId } = parameters as { sensorId?: string; metricId?: string };
    if (route.perMetric) checkId("metricId", metricId);
    const lane = this.lanes.of(route, sensorId, this.clock.monotonic());
    const isPush = route.name === "pushValues";
    const message = isPush ? this.withTimestamp(parameters as Parameters<"pushValues">) : parameters;
    const payload = route.operation.write(message);
    if (isPush && message === parameters) this.noteTimestamp(parameters as Parameters<"pushValues">);
    return new RequestIn(route, lane, message, payload, timeout, onRepeat, resolve, reject);
  }

  /**
   * Every push has a timestamp, so that one that is sent again is the same, and one that we make differs from
   * every other of its sensor: its echo in live data identifies it. One that the user gave stays as it is.
   */
  private withTimestamp(push: Parameters<"pushValues">): Parameters<"pushValues"> {
    if (push.timestamp !== undefined) return push;
    const { echo, strangers } = this.observed;
    const isOfUse = echo.isWanted || strangers.mayBeAbout(this.clock.monotonic());
    const isLearning = isOfUse && !echo.isLearned && !echo.isAbsent;
    const now = Math.floor(this.clock.now()) - (isLearning ? LEARNING_MS : 0);
    // Not spread: that alone would double what a push costs here.
    return {
      sensorId: push.sensorId,
      metrics: push.metrics,
      timestamp: this.timestamps.next(push.sensorId, now),
    };
  }

  private noteTimestamp({ sensorId, timestamp }: Parameters<"pushValues">): void {
    if (typeof timestamp === "number") this.timestamps.note(sensorId, timestamp, this.clock.now());
  }

  private enqueue(request: PendingRequest, signal: AbortSignal | undefined): void {
    if (this.refusal) throw copyOf(this.refusal);
    if (signal?.aborted) throw new IotError("Closed", { reason: "unsent" });
    request.since = this.clock.monotonic();
    for (const victim of this.queue.add(request)) {
      this.endWaiting(victim, () => new IotError("QueueDropped"));
    }
    if (signal) this.watch(signal, request);
    this.sender.added(request);
    if (request.state === "waiting") this.alarm.setFor(this.queue.nextExpiry());
    this.noteChange();
  }

  /** A signal gets one listener: one for each request costs as much as to send it. */
  private watch(signal: AbortSignal, request: PendingRequest): void {
    request.signal = signal;
    if (this.signals.has(signal)) return;
    this.signals.add(signal);
    const abort = () => {
      for (const other of [...this.sender.inFlight, ...this.reading, ...this.queue])
        if (other.signal === signal) this.abort(other);
    };
    signal.addEventListener("abort", abort, { once: true });
  }

  private abort(request: PendingRequest): void {
    if (request.state === "inFlight") this.abandon(request);
    else if (request.state === "waiting") this.queue.remove(request);
    request.close();
    this.noteChange();
  }

  // ---- what comes

  receive(topic: string, payload: Buffer): void {
    const passed = this.observed.probe.takes(topic, payload);
    if (this.sender.heard(passed) && passed !== undefined) this.repeatBefore(passed);
    if (passed !== undefined) this.sender.wakeClosed();
    else this.take(topic, payload);
    this.sender.came();
  }

  /** A message of more than 256 KiB begins: true where a request awaits so much. Of others nothing is kept. */
  receiveLarge(topic: string, bytes: number): boolean {
    const request = this.lanes.ofTopic(topic)?.inFlight[0];
    const allowed = request === undefined ? 0 : awaitedBytes(request, topic);
    if (request === undefined || allowed === 0) {
      this.receive(topic, NOTHING);
      return false;
    }
    this.sender.heard(undefined);
    if (bytes <= allowed) {
      // It takes its time on its way.
      request.deadline = Math.max(request.deadline, this.clock.monotonic() + request.timeout);
      return true;
    }
    const details = { size: bytes, allowed };
    this.take(topic, NOTHING, new IotError("AnswerTooLarge", { reason: "answer", details }));
    return false;
  }

  /** Pushes of this sensor are in flight, and their echo can tell how they ended. */
  awaitsEcho(sensorId: string): boolean {
    return (this.lanes.ofPushes(sensorId)?.inFlight.length ?? 0) > 0;
  }

  /** Live data of a sensor: perhaps the echo of a push. */
  receiveEcho(sensorId: string, data: LiveData): void {
    const now = this.clock.monotonic();
    const verdicts = this.lanes.ofPushes(sensorId)?.matcher.takeEcho?.(data, now);
    if (verdicts !== undefined) this.carryOut(verdicts, now);
  }

  private take(topic: string, payload: Buffer, tooLarge?: IotError): void {
    const now = this.clock.monotonic();
    const lane = this.lanes.ofTopic(topic);
    if (lane === undefined) this.observed.strangers.noteHarmless();
    else {
      this.carryOut(lane.matcher.take(topic, payload, now, tooLarge), now);
      this.sender.wake(lane);
    }
    this.noteChange();
  }

  private carryOut(verdicts: readonly Verdict[], now: number): void {
    for (const verdict of verdicts) {
      switch (verdict.is) {
        case "answered":
          this.succeed(verdict.request, verdict.result, now);
          break;
        case "long":
          void this.readInSteps(verdict.request, verdict.steps, now);
          break;
        case "failed":
          this.fail(verdict.request, verdict.error, now);
          break;
        case "uncertain":
          this.retryOrFail(verdict.request, verdict.error, now);
          break;
        case "held":
          verdict.request.deadline = Math.min(verdict.request.deadline, verdict.until);
          this.alarm.setFor(verdict.request.deadline);
          break;
        case "overdue":
          this.timeOut(verdict.request, now);
      }
    }
  }

  /** The agent was away for a while: what was sent before it came back is as after a lost connection. */
  private repeatBefore(back: number): void {
    const lost = [...this.sender.inFlight].filter((request) => request.sentAt < back && mayRepeat(request));
    for (const request of this.abandonAll(lost)) this.requeue(request);
  }

  // ---- time

  private tick(): void {
    const { echo, strangers } = this.observed;
    const now = this.clock.monotonic();
    for (const request of [...this.sender.inFlight]) {
      if (now < request.deadline || request.state !== "inFlight") continue;
      this.carryOut(request.lane.matcher.timeOut(request, now), now);
    }
    for (const request of this.queue.expire(now)) {
      const seconds = Math.round((now - request.since) / 1000);
      this.endWaiting(request, () => new IotError("QueueExpired", { details: { seconds } }));
    }
    this.sender.tick(now);
    echo.expire(now, !strangers.mayBeAbout(now));
    this.alarm.setFor(Math.min(this.queue.nextExpiry(), echo.wantedUntil, this.sender.nextTick(now)));
    this.noteChange();
  }

  // ---- how a request ends, or goes on

  private succeed(request: PendingRequest, result: unknown, now: number): void {
    this.endFlight(request, true, now);
    this.count.answered++;
    request.succeed(result);
    this.noteChange();
  }

  private fail(request: PendingRequest, error: IotError, now: number): void {
    this.endFlight(request, false, now);
    this.count.failed++;
    request.fail(error);
    this.noteChange();
  }

  /** It has its answer, so that the next may be sent; it ends when that is read. */
  private async readInSteps(request: PendingRequest, steps: Steps<unknown>, now: number): Promise<void> {
    this.endFlight(request, false, now);
    this.reading.add(request);
    request.read();
    try {
      request.succeed(await inSteps(steps, this.clock, () => request.state === "ended"));
      this.count.answered++;
    } catch (error) {
      request.fail(error as IotError);
      this.count.failed++;
    }
    this.reading.delete(request);
    this.noteChange();
  }

  /**
   * An error has come that may be another process's. A missing echo proves nothing, for a slow agent is late with both;
   * but only a request that the agent refuses gets an error each time: so it is sent again a few times.
   */
  private retryOrFail(request: PendingRequest, error: IotError, now: number): void {
    if (++request.uncertainErrors >= MOST_UNCERTAIN_ERRORS || !mayRepeat(request))
      return this.fail(request, error, now);
    this.sender.endFlight(request);
    this.requeue(request);
  }

  /** A request has its answer. */
  private endFlight(request: PendingRequest, isSuccess: boolean, now: number): void {
    const { lane } = request;
    this.sender.endFlight(request);
    // Of one that was sent twice, this can be the answer to the first, and the other still to come.
    if (request.attempts === 1) this.observed.probe.pass(request.sentAt);
    else lane.quarantine.prolong(request);
    lane.matcher.answered?.(request, isSuccess, now);
    this.observed.strangers.noteOurs();
  }

  private timeOut(request: PendingRequest, now: number): void {
    this.abandon(request);
    this.sender.unanswered(request, now);
    this.count.timedOut++;
    // What it waited for its turn counts, too: an earlier request may be owed an answer that could be taken for its own.
    const waited = request.sentAt - Math.max(request.since, this.openedAt);
    const seconds = waited < 500 ? request.timeout / 1000 : Math.round((waited + request.timeout) / 1000);
    request.fail(new IotError("ReplyTimeout", { details: { seconds } }));
  }

  /** It is waited for no more; its answer can still come. */
  private abandon(request: PendingRequest): void {
    request.lane.quarantine.abandon(request);
    this.sender.endFlight(request);
  }

  /** In the order sent, as late answers come; gives the last first, as they are requeued. */
  private abandonAll(requests: PendingRequest[]): PendingRequest[] {
    for (const request of requests) this.abandon(request);
    return requests.reverse();
  }

  /** It is sent again, before the others of its lane. */
  private requeue(request: PendingRequest): void {
    request.waitAgain();
    this.queue.requeue(request);
    this.sender.wake(request.lane);
  }

  /** One that waits, and will not be sent (again). */
  private endWaiting(request: PendingRequest, why: () => IotError): void {
    request.fail(request.attempts > 0 ? this.unknownOutcome() : why());
  }

  /** Of a request that was sent, and will not be sent again. */
  private unknownOutcome(): IotError {
    const { host = "", port = "" } = this.lastFailure?.details ?? {};
    return new IotError("ConnectionLost", { reason: "request", details: { host, port } });
  }

  /** Of a request that is sent no more, because the connection broke each time. */
  private breaksConnection({ attempts, bytes }: PendingRequest): IotError {
    const { host = "", port = "" } = this.lastFailure?.details ?? {};
    return new IotError("RequestBreaksConnection", { details: { host, port, attempts, size: bytes } });
  }

  /** Whoever is told may have much to look at, and hundreds of requests end in a turn. */
  private noteChange(): void {
    if (this.changeIsNoted) return;
    this.changeIsNoted = true;
    this.clock.soon(() => {
      this.changeIsNoted = false;
      this.onChange();
    });
  }
}

function mayRepeat({ route, attempts }: PendingRequest): boolean {
  return route.operation.repeatable && attempts < MOST_ATTEMPTS;
}

/** Each request gets an error of its own: the operation is written into it. */
function copyOf(error: IotError): IotError {
  return new IotError(error.name, { reason: error.reason, details: error.details, cause: error.cause });
}
