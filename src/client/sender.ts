/**
 * When a request is sent: in the order of its lane, with no more in flight than the broker is trusted with, and
 * never while an answer could be taken for another's.
 */
import type { Alarm } from "../time/alarm";
import { Chain } from "../collections/chain";
import type { Clock } from "../time/clock";
import type { Observations } from "./observations";
import { Fifo } from "../collections/fifo";
import type { Lane, PendingRequest } from "./lane";
import type { Lanes } from "./lanes";
import { Pace } from "./pace";
import { Presence } from "./presence";
import type { Queue } from "./queue";
import { isSuspect, Suspects } from "./suspects";

export type Publish = (topic: string, payload: string) => void;

export interface SenderSettings {
  /** Requests in flight over all lanes: the broker keeps 1,000 messages for us and drops what is more. */
  inFlight: number;
  /** Milliseconds. */
  requestTimeout: number;
}

export class Sender {
  /** What was sent and has not ended. */
  readonly inFlight = new Chain<PendingRequest>();
  readonly count = { sent: 0, repeated: 0 };
  private readonly ready = new Fifo<Lane>();
  /** Ready, too, but not before the others. */
  private readonly suspects = new Suspects();
  /** Lanes with waiting requests that only time will open. */
  private readonly closed = new Set<Lane>();
  private readonly presence: Presence;
  private readonly pace: Pace;
  private lanesInFlight = 0;
  private publish: Publish | undefined;
  private pumpIsDue = false;

  constructor(
    private readonly settings: SenderSettings,
    private readonly clock: Clock,
    private readonly alarm: Alarm,
    private readonly queue: Queue<PendingRequest>,
    private readonly lanes: Lanes,
    private readonly observed: Observations,
  ) {
    this.presence = new Presence(settings.requestTimeout);
    this.pace = new Pace(settings.inFlight);
  }

  open(publish: Publish, now: number): void {
    this.publish = publish;
    this.pace.restart(now);
    this.presence.becomeUncertain(now);
    this.suspects.restart(now);
    for (const lane of this.lanes.all()) this.wake(lane, now);
    this.pump();
  }

  /** The connection is gone. */
  close(now: number): void {
    this.publish = undefined;
    if (this.inFlight.size > 0) this.pace.slowDown(now);
  }

  /** The agent has said something, `answered` the fence of that time; true when it was away in between. */
  heard(answered: number | undefined): boolean {
    const presence = this.presence.heard(answered);
    if (presence === "present") return false;
    this.pumpSoon();
    const wasAway = presence === "back after a gap";
    if (wasAway) this.pace.slowDown(this.clock.monotonic());
    return wasAway;
  }

  /** A request got no answer. Unless a later one was answered, the agent may be away. */
  unanswered(request: PendingRequest, now: number): void {
    if (this.observed.fence.passed >= request.sentAt) return;
    this.pace.slowDown(now);
    if (this.presence.isCertain(now)) this.presence.becomeUncertain(now);
  }

  add(request: PendingRequest, now: number): void {
    request.lane.waiting.push(request);
    this.wake(request.lane, now);
    // A lone request goes at once; many go together, because each write costs a system call.
    if (this.inFlight.size === 0) this.pump();
    else this.pumpSoon();
  }

  /** A request is not in flight any more. */
  removeFromFlight(request: PendingRequest): void {
    const { lane } = request;
    this.inFlight.delete(request);
    lane.removeFromFlight(request);
    if (lane.inFlight.length > 0) return;
    this.lanesInFlight--;
    if (!this.isEchoCertain) lane.isByEcho = false;
  }

  /** Something has changed that could let a lane send. */
  wake(lane: Lane, now: number): void {
    if (lane.isReady) return;
    if (this.maySend(lane, now)) {
      lane.isReady = true;
      this.closed.delete(lane);
      this.ready.push(lane);
    } else if (lane.inFlight.length === 0 && lane.next() !== undefined) {
      this.closed.add(lane);
      this.alarm.setFor(this.nextLook(lane, now));
    }
  }

  /** Something has changed that could let any lane send. */
  wakeClosed(): void {
    const now = this.clock.monotonic();
    for (const lane of this.closed) this.wake(lane, now);
    this.pumpSoon();
  }

  /** Sends when what has already arrived is read: an answer that came twice at once then finds nobody waiting. */
  pumpSoon(): void {
    if (this.pumpIsDue) return;
    this.pumpIsDue = true;
    this.clock.soon(() => {
      this.pumpIsDue = false;
      this.pump();
    });
  }

  /** Time has passed. */
  tick(now: number): void {
    for (const lane of [...this.closed]) {
      if (lane.next() === undefined) this.closed.delete(lane);
      else this.wake(lane, now);
      if (this.closed.has(lane) && lane.needsFence(now)) this.sendFence(now);
    }
    this.pump();
  }

  /** When time matters next, for what is in flight or closed. */
  nextTick(now: number): number {
    let next = Math.min(this.presence.nextAsk(now), this.pace.nextRise(now));
    for (const request of this.inFlight) next = Math.min(next, request.deadline);
    for (const lane of this.closed) next = Math.min(next, this.nextLook(lane, now));
    return next;
  }

  private maySend(lane: Lane, now: number): boolean {
    const { echo, fence } = this.observed;
    this.chooseMode(lane, now);
    if (this.isLiveAwaited(lane, now)) return false;
    // Without live data what is in flight runs into its timeouts; then answers count again.
    if (lane.isByEcho && !echo.isUsable) return false;
    return lane.maySend(now, fence.passed, echo.isLearned);
  }

  /** Changes only between two requests: what is in flight ends as it was sent. */
  private chooseMode(lane: Lane, now: number): void {
    const { echo, fence, trust } = this.observed;
    const next = lane.next();
    if (next?.route.name !== "pushValues") return;
    if (!next.canEcho) {
      if (lane.inFlight.length === 0) lane.isByEcho = false;
      return;
    }
    const isUseful = lane.shouldUseEcho(now, fence.passed, this.isBusy) || trust.isUncertain(now);
    if (isUseful && this.publish) echo.want(now);
    if (lane.inFlight.length > 0) return;
    lane.isByEcho = isUseful && echo.isUsable && (this.isEchoCertain || !lane.owesOthers(next));
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

  private isLiveAwaited(lane: Lane, now: number): boolean {
    const { echo, trust } = this.observed;
    if (!echo.isAwaited(now) || !lane.next()?.canEcho) return false;
    return lane.isOwed || trust.isUncertain(now);
  }

  /** When a closed lane could open: by time, or by the next fence where it needs one. */
  private nextLook(lane: Lane, now: number): number {
    if (this.isLiveAwaited(lane, now)) return this.observed.echo.awaitedUntil;
    const opens = lane.opensAt(now);
    return this.publish && lane.needsFence(now) ? Math.min(opens, this.nextFence(now)) : opens;
  }

  private nextFence(now: number): number {
    const { pendingSince } = this.observed.fence;
    return pendingSince === undefined ? now : pendingSince + this.settings.requestTimeout;
  }

  private sendFence(now: number): void {
    if (this.publish === undefined || now < this.nextFence(now)) return;
    this.observed.fence.send(this.lanes.clientId, now, this.publish);
  }

  private pump(): void {
    if (this.publish === undefined) return;
    const now = this.clock.monotonic();
    if (!this.presence.isCertain(now)) return this.askForPresence(now);
    while (this.inFlight.size < this.pace.limit(now)) {
      const lane = this.nextLane(now);
      if (lane === undefined) return;
      lane.isReady = false;
      if (this.maySend(lane, now)) this.send(lane, now);
      this.wake(lane, now);
    }
    this.alarm.setFor(this.pace.nextRise(now));
  }

  /** The lane whose turn it is; suspects have theirs after the others, with nothing else in flight. */
  private nextLane(now: number): Lane | undefined {
    const { suspects } = this;
    const heldUntil = suspects.holdsUntil(now, this.inFlight);
    if (heldUntil <= now) {
      for (let lane = this.ready.shift(); lane; lane = this.ready.shift()) {
        if (!isSuspect(lane.next())) return lane;
        suspects.add(lane, now);
      }
      this.alarm.setFor(suspects.due);
    } else this.alarm.setFor(heldUntil);
    return this.inFlight.size === 0 ? suspects.take(now) : undefined;
  }

  private askForPresence(now: number): void {
    if (now >= this.presence.nextAsk(now) && this.publish !== undefined) {
      this.observed.fence.send(this.lanes.clientId, now, this.publish);
      this.presence.asked(now);
    }
    this.alarm.setFor(this.presence.nextAsk(now));
  }

  private send(lane: Lane, now: number): void {
    const request = lane.waiting.shift();
    if (request === undefined) return;
    this.queue.remove(request);
    request.topics = this.lanes.topicsOf(request);
    request.sentAt = now;
    request.sentTime = this.clock.now();
    request.deadline = now + request.timeout;
    if (++request.attempts > 1) {
      this.count.repeated++;
      request.onRepeat?.();
    }
    if (lane.inFlight.length === 0) this.lanesInFlight++;
    lane.send(request, this.observed.echo.isLearned);
    this.inFlight.add(request);
    this.presence.sent(now);
    this.count.sent++;
    this.alarm.setFor(request.deadline);
    this.publish?.(request.topics.publish, request.payload);
  }
}
