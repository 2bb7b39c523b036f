/**
 * When a request is sent: in the order of its lane, with no more in flight than the broker is trusted with, and never
 * while an answer could be taken for another's. Lanes that could send stand in line; each is asked when it is its turn.
 */
import { Chain } from "../../collections/chain";
import { Fifo } from "../../collections/fifo";
import type { Alarm } from "../../time/alarm";
import type { Clock } from "../../time/clock";
import type { RequestQueue } from "./queue";
import type { Lane, PendingRequest } from "./lane";
import type { Lanes } from "./lanes";
import type { Observations } from "./observations";
import { Nudge } from "./nudge";
import { Pace } from "./pace";
import type { Publish } from "./probe";
import { isSuspect, Suspects } from "./suspects";

export interface SenderSettings {
  /** Requests in flight over all lanes: the broker keeps 1,000 messages for us and drops what is more. */
  inFlight: number;
  /** Milliseconds. */
  requestTimeout: number;
}

/** From so many waiting pushes of one sensor on, more than one in flight is worth a second connection. */
const MANY_WAITING = 16;

export class Sender {
  /** What was sent and has not ended. */
  readonly inFlight = new Chain<PendingRequest>();
  readonly count = { sent: 0, repeated: 0 };
  /** Lanes in line, to be asked. */
  private readonly ready = new Fifo<Lane>();
  /** In line, too, but not before the others. */
  private readonly suspects = new Suspects();
  /** Lanes with waiting requests that were asked: only time, or the agent, will open them. */
  private readonly closed = new Set<Lane>();
  private readonly pace: Pace;
  private lanesInFlight = 0;
  private publish: Publish | undefined;
  private nudge: Nudge | undefined;
  private pumpIsDue = false;

  constructor(
    private readonly settings: SenderSettings,
    private readonly clock: Clock,
    private readonly alarm: Alarm,
    private readonly queue: RequestQueue,
    private readonly lanes: Lanes,
    private readonly observed: Observations,
  ) {
    this.pace = new Pace(settings.inFlight);
  }

  open(publish: Publish, nudge: () => void, now: number): void {
    this.publish = publish;
    this.nudge = new Nudge(this.clock, () => this.inFlight.size > 0, nudge);
    this.pace.restart(now);
    this.observed.probe.open(this.lanes.clientId, publish, now);
    this.suspects.restart(now);
    for (const lane of this.lanes.all()) this.lineUp(lane);
    this.pump();
  }

  /** The connection is gone. */
  close(now: number): void {
    this.publish = undefined;
    this.nudge?.close();
    this.nudge = undefined;
    if (this.inFlight.size > 0) this.pace.slowDown(now);
  }

  /** The agent has said something, `answered` the ping of that time; true when it was away in between. */
  heard(answered: number | undefined): boolean {
    const presence = this.observed.probe.heard(answered);
    if (presence === "present") return false;
    this.pumpSoon();
    const wasAway = presence === "back after a gap";
    if (wasAway) this.pace.slowDown(this.clock.monotonic());
    return wasAway;
  }

  /** A message has come, and was taken: others may be held back until the broker knows. */
  came(): void {
    this.nudge?.came();
  }

  /** A request got no answer. Unless a later one was answered, the agent may be away. */
  unanswered(request: PendingRequest, now: number): void {
    const { probe } = this.observed;
    if (probe.passed >= request.sentAt) return;
    this.pace.slowDown(now);
    if (probe.isPresent(now)) probe.becomeUncertain(now);
  }

  /** A request waits in its lane. */
  added({ lane }: PendingRequest): void {
    this.lineUp(lane);
    // It waits for the one in flight; with echoes it need not.
    if (!lane.isReady && lane.waiting.size >= MANY_WAITING) this.wantEchoes(lane);
    // A lone request goes at once; many go together, because each write costs a system call.
    if (this.inFlight.size === 0) this.pump();
    else this.pumpSoon();
  }

  /** A request is not in flight any more. */
  endFlight(request: PendingRequest): void {
    const { lane } = request;
    this.inFlight.delete(request);
    lane.endFlight(request);
    if (lane.inFlight.length === 0) {
      this.lanesInFlight--;
      if (!this.isEchoCertain) lane.matcher = lane.byAnswer;
    }
    this.lineUp(lane);
    this.pumpSoon();
  }

  /** Something has changed that could let a lane send. */
  wake(lane: Lane): void {
    if (this.lineUp(lane)) this.pumpSoon();
  }

  /** Something has changed that could let any lane send. */
  wakeClosed(): void {
    for (const lane of this.closed) this.lineUp(lane);
    this.pumpSoon();
  }

  /** Time has passed. */
  tick(now: number): void {
    for (const lane of this.closed) {
      if (this.nextLook(lane, now) > now) continue;
      this.closed.delete(lane);
      this.lineUp(lane);
    }
    this.pump();
    const { probe } = this.observed;
    if (this.publish === undefined || now < probe.nextSend(now)) return;
    for (const { quarantine } of this.closed)
      if (quarantine.needsPing(now, probe.passed)) return probe.send(now);
  }

  /** When time matters next, for what is in flight or closed. */
  nextTick(now: number): number {
    let next = Math.min(this.observed.probe.nextAsk(now), this.pace.nextRise(now));
    for (const request of this.inFlight) next = Math.min(next, request.deadline);
    for (const lane of this.closed) next = Math.min(next, this.nextLook(lane, now));
    return next;
  }

  // ---- whose turn it is

  /** It is asked when it is its turn. False where there is nothing new to ask. */
  private lineUp(lane: Lane): boolean {
    if (lane.isReady || lane.waiting.size === 0) return false;
    if (lane.inFlight.length > 0 && !lane.matcher.isForMany) return false;
    lane.isReady = true;
    this.closed.delete(lane);
    this.ready.push(lane);
    return true;
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
    const { probe } = this.observed;
    const now = this.clock.monotonic();
    if (!probe.isPresent(now)) {
      probe.ask(now);
      // Live data takes a while to come in, too.
      const first = this.ready.peek();
      if (first !== undefined) this.wantEchoes(first);
      return this.alarm.setFor(probe.nextAsk(now));
    }
    while (this.inFlight.size < this.pace.limit(now)) {
      const lane = this.nextLane(now);
      if (lane === undefined) return;
      lane.isReady = false;
      const { next } = lane;
      if (next === undefined) continue;
      if (this.maySend(lane, next, now)) this.send(next, now);
      else if (lane.inFlight.length === 0) this.shut(lane, now);
    }
    this.alarm.setFor(this.pace.nextRise(now));
  }

  /** The lane whose turn it is; suspects have theirs after the others, with nothing else in flight. */
  private nextLane(now: number): Lane | undefined {
    const { suspects } = this;
    const heldUntil = suspects.holdsUntil(now, this.inFlight);
    if (heldUntil <= now) {
      for (let lane = this.ready.shift(); lane; lane = this.ready.shift()) {
        if (!isSuspect(lane.next)) return lane;
        suspects.add(lane, now);
      }
      this.alarm.setFor(suspects.due);
    } else this.alarm.setFor(heldUntil);
    return this.inFlight.size === 0 ? suspects.take(now) : undefined;
  }

  private maySend(lane: Lane, next: PendingRequest, now: number): boolean {
    this.chooseMatcher(lane, next, now);
    return !this.isLiveAwaited(lane, next, now) && lane.matcher.maySend(next, now);
  }

  /** Changes only between two requests: what is in flight ends as it was sent. */
  private chooseMatcher(lane: Lane, next: PendingRequest, now: number): void {
    const { echo } = this.observed;
    const areWanted = this.wantEchoes(lane, next, now);
    if (lane.inFlight.length > 0) return;
    const isByEcho = areWanted && echo.isUsable && (this.isEchoCertain || !lane.quarantine.owesOthers(next));
    lane.matcher = isByEcho ? lane.byEcho : lane.byAnswer;
  }

  /** Whether echoes let the lane send what it could not send without them, or more, or are safer: then they are wanted. */
  private wantEchoes(lane: Lane, next = lane.next, now = this.clock.monotonic()): boolean {
    const { echo, probe, strangers } = this.observed;
    const { inFlight, quarantine, waiting } = lane;
    if (next?.canEcho !== true) return false;
    if (inFlight.length === 0) quarantine.forget(now, probe.passed);
    const areMany = waiting.size >= MANY_WAITING && !this.isBusy;
    if (!areMany && !quarantine.isOwed && !strangers.mayBeAbout(now)) return false;
    echo.want(now);
    return true;
  }

  /** Whether a push may be told by its echo alone: until that is known, an answer that is owed closes the lane (fault 44). */
  private get isEchoCertain(): boolean {
    const { echo } = this.observed;
    return echo.isLearned || echo.isExpected;
  }

  /** So many sensors have a request in flight, or about to be, that more of each would make nothing faster. */
  private get isBusy(): boolean {
    return this.lanesInFlight + this.ready.length >= this.settings.inFlight / 4;
  }

  private isLiveAwaited(lane: Lane, next: PendingRequest, now: number): boolean {
    const { echo, strangers } = this.observed;
    if (!echo.isAwaited(now) || !next.canEcho) return false;
    return lane.quarantine.isOwed || strangers.mayBeAbout(now);
  }

  // ---- sending

  private send(request: PendingRequest, now: number): void {
    const { lane } = request;
    this.queue.remove(request);
    const topics = this.lanes.topicsOf(request);
    request.send(topics, now, this.clock.now());
    if (request.attempts > 1) {
      this.count.repeated++;
      request.onRepeat?.();
    }
    if (lane.inFlight.length === 0) this.lanesInFlight++;
    lane.send(request);
    this.inFlight.add(request);
    this.observed.probe.noteRequest(now);
    this.count.sent++;
    this.alarm.setFor(request.deadline);
    this.publish?.(topics.publish, request.payload);
    this.nudge?.sent();
    this.lineUp(lane);
  }

  /** It is asked again when time, or the agent, has opened it. */
  private shut(lane: Lane, now: number): void {
    this.closed.add(lane);
    this.alarm.setFor(this.nextLook(lane, now));
  }

  /** When a closed lane could open: by time, or by the next ping where it needs one. */
  private nextLook(lane: Lane, now: number): number {
    const { echo, probe } = this.observed;
    const { next, matcher, quarantine } = lane;
    // What waited has gone.
    if (next === undefined) return now;
    if (this.isLiveAwaited(lane, next, now)) return echo.awaitedUntil;
    // What is owed does not matter.
    if (matcher.isForMany) return quarantine.restEnd;
    const opens = quarantine.nextLook(now, probe.passed);
    const isPinged = this.publish !== undefined && quarantine.needsPing(now, probe.passed);
    return isPinged ? Math.min(opens, probe.nextSend(now)) : opens;
  }
}
