/** The lanes that there are, and which one a topic belongs to: bounded, however many sensors come and go. */
import { Fifo } from "../../collections/fifo";
import { checkId } from "../../protocol/topics";
import { ByAnswer } from "./by-answer";
import { ByEcho } from "./by-echo";
import { Lane, type PendingRequest } from "./lane";
import type { Observations } from "./observations";
import { ROUTES, topicsOf, type RequestTopics, type Route } from "./routes";

/** Lanes kept for sensors that are not in use at the moment. */
const MOST_LANES = 20_000;
const MOST_TOPICS_A_LANE = 64;
/** Topics of single metrics are kept for so many of them: an inventory asks for each metric once. */
const MOST_METRICS = 10_000;
/** One that is in use is passed over when room is to be made, but not for long. */
const MOST_TRIES = 100;

export class Lanes {
  /** By group, then by sensor. */
  private readonly groups = new Map<string, Map<string, Lane>>();
  private readonly byTopic = new Map<string, Lane>();
  /** Topics of single metrics, oldest first. */
  private readonly ofMetrics = new Fifo<{ lane: Lane; key: string; topics: RequestTopics; level: string }>();
  private count = 0;
  private client = "";

  constructor(private readonly observed: Observations) {}

  get clientId(): string {
    return this.client;
  }

  /** Topics are a client's: another one's are built anew. */
  setClient(clientId: string): void {
    if (clientId === this.client) return;
    this.client = clientId;
    for (const lane of this.all()) lane.topics.clear();
    this.byTopic.clear();
  }

  *all(): Iterable<Lane> {
    for (const lanes of this.groups.values()) yield* lanes.values();
  }

  /** The lane of a request; throws `InvalidInput` where its sensor ID is none. */
  of({ group, perSensor }: Route, sensorId: string | undefined, now: number): Lane {
    let lanes = this.groups.get(group);
    if (lanes === undefined) this.groups.set(group, (lanes = new Map<string, Lane>()));
    const key = perSensor ? sensorId : "";
    let lane = typeof key === "string" ? lanes.get(key) : undefined;
    if (lane === undefined) {
      if (perSensor) checkId("sensorId", sensorId);
      if (this.count >= MOST_LANES) this.forgetIdle(lanes, now);
      lane = this.makeLane(sensorId);
      lanes.set(key ?? "", lane);
      this.count++;
    }
    return lane;
  }

  /** The lane of a sensor's pushes, where there were any. */
  ofPushes(sensorId: string): Lane | undefined {
    return this.groups.get(ROUTES.pushValues.group)?.get(sensorId);
  }

  ofTopic(topic: string): Lane | undefined {
    return this.byTopic.get(topic);
  }

  topicsOf({ route, lane, parameters }: PendingRequest): RequestTopics {
    const { metricId } = parameters as { metricId?: string };
    const key = route.perMetric ? `${route.name} ${metricId}` : route.name;
    const known = lane.topics.get(key);
    if (known) return known;
    if (lane.topics.size >= MOST_TOPICS_A_LANE) this.forgetTopicsOf(lane);
    const topics = topicsOf(route, { clientId: this.client, sensorId: lane.sensorId, metricId });
    lane.topics.set(key, topics);
    for (const topic of [...topics.answers, ...topics.errors]) this.byTopic.set(topic, lane);
    if (route.perMetric) {
      this.ofMetrics.push({ lane, key, topics, level: `/metric/${metricId}/` });
      if (this.ofMetrics.length > MOST_METRICS) this.forgetOldestMetric();
    }
    return topics;
  }

  private makeLane(sensorId: string | undefined): Lane {
    return new Lane(sensorId, (lane) => ({
      byAnswer: new ByAnswer(lane, this.observed),
      byEcho: new ByEcho(lane, this.observed),
    }));
  }

  private forgetOldestMetric(): void {
    const oldest = this.ofMetrics.shift();
    if (oldest === undefined || oldest.lane.topics.get(oldest.key) !== oldest.topics) return;
    const { lane, key, topics, level } = oldest;
    lane.topics.delete(key);
    for (const topic of [...topics.answers, ...topics.errors]) {
      // The others are those of the sensor.
      if (topic.includes(level)) this.byTopic.delete(topic);
    }
  }

  private forgetTopicsOf(lane: Lane): void {
    for (const { answers, errors } of lane.topics.values()) {
      for (const topic of [...answers, ...errors]) this.byTopic.delete(topic);
    }
    lane.topics.clear();
  }

  private forgetIdle(lanes: Map<string, Lane>, now: number): void {
    let tries = MOST_TRIES;
    for (const [key, lane] of lanes) {
      if (lane.isIdle(now)) {
        this.forgetTopicsOf(lane);
        lanes.delete(key);
        this.count--;
        return;
      }
      if (--tries === 0) return;
    }
  }
}
