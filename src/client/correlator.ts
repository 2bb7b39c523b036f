/**
 * Which answer belongs to which request, and when a request may be sent. No I/O: messages go out through
 * `publish` and come in through `receive`. What it cannot know it calls unknown, never a success or a failure.
 */
import { readError, type LiveData } from "../protocol/answers";
import { IotError } from "../protocol/errors";
import { invalid, show } from "../protocol/input";
import { MAX_PAYLOAD_BYTES } from "../protocol/limits";
import type { Parameters, Result } from "../protocol/operations";
import { checkId } from "../protocol/topics";
import type { Clock } from "./clock";
import { Echo, isEcho, LEARNING_MS } from "./echo";
import { Fence } from "./fence";
import { Fifo } from "./fifo";
import { Lane, REST_MS } from "./lane";
import { Queue, type QueueLimits } from "./queue";
import { PendingRequest, type RequestOptions } from "./request";
import { ROUTES, topicsOf, type RequestName, type RequestTopics, type Route } from "./routes";
import { Trust } from "./trust";

export interface CorrelatorSettings {
  /** Requests in flight over all lanes: the broker keeps 1,000 messages for us and drops what is more. */
  inFlight: number;
  /** Milliseconds. */
  requestTimeout: number;
  queue: QueueLimits;
}

export interface Counters {
  /** Requests sent, repeated ones too. */
  sent: number;
  /** Requests that ended well. */
  answered: number;
  /** Requests that the agent answered with an error, or with something unreadable. */
  failed: number;
  timedOut: number;
  /** Requests sent once more after a lost connection. */
  repeated: number;
  /** Answers that belong to no request: late, repeated, or to somebody else's. */
  strays: number;
  /** Strays that nobody here can have asked for: another process uses this identity, or answers come twice. */
  unasked: number;
  queued: number;
  queuedBytes: number;
  inFlight: number;
}

/** A request that broke the connection so often is not sent again: it may be what breaks it. */
const MOST_ATTEMPTS = 3;
/** Lanes kept for sensors that are not in use at the moment. */
const MOST_LANES = 20_000;
const MOST_TOPICS_A_LANE = 64;
const TIMER_STEP_MS = 5;
/** How long live data is still received after it was last of use; it costs as much as the answers. */
const ECHO_KEPT_MS = 60_000;
const ECHO_KEPT_IN_TRUST_MS = 5000;
/** How long a push waits for live data to come in, where its echo is wanted. */
const LIVE_FIRST_MS = 1000;
/** An answer that could be another request's waits for an echo that says more: so long while nothing is known, */
const HOLD_MS = 200;
/** and this part of the timeout when there are such answers. */
const HOLD_PART = 1 / 4;

export class Correlator {
  /** Something in `counters` has changed. */
  onChange: () => void = () => undefined;
  /** Live data of this client's pushes is of use, or is not any more. */
  onEchoWanted: (wanted: boolean) => void = () => undefined;

  private readonly queue: Queue<PendingRequest>;
  private readonly sent = new Set<PendingRequest>();
  private readonly lanes = new Map<string, Map<string, Lane>>();
  private laneCount = 0;
  private readonly laneOfTopic = new Map<string, Lane>();
  private readonly ready = new Fifo<Lane>();
  /** Lanes with waiting requests that only time will open. */
  private readonly closed = new Set<Lane>();
  private clientId: string | undefined;
  private publish: ((topic: string, payload: string) => void) | undefined;
  private refusal: IotError | undefined;
  private lastFailure: IotError | undefined;
  private readonly trust = new Trust();
  private pumpIsDue = false;
  private readonly echo = new Echo();
  private readonly fence = new Fence();
  private echoWantedUntil = 0;
  private livePendingUntil = 0;
  private timer: { at: number; cancel: () => void } | undefined;
  private readonly count = {
    sent: 0,
    answered: 0,
    failed: 0,
    timedOut: 0,
    repeated: 0,
    strays: 0,
    unasked: 0,
  };

  constructor(
    private readonly settings: CorrelatorSettings,
    private readonly clock: Clock,
  ) {
    this.queue = new Queue(settings.queue);
  }

  get isEchoWanted(): boolean {
    return this.echoWantedUntil > 0;
  }

  /** Live data comes in from now on, or does not any more. */
  setLive(isLive: boolean): void {
    this.echo.setLive(isLive);
    if (isLive) this.openClosed();
  }

  get counters(): Counters {
    const { count: queued, bytes: queuedBytes } = this.queue;
    return { ...this.count, queued, queuedBytes, inFlight: this.sent.size };
  }

  /** Takes a request: it ends with its result, or with the `IotError` that says why not. */
  submit<N extends RequestName>(
    name: N,
    parameters: Parameters<N>,
    options: RequestOptions = {},
  ): Promise<Result<N>> {
    return new Promise((resolve, reject) => {
      try {
        const request = this.prepare(
          ROUTES[name],
          parameters,
          options,
          resolve as (r: unknown) => void,
          reject,
        );
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
  open(clientId: string, publish: (topic: string, payload: string) => void): void {
    if (clientId !== this.clientId) this.forgetTopics();
    this.clientId = clientId;
    this.publish = publish;
    this.refusal = undefined;
    const now = this.clock.monotonic();
    this.trust.begin(now);
    this.livePendingUntil = now + LIVE_FIRST_MS;
    for (const lanes of this.lanes.values()) for (const lane of lanes.values()) this.wake(lane, now);
    this.pump();
  }

  /**
   * Nothing can be sent or received any more. What was sent has an unknown outcome: it is sent again where
   * that does no harm (`repeatable`), and otherwise ends as such.
   */
  close(failure: IotError): void {
    this.publish = undefined;
    this.lastFailure = failure;
    const now = this.clock.monotonic();
    for (const request of [...this.sent].reverse()) {
      this.leaveUnanswered(request);
      if (request.route.name === "pushValues") this.wantEcho(now);
      if (request.route.operation.repeatable && request.attempts < MOST_ATTEMPTS) {
        request.lane.waiting.unshift(request);
        this.queue.putBack(request);
      } else {
        request.fail(this.unknownOutcome());
      }
    }
    this.changed();
  }

  /** From now on, and until it opens again, requests end at once with this error; those that wait, too. */
  refuse(error: IotError): void {
    this.refusal = error;
    for (const request of this.queue.clear())
      request.fail(request.attempts > 0 ? this.unknownOutcome() : copyOf(error));
    this.changed();
  }

  /** Requests wait for the connection again. */
  accept(): void {
    this.refusal = undefined;
  }

  /** Ends everything, once. */
  stop(): void {
    this.publish = undefined;
    for (const request of [...this.sent]) {
      this.takeFromFlight(request);
      request.fail(new IotError("Closed", { reason: "sent" }));
    }
    for (const request of this.queue.clear()) {
      request.fail(new IotError("Closed", { reason: request.attempts > 0 ? "sent" : "unsent" }));
    }
    this.timer?.cancel();
    this.timer = undefined;
    this.changed();
  }

  receive(topic: string, payload: Buffer): void {
    const lane = this.laneOfTopic.get(topic);
    const request = lane?.inFlight[0];
    if (this.fence.takes(topic, payload)) this.openClosed();
    else if (lane === undefined) this.stray(undefined, topic, payload);
    else if (lane.isByEcho) this.countAnswer(lane, topic, payload);
    else if (request?.topics?.answers.includes(topic)) this.answer(request, topic, payload);
    else if (request?.topics?.errors.includes(topic)) this.error(request, topic, payload);
    else this.stray(lane, topic, payload);
  }

  /** Live data of a sensor: perhaps the echo of a push. */
  receiveEcho(sensorId: string, data: LiveData): void {
    const lane = this.lanes.get(ROUTES.pushValues.group)?.get(sensorId);
    if (lane === undefined) return;
    const request = lane.isByEcho && lane.inFlight.find(({ parameters }) => isEcho(parameters, data));
    if (!request) return;
    this.echo.learn(data.timestamp ?? 0, request.sentTime, this.clock.now());
    this.verdict(request, () => request.succeed(lane.text ?? ""), "answered");
    this.assignErrors(lane);
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
    const lane = this.laneOf(route, sensorId);
    const message = route.name === "pushValues" ? this.withTimestamp(lane, parameters) : parameters;
    const payload = route.operation.write(message);
    const bytes = Buffer.byteLength(payload);
    return new PendingRequest(route, lane, message, payload, bytes, timeout, onRepeat, resolve, reject);
  }

  /**
   * Every push has a timestamp, so that one that is sent again is the same, and one that we make differs from
   * every other of its sensor: its echo in live data identifies it. One that the user gave stays as it is.
   */
  private withTimestamp(lane: Lane, parameters: object): object {
    const { timestamp } = parameters as { timestamp?: number };
    if (timestamp !== undefined) return parameters;
    const isOfUse = this.isEchoWanted || this.trust.isDoubtful(this.clock.monotonic());
    const isLearning = isOfUse && !this.echo.isLearned && !this.echo.isAbsent;
    const now = Math.floor(this.clock.now()) - (isLearning ? LEARNING_MS : 0);
    // Not when the machine's time has jumped back: then it starts again from there.
    const follows = lane.lastTimestamp - now < 60_000 ? lane.lastTimestamp + 1 : now;
    lane.lastTimestamp = Math.max(now, follows);
    return { ...parameters, timestamp: lane.lastTimestamp };
  }

  private enqueue(request: PendingRequest, signal: AbortSignal | undefined): void {
    if (this.refusal) throw copyOf(this.refusal);
    if (signal?.aborted) throw new IotError("Closed", { reason: "unsent" });
    const now = this.clock.monotonic();
    request.since = now;
    for (const victim of this.queue.add(request)) {
      victim.fail(victim.attempts > 0 ? this.unknownOutcome() : new IotError("QueueDropped"));
    }
    if (signal) {
      const abort = () => this.abort(request);
      signal.addEventListener("abort", abort);
      request.release = () => signal.removeEventListener("abort", abort);
    }
    request.lane.waiting.push(request);
    this.wake(request.lane, now);
    // A lone request goes at once; many go together, because each write costs a system call.
    if (this.sent.size === 0) this.pump();
    else this.pumpSoon();
    if (request.queued) this.schedule(this.queue.nextExpiry());
    this.changed();
  }

  private abort(request: PendingRequest): void {
    const wasSent = request.attempts > 0;
    if (this.sent.has(request)) {
      const now = this.clock.monotonic();
      this.leaveUnanswered(request);
      this.wake(request.lane, now);
    }
    this.queue.remove(request);
    request.fail(new IotError("Closed", { reason: wasSent ? "sent" : "unsent" }));
    this.changed();
  }

  private laneOf({ group, perSensor }: Route, sensorId: string | undefined): Lane {
    let lanes = this.lanes.get(group);
    if (lanes === undefined) this.lanes.set(group, (lanes = new Map<string, Lane>()));
    const key = perSensor ? sensorId : "";
    let lane = typeof key === "string" ? lanes.get(key) : undefined;
    if (lane === undefined) {
      if (perSensor) checkId("sensorId", sensorId);
      if (this.laneCount >= MOST_LANES) this.forgetIdleLane(lanes);
      lane = new Lane(sensorId);
      lanes.set(key ?? "", lane);
      this.laneCount++;
    }
    return lane;
  }

  // ---- sending

  private wake(lane: Lane, now: number): void {
    if (lane.isReady) return;
    if (this.maySend(lane, now)) {
      lane.isReady = true;
      this.closed.delete(lane);
      this.ready.push(lane);
    } else if (lane.inFlight.length === 0 && lane.next() !== undefined) {
      this.closed.add(lane);
      this.schedule(this.nextLook(lane, now));
    }
  }

  private maySend(lane: Lane, now: number): boolean {
    this.chooseMode(lane, now);
    if (this.isLiveAwaited(lane, now)) return false;
    // Without live data what is in flight runs into its timeouts; then answers count again.
    if (lane.isByEcho && !this.echo.isUsable) return false;
    return lane.maySend(now, this.fence.passed, this.echo.isLearned);
  }

  /** Changes only between two requests: what is in flight ends as it was sent. */
  private chooseMode(lane: Lane, now: number): void {
    if (lane.next()?.route.name !== "pushValues") return;
    const gains = lane.gainsByEcho(now, this.fence.passed) || this.trust.isDoubtful(now);
    if (gains && this.publish) this.wantEcho(now);
    if (lane.inFlight.length === 0) lane.isByEcho = gains && this.echo.isUsable;
  }

  private wantEcho(now: number): void {
    const isNew = !this.isEchoWanted;
    this.echoWantedUntil = now + ECHO_KEPT_MS;
    if (!isNew) return;
    this.livePendingUntil = now + LIVE_FIRST_MS;
    this.schedule(this.echoWantedUntil);
    this.onEchoWanted(true);
  }

  private isLiveAwaited(lane: Lane, now: number): boolean {
    if (!this.isEchoWanted || this.echo.isLive || now >= this.livePendingUntil) return false;
    return lane.next()?.route.name === "pushValues" && (lane.isOwed || this.trust.isDoubtful(now));
  }

  private openClosed(): void {
    const now = this.clock.monotonic();
    for (const lane of this.closed) this.wake(lane, now);
    this.pumpSoon();
  }

  /** When a closed lane could be open; one in doubt needs a fence first, and another when that does not come back. */
  private nextLook(lane: Lane, now: number): number {
    if (this.isLiveAwaited(lane, now)) return this.livePendingUntil;
    const { pendingSince } = this.fence;
    const fence = pendingSince === undefined ? now : pendingSince + this.settings.requestTimeout;
    return this.publish && lane.isInDoubt(now) ? Math.min(lane.opensAt(now), fence) : lane.opensAt(now);
  }

  private sendFence(now: number): void {
    const { pendingSince } = this.fence;
    if (this.publish === undefined || this.clientId === undefined) return;
    if (pendingSince !== undefined && now < pendingSince + this.settings.requestTimeout) return;
    this.fence.send(this.clientId, now, this.publish);
  }

  /** Sends when what has already arrived is read: an answer that came twice at once then finds nobody waiting. */
  private pumpSoon(): void {
    if (this.pumpIsDue) return;
    this.pumpIsDue = true;
    this.clock.soon(() => {
      this.pumpIsDue = false;
      this.pump();
    });
  }

  private pump(): void {
    if (this.publish === undefined) return;
    const now = this.clock.monotonic();
    while (this.sent.size < this.settings.inFlight) {
      const lane = this.ready.shift();
      if (lane === undefined) return;
      lane.isReady = false;
      if (this.maySend(lane, now)) this.send(lane, now);
      this.wake(lane, now);
    }
  }

  private send(lane: Lane, now: number): void {
    const request = lane.waiting.shift();
    if (request === undefined) return;
    this.queue.remove(request);
    request.topics = this.topicsFor(request);
    request.sentAt = now;
    request.sentTime = this.clock.now();
    request.deadline = now + request.timeout;
    if (++request.attempts > 1) {
      this.count.repeated++;
      request.onRepeat?.();
    }
    if (lane.isByEcho) {
      lane.expectAnswer(request);
      request.isByAnswer = !this.echo.isLearned;
      if (request.isByAnswer) lane.text = undefined;
    }
    lane.inFlight.push(request);
    this.sent.add(request);
    this.count.sent++;
    this.schedule(request.deadline);
    this.publish?.(request.topics.publish, request.payload);
  }

  private topicsFor({ route, lane, parameters }: PendingRequest): RequestTopics {
    const { metricId } = parameters as { metricId?: string };
    const key = route.perMetric ? `${route.name} ${metricId}` : route.name;
    const known = lane.topics.get(key);
    if (known) return known;
    if (lane.topics.size >= MOST_TOPICS_A_LANE) this.forgetTopicsOf(lane);
    const topics = topicsOf(route, { clientId: this.clientId ?? "", sensorId: lane.sensorId, metricId });
    lane.topics.set(key, topics);
    for (const topic of [...topics.answers, ...topics.errors]) this.laneOfTopic.set(topic, lane);
    return topics;
  }

  // ---- answers

  private answer(request: PendingRequest, topic: string, payload: Buffer): void {
    const { operation } = request.route;
    let result: unknown;
    try {
      result = operation.read(readable(payload));
    } catch (error) {
      return this.verdict(request, () => request.fail(error as IotError), "failed");
    }
    if (operation.echoes && !operation.echoes(request.parameters, result)) {
      return this.stray(request.lane, topic, payload);
    }
    this.verdict(request, () => request.succeed(result), "answered");
  }

  private error(request: PendingRequest, topic: string, payload: Buffer): void {
    const error = readErrorOf(request, payload);
    if (error === undefined) return this.stray(request.lane, topic, payload);
    this.verdict(request, () => request.fail(error), "failed");
  }

  /** The answer of a push that its echo tells apart: it says that one was answered, not which. */
  private countAnswer(lane: Lane, topic: string, payload: Buffer): void {
    if (lane.answersDue === 0) return this.stray(lane, topic, payload);
    lane.answersDue--;
    const request = lane.inFlight[0];
    if (request?.topics?.errors.includes(topic)) {
      lane.heldErrors.push(readError(readableOrBad(payload)));
      lane.hasLateError ||= lane.mayBeLate(this.clock.monotonic(), this.fence.passed);
      this.assignErrors(lane);
    } else if (request) {
      lane.text = request.route.operation.read(readableOrBad(payload)) as string;
      if (request.isByAnswer) this.hold(request);
    }
  }

  /** An answer counts only when no echo says more for a while. */
  private hold(request: PendingRequest): void {
    const now = this.clock.monotonic();
    const part = request.timeout * HOLD_PART;
    request.deadline = Math.min(
      request.deadline,
      now + (this.trust.isDeceived(now) ? part : Math.min(HOLD_MS, part)),
    );
    this.schedule(request.deadline);
  }

  /**
   * When every push that is still in flight has an error to it, all others have had their echo, and no answer
   * is owed, the errors are theirs, in order. While the answers are in doubt an error is held.
   */
  private assignErrors(lane: Lane, isOverdue = false): void {
    const { heldErrors, inFlight } = lane;
    if (inFlight.length === 0) lane.forgetErrors();
    if (heldErrors.length === 0 || heldErrors.length !== inFlight.length) return;
    const now = this.clock.monotonic();
    const isOwed = lane.answersDue > 0 || lane.hasLateError;
    if (isOverdue && isOwed) return;
    if ((isOwed || this.trust.isDoubtful(now)) && !isOverdue)
      return inFlight.forEach((request) => this.hold(request));
    for (const error of lane.forgetErrors()) {
      const [request] = inFlight;
      if (request) this.verdict(request, () => request.fail(error), "failed");
    }
  }

  private verdict(request: PendingRequest, end: () => void, kind: "answered" | "failed"): void {
    const now = this.clock.monotonic();
    const { lane, payload, route } = request;
    this.takeFromFlight(request);
    // Of one that was sent twice, this can be the answer to the first, and the other still to come.
    if (request.attempts === 1) this.fence.pass(request.sentAt);
    else lane.stayClosed(request);
    this.count[kind]++;
    const isTold =
      kind === "answered" && route.operation.echoes !== undefined && payload !== lane.lastPayload;
    if (route.operation.echoes) lane.lastPayload = payload;
    // While answers come that nobody asked for, the next one on this lane could be this one's twin.
    if (this.trust.isDeceived(now) && !isTold && !lane.isByEcho) lane.rest(now + REST_MS);
    this.trust.answered();
    this.wake(lane, now);
    this.pumpSoon();
    end();
    this.changed();
  }

  /** An answer that belongs to no request in flight: one to a request that was given up, or to nobody's. */
  private stray(lane: Lane | undefined, topic: string, payload: Buffer): void {
    const now = this.clock.monotonic();
    this.count.strays++;
    const index = lane ? indexOfAnswered(lane, topic, payload) : -1;
    if (lane === undefined || index === -1) {
      this.count.unasked++;
      // On a topic that nobody here uses it does no harm.
      if (lane) this.trust.deceived(now);
    } else if (!this.trust.isDeceived(now) || tellsItself(lane.unanswered[index], topic)) {
      lane.unanswered.splice(index, 1);
      lane.rest(now + REST_MS);
      this.wake(lane, now);
    }
    this.changed();
  }

  // ---- time

  private timeOut(request: PendingRequest, now: number): void {
    const { lane } = request;
    if (lane.isByEcho) {
      this.assignErrors(lane, true);
      if (request.ended) return;
      const isMissed = lane.answersDue < lane.inFlight.length && lane.heldErrors.length === 0;
      if (isMissed && !this.trust.isDeceived(now)) this.echo.miss();
      const { text } = lane;
      // An agent whose echo was never seen: then its answer counts.
      if (request.isByAnswer && !this.echo.isLearned && text !== undefined && lane.heldErrors.length === 0) {
        return this.verdict(request, () => request.succeed(text), "answered");
      }
      // Whose they are is not known any more.
      lane.forgetErrors();
    }
    this.leaveUnanswered(request);
    this.count.timedOut++;
    this.wake(request.lane, now);
    request.fail(new IotError("ReplyTimeout", { details: { seconds: request.timeout / 1000 } }));
  }

  private leaveUnanswered(request: PendingRequest): void {
    this.takeFromFlight(request);
    request.lane.giveUp(request);
  }

  private takeFromFlight(request: PendingRequest): void {
    this.sent.delete(request);
    const { inFlight } = request.lane;
    inFlight.splice(inFlight.indexOf(request), 1);
    if (inFlight.length === 0) request.lane.forgetErrors();
  }

  /** One timer for whatever is due next: requests are many, and nearly all of them are answered. */
  private schedule(at: number): void {
    if (at === Infinity || (this.timer && this.timer.at <= at)) return;
    this.timer?.cancel();
    const wait = Math.max(TIMER_STEP_MS, at - this.clock.monotonic());
    this.timer = { at, cancel: this.clock.after(wait, () => this.tick()) };
  }

  private tick(): void {
    this.timer = undefined;
    const now = this.clock.monotonic();
    for (const request of [...this.sent]) {
      if (now >= request.deadline && !request.ended) this.timeOut(request, now);
    }
    for (const request of this.queue.expire(now)) {
      const seconds = Math.round((now - request.since) / 1000);
      request.fail(
        request.attempts > 0 ? this.unknownOutcome() : new IotError("QueueExpired", { details: { seconds } }),
      );
    }
    for (const lane of [...this.closed]) {
      if (lane.next() === undefined) this.closed.delete(lane);
      else this.wake(lane, now);
      if (this.closed.has(lane) && lane.isInDoubt(now)) this.sendFence(now);
    }
    this.pump();
    if (this.isEchoWanted && !this.trust.isDoubtful(now)) {
      this.echoWantedUntil = Math.min(this.echoWantedUntil, now + ECHO_KEPT_IN_TRUST_MS);
    }
    if (this.isEchoWanted && now >= this.echoWantedUntil) {
      this.echoWantedUntil = 0;
      this.onEchoWanted(false);
    }
    let next = Math.min(this.queue.nextExpiry(), this.echoWantedUntil || Infinity);
    for (const request of this.sent) next = Math.min(next, request.deadline);
    for (const lane of this.closed) next = Math.min(next, this.nextLook(lane, now));
    this.schedule(next);
    this.changed();
  }

  // ---- bounds

  private forgetTopics(): void {
    for (const lanes of this.lanes.values()) for (const lane of lanes.values()) lane.topics.clear();
    this.laneOfTopic.clear();
  }

  private forgetTopicsOf(lane: Lane): void {
    for (const { answers, errors } of lane.topics.values()) {
      for (const topic of [...answers, ...errors]) this.laneOfTopic.delete(topic);
    }
    lane.topics.clear();
  }

  private forgetIdleLane(lanes: Map<string, Lane>): void {
    const now = this.clock.monotonic();
    let tries = 100;
    for (const [key, lane] of lanes) {
      if (lane.isIdle(now)) {
        this.forgetTopicsOf(lane);
        lanes.delete(key);
        this.laneCount--;
        return;
      }
      if (--tries === 0) return;
    }
  }

  /** Of a request that was sent, and will not be sent again. */
  private unknownOutcome(): IotError {
    const { host = "", port = "" } = this.lastFailure?.details ?? {};
    return new IotError("ConnectionLost", { reason: "request", details: { host, port } });
  }

  private changed(): void {
    this.onChange();
  }
}

/** The error that an answer is, or `undefined` when it names what this request did not ask for. */
function readErrorOf({ route, parameters }: PendingRequest, payload: Buffer): IotError | undefined {
  let text: string;
  try {
    text = readable(payload);
  } catch (error) {
    return error as IotError;
  }
  const error = readError(text);
  const named = error.metrics;
  if (named === undefined || named.length === 0 || route.operation.ids === undefined) return error;
  const asked = new Set(route.operation.ids(parameters));
  return named.some((id) => asked.has(id)) ? error : undefined;
}

/** Whether the answer itself says that it is this request's. */
function tellsItself(request: PendingRequest | undefined, topic: string): boolean {
  return request?.route.operation.echoes !== undefined && request.topics?.answers.includes(topic) === true;
}

/** Text of any size: what is done with it only counts, or reads its error. */
function readableOrBad(payload: Buffer): string {
  return payload.length > MAX_PAYLOAD_BYTES ? "" : payload.toString();
}

/** The request that was given up and that this answer can be for; content decides where it can. */
function indexOfAnswered(lane: Lane, topic: string, payload: Buffer): number {
  return lane.unanswered.findIndex(({ topics, route: { operation }, parameters }) => {
    if (topics?.errors.includes(topic)) return true;
    if (!topics?.answers.includes(topic)) return false;
    if (operation.echoes === undefined) return true;
    try {
      return operation.echoes(parameters, operation.read(readable(payload)));
    } catch {
      return false;
    }
  });
}

function readable(payload: Buffer): string {
  if (payload.length > MAX_PAYLOAD_BYTES) {
    throw new IotError("BadReply", { details: { value: show(payload) } });
  }
  return payload.toString();
}

/** Each request gets an error of its own: the operation is written into it. */
function copyOf(error: IotError): IotError {
  return new IotError(error.name, { reason: error.reason, details: error.details, cause: error.cause });
}
