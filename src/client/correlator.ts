/**
 * Which answer belongs to which request, from being asked to its one end. No I/O: messages go out through
 * `publish` and come in through `receive`. What it cannot know it calls unknown, never a success or a failure.
 */
import type { LiveData } from "../protocol/answers";
import { IotError } from "../protocol/errors";
import { invalid } from "../protocol/input";
import type { Parameters, Result } from "../protocol/operations";
import type { Steps } from "../protocol/large-json";
import { MAX_PAYLOAD_BYTES } from "../protocol/limits";
import { Timestamps } from "../protocol/timestamps";
import { checkId } from "../protocol/topics";
import { Alarm } from "../time/alarm";
import type { Clock } from "../time/clock";
import { inSteps } from "../time/in-steps";
import type { Counters } from "./counters";
import { LEARNING_MS } from "./echo";
import { EchoVerdicts } from "./echo-verdicts";
import { Observations } from "./observations";
import { REST_MS, type Lane, type PendingRequest } from "./lane";
import { Lanes } from "./lanes";
import { Queue, type QueueLimits } from "./queue";
import { awaitedBytes, canAnswer, readErrorOf, identifiesItself } from "./replies";
import { RequestIn, type RequestOptions } from "./request";
import { ROUTES, type RequestName, type Route } from "./routes";
import { Sender, type Publish, type SenderSettings } from "./sender";
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

  private readonly queue: Queue<PendingRequest>;
  private readonly lanes = new Lanes();
  private readonly observed = new Observations();
  private readonly alarm: Alarm;
  private readonly sender: Sender;
  private readonly echoVerdicts: EchoVerdicts;
  /** Requests whose answer has come and is being read. */
  private readonly reading = new Set<PendingRequest>();
  private readonly signals = new WeakSet<AbortSignal>();
  private changeIsNoted = false;
  private refusal: IotError | undefined;
  private lastFailure: IotError | undefined;
  private openedAt = 0;
  private readonly count = { answered: 0, failed: 0, timedOut: 0, strays: 0, unasked: 0 };

  constructor(
    private readonly settings: CorrelatorSettings,
    private readonly clock: Clock,
    private readonly timestamps = new Timestamps(),
  ) {
    const { lanes, observed } = this;
    this.queue = new Queue(settings.queue);
    this.alarm = new Alarm(clock, () => this.tick());
    this.sender = new Sender(settings, clock, this.alarm, this.queue, lanes, observed);
    this.echoVerdicts = new EchoVerdicts(clock, this.alarm, observed, {
      succeed: (request, result) => this.succeed(request, result),
      fail: (request, error) => this.fail(request, error),
      retryOrFail: (request, error) => this.retryOrFail(request, error),
    });
    observed.echo.onWanted = (wanted) => {
      this.alarm.setFor(observed.echo.wantedUntil);
      this.onEchoWanted(wanted);
    };
  }

  get isEchoWanted(): boolean {
    return this.observed.echo.isWanted;
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

  get counters(): Counters {
    const { queue, sender } = this;
    const { sent, repeated } = sender.count;
    const { answered, failed, timedOut, strays, unasked } = this.count;
    const { count: queued, bytes: queuedBytes } = queue;
    const inFlight = sender.inFlight.size;
    // Not spread: that takes many times as long, and whoever is told of a change asks for them.
    return { sent, answered, failed, timedOut, repeated, strays, unasked, queued, queuedBytes, inFlight };
  }

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

  /** Requests may be sent: every subscription of this client is confirmed. */
  open(clientId: string, publish: Publish): void {
    this.refusal = undefined;
    const now = this.clock.monotonic();
    this.observed.trust.begin(now);
    this.observed.echo.awaitLive(now);
    this.lanes.setClient(clientId);
    this.openedAt = now;
    this.sender.open(publish, now);
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

  /** The agent was away for a while: what was sent before it came back is as after a lost connection. */
  private repeatBefore(back: number): void {
    const now = this.clock.monotonic();
    const lost = [...this.sender.inFlight].filter((request) => request.sentAt < back && mayRepeat(request));
    for (const request of this.abandonAll(lost)) {
      this.requeue(request);
      this.sender.wake(request.lane, now);
    }
  }

  /** It is sent again, before the others of its lane. */
  private requeue(request: PendingRequest): void {
    request.lane.waiting.unshift(request);
    this.queue.requeue(request);
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
    for (const request of [...this.sender.inFlight]) {
      this.sender.removeFromFlight(request);
      request.close();
    }
    for (const request of [...this.reading, ...this.queue.clear()]) request.close();
    this.alarm.cancel();
    this.noteChange();
  }

  receive(topic: string, payload: Buffer): void {
    const lane = this.lanes.ofTopic(topic);
    const request = lane?.inFlight[0];
    const passed = this.observed.fence.takes(topic, payload);
    if (this.sender.heard(passed) && passed !== undefined) this.repeatBefore(passed);
    if (passed !== undefined) this.sender.wakeClosed();
    else if (lane?.isByEcho) {
      if (this.echoVerdicts.takeAnswer(lane, topic, payload)) return;
      this.stray(lane, topic, payload);
    } else if (request?.topics?.answers.includes(topic)) this.answer(request, topic, payload);
    else if (request?.topics?.errors.includes(topic)) this.error(request, topic, payload);
    else this.stray(lane, topic, payload);
  }

  /** A message of more than 256 KiB begins: true where a request awaits so much. Of others nothing is kept. */
  receiveLarge(topic: string, bytes: number): boolean {
    const lane = this.lanes.ofTopic(topic);
    const request = lane?.inFlight[0];
    const allowed = request === undefined ? 0 : awaitedBytes(request, topic);
    const isAwaited = request !== undefined && allowed > 0;
    if (isAwaited && bytes <= allowed) {
      this.sender.heard(undefined);
      // It takes its time on its way.
      request.deadline = Math.max(request.deadline, this.clock.monotonic() + request.timeout);
      return true;
    }
    if (isAwaited && !lane?.isByEcho) {
      this.sender.heard(undefined);
      this.fail(
        request,
        new IotError("AnswerTooLarge", { reason: "answer", details: { size: bytes, allowed } }),
      );
    } else this.receive(topic, NOTHING);
    return false;
  }

  /** Pushes of this sensor are in flight, and their echo can tell how they ended. */
  awaitsEcho(sensorId: string): boolean {
    return (this.lanes.ofPushes(sensorId)?.inFlight.length ?? 0) > 0;
  }

  /** Live data of a sensor: perhaps the echo of a push. */
  receiveEcho(sensorId: string, data: LiveData): void {
    const lane = this.lanes.ofPushes(sensorId);
    if (lane) this.echoVerdicts.takeEcho(lane, data);
  }

  // ---- taking requests

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
    const { echo, trust } = this.observed;
    const isOfUse = echo.isWanted || trust.isUncertain(this.clock.monotonic());
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
    const now = this.clock.monotonic();
    request.since = now;
    for (const victim of this.queue.add(request)) {
      this.endWaiting(victim, () => new IotError("QueueDropped"));
    }
    if (signal) this.watch(signal, request);
    this.sender.add(request, now);
    if (this.queue.has(request)) this.alarm.setFor(this.queue.nextExpiry());
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
    if (this.sender.inFlight.has(request)) {
      this.abandon(request);
      this.sender.wake(request.lane, this.clock.monotonic());
    }
    this.queue.remove(request);
    request.close();
    this.noteChange();
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

  // ---- answers

  private answer(request: PendingRequest, topic: string, payload: Buffer): void {
    const { operation } = request.route;
    if (operation.large && payload.length > MAX_PAYLOAD_BYTES) {
      return void this.answerInSteps(request, operation.large.read(payload));
    }
    let result: unknown;
    try {
      result = operation.read(payload.toString());
    } catch (error) {
      return this.fail(request, error as IotError);
    }
    if (operation.echoes && !operation.echoes(request.parameters, result)) {
      return this.stray(request.lane, topic, payload);
    }
    this.succeed(request, result);
  }

  /** It has its answer, so that the next may be sent; it ends when that is read. */
  private async answerInSteps(request: PendingRequest, steps: Steps<unknown>): Promise<void> {
    this.endFlight(request, false);
    this.reading.add(request);
    try {
      request.succeed(await inSteps(steps, this.clock, () => request.ended));
      this.count.answered++;
    } catch (error) {
      request.fail(error as IotError);
      this.count.failed++;
    }
    this.reading.delete(request);
    this.noteChange();
  }

  private error(request: PendingRequest, topic: string, payload: Buffer): void {
    const error = readErrorOf(request, payload);
    if (error === undefined) this.stray(request.lane, topic, payload);
    else this.fail(request, error);
  }

  private succeed(request: PendingRequest, result: unknown): void {
    const { lane, payload, route } = request;
    this.endFlight(request, route.operation.echoes !== undefined && payload !== lane.lastPayload);
    this.count.answered++;
    request.succeed(result);
    this.noteChange();
  }

  private fail(request: PendingRequest, error: IotError): void {
    this.endFlight(request, false);
    this.count.failed++;
    request.fail(error);
    this.noteChange();
  }

  /**
   * An error has come that may be another process's. A missing echo proves nothing, for a slow agent is late with both;
   * but only a request that the agent refuses gets an error each time: so it is sent again a few times.
   */
  private retryOrFail(request: PendingRequest, error: IotError): void {
    if (++request.uncertainErrors >= MOST_UNCERTAIN_ERRORS || !mayRepeat(request))
      return this.fail(request, error);
    this.sender.removeFromFlight(request);
    this.requeue(request);
    this.sender.wake(request.lane, this.clock.monotonic());
    this.sender.pumpSoon();
  }

  /** A request has its answer; `isIdentified` when the answer itself says that it is this request's. */
  private endFlight(request: PendingRequest, isIdentified: boolean): void {
    const { fence, trust } = this.observed;
    const { lane, payload, route } = request;
    const now = this.clock.monotonic();
    this.sender.removeFromFlight(request);
    // Of one that was sent twice, this can be the answer to the first, and the other still to come.
    if (request.attempts === 1) fence.pass(request.sentAt);
    else lane.stayClosed(request);
    if (route.operation.echoes) lane.lastPayload = payload;
    // While answers come that nobody asked for, the next one on this lane could be a repetition of this one.
    if (trust.isDistrusted(now) && !isIdentified && !lane.isByEcho) lane.rest(now + REST_MS);
    trust.answered();
    this.sender.wake(lane, now);
    this.sender.pumpSoon();
  }

  /** An answer that belongs to no request in flight: one to a request that was given up, or to nobody's. */
  private stray(lane: Lane | undefined, topic: string, payload: Buffer): void {
    const { trust } = this.observed;
    const now = this.clock.monotonic();
    // Of a push that its echo has told already.
    if (lane?.takeDue()) return this.sender.wake(lane, now);
    this.count.strays++;
    const late = lane?.unanswered.find((request) => canAnswer(request, topic, payload));
    if (lane === undefined || late === undefined) {
      this.count.unasked++;
      // On a topic that nobody here uses it does no harm.
      if (lane) trust.noteUnasked(now);
    } else if (
      !lane.isByEcho &&
      (!trust.isDistrusted(now) || identifiesItself(late, topic)) &&
      lane.takeLate(late)
    ) {
      // Where echoes tell pushes apart the lane is open, and one answer that came twice must not hide a late error.
      lane.rest(now + REST_MS);
      this.sender.wake(lane, now);
    }
    this.noteChange();
  }

  // ---- time

  private tick(): void {
    const { echo, trust } = this.observed;
    const now = this.clock.monotonic();
    for (const request of [...this.sender.inFlight]) {
      if (now >= request.deadline && !request.ended) this.timeOut(request, now);
    }
    for (const request of this.queue.expire(now)) {
      const seconds = Math.round((now - request.since) / 1000);
      this.endWaiting(request, () => new IotError("QueueExpired", { details: { seconds } }));
    }
    this.sender.tick(now);
    echo.expire(now, !trust.isUncertain(now));
    this.alarm.setFor(Math.min(this.queue.nextExpiry(), echo.wantedUntil, this.sender.nextTick(now)));
    this.noteChange();
  }

  private timeOut(request: PendingRequest, now: number): void {
    if (request.lane.isByEcho) {
      this.echoVerdicts.timeOut(request, now);
      // It has ended, or is sent again.
      if (request.ended || this.queue.has(request)) return;
    }
    this.abandon(request);
    this.sender.unanswered(request, now);
    this.count.timedOut++;
    this.sender.wake(request.lane, now);
    // What it waited for its turn counts, too: an earlier request may be owed an answer that could be taken for its own.
    const waited = request.sentAt - Math.max(request.since, this.openedAt);
    const seconds = waited < 500 ? request.timeout / 1000 : Math.round((waited + request.timeout) / 1000);
    request.fail(new IotError("ReplyTimeout", { details: { seconds } }));
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

  /** In the order sent, as late answers come; gives the last first, as they are put back. */
  private abandonAll(requests: PendingRequest[]): PendingRequest[] {
    for (const request of requests) this.abandon(request);
    return requests.reverse();
  }

  /** It is waited for no more; its answer can still come. */
  private abandon(request: PendingRequest): void {
    this.sender.removeFromFlight(request);
    request.lane.abandon(request);
  }
}

function mayRepeat({ route, attempts }: PendingRequest): boolean {
  return route.operation.repeatable && attempts < MOST_ATTEMPTS;
}

/** Each request gets an error of its own: the operation is written into it. */
function copyOf(error: IotError): IotError {
  return new IotError(error.name, { reason: error.reason, details: error.details, cause: error.cause });
}
