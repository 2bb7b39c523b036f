/**
 * A push node with a table, or with a say in when values are reported: from a message to pushes, and what is pushed when
 * time alone makes it: ends of windows, heartbeats. The rim of `src/points`.
 */
import { Gatherer } from "../../src/points/gatherer";
import { makeValues, type MadeValue, type Plan, type Point } from "../../src/points/plan";
import { groupPushes, type PointPush } from "../../src/points/pushes";
import type { Problem } from "../../src/points/read-table";
import { Reporter, type Report } from "../../src/points/reporter";
import type { Strategy } from "../../src/points/strategy";
import { IotError } from "../../src/protocol/errors";
import { invalid } from "../../src/protocol/input";
import { checkId } from "../../src/protocol/topics";
import { Alarm } from "../../src/time/alarm";
import { messageOfPush } from "../agent/store-and-forward";
import { fieldReader } from "../shared/fields";
import { whenFlowsStarted } from "../shared/flows-started";
import type { Message, NodeAPI } from "../shared/node-red";
import { FailureWith, reasonOf, type Answer } from "../shared/outputs";
import type { Input, Life } from "../shared/palette-node";
import { splitFailure } from "../shared/partial-failure";
import { answerOf, failedOf, idsOf, type Sent } from "./answer";
import { LeftBehind } from "./left-behind";
import { SureNames } from "./make-sure";
import type { PROPERTIES } from "./properties";
import { readStrategy, readTogether } from "./report-settings";
import { rowsFailure } from "./row-problems";
import { TableSource } from "./table-source";
import { readTimestamp } from "./times";
import { readValues } from "./values";

type PushInput = Input<typeof PROPERTIES>;
type PushLife = Life<typeof PROPERTIES>;

/** A value for a metric, and when it is to be sent. */
interface Offer extends Report {
  strategy: Strategy;
}

/** What a message has for metrics, and what its rows could not make. */
interface Given {
  offers: Offer[];
  problems: Problem[];
}

/** Milliseconds: what is due meanwhile goes with it. */
const ROUND_MS = 20;
/** Heartbeats wait for the connection. */
const LOOK_MS = 1000;

export class Points {
  private readonly strategy: Strategy;
  private readonly reporter = new Reporter();
  private readonly gatherer: Gatherer<Sent>;
  private readonly alarm: Alarm;
  private readonly table: TableSource;
  private readonly names: SureNames;
  private readonly left: LeftBehind | undefined;
  private readonly flows: ReturnType<typeof whenFlowsStarted>;
  private readonly together: number;
  /** Pushes that no message waits for, and that have not ended. */
  private readonly late = new Set<PointPush>();
  /** What an earlier run left goes before what comes now. */
  private begun: Promise<void> | undefined;
  private hasBegun: () => void = () => undefined;
  /** No value is taken any more. `replaced`: a node with the same ID goes on, now or after a restart. */
  private ended: "replaced" | "removed" | undefined;
  /** What had not ended when the node stopped is the next one's. */
  private isKept = false;
  private clientId: string | undefined;
  private readonly stopListening: () => void;

  /** Throws `InvalidInput` that names a setting. */
  constructor(
    private readonly RED: NodeAPI,
    private readonly life: PushLife,
  ) {
    const { agent, config, node } = life;
    this.strategy = readStrategy(config);
    this.together = readTogether(config);
    this.gatherer = new Gatherer(this.together, (push) => this.send(push), agent.clock);
    this.alarm = new Alarm(agent.clock, () => this.ring());
    this.table = new TableSource(RED, config, this.strategy);
    this.names = new SureNames(agent);
    this.left = agent.directory === undefined ? undefined : new LeftBehind(agent.directory, node.id);
    this.stopListening = agent.onDone((operation, parameters) => this.noteDeleted(operation, parameters));
    this.flows = whenFlowsStarted(RED);
    if (this.left !== undefined) this.begun = new Promise((resolve) => (this.hasBegun = resolve));
    this.flows.run(() => void this.begin());
  }

  async serve(input: PushInput): Promise<Answer> {
    const { config, message } = input;
    if (this.begun !== undefined) await this.begun;
    const { offers, problems } =
      config.tableType === "none" ? await fromValues(input, this.strategy) : await this.fromTable(input);
    if (problems.length > 0 && config.incomplete === "refuse") throw rowsFailure(this.RED, problems);
    // What would wait now, nobody would send.
    if (this.ended !== undefined) throw new IotError("Closed", { reason: "unsent" });
    const now = this.moment();
    this.watchClient();
    const isForced = message.report === true;
    const due = offers.filter((offer) => this.reporter.offer(offer, offer.strategy, now, isForced));
    this.setAlarm();
    const pushes = groupPushes(due, 0);
    const results = await Promise.allSettled(pushes.map((push) => this.gatherer.add(push)));
    const answer = answerOf(this.RED, pushes, results, problems, {
      sent: due.length,
      held: offers.length - due.length,
    });
    return config.delivery === "store" ? { ...answer, isAccepted: true } : answer;
  }

  status(): object {
    const { received, sent, suppressed, waiting, repeated } = this.reporter.counts;
    return { reports: { received, sent, suppressed: { ...suppressed }, waiting, repeated } };
  }

  /** The agent does not have these values. */
  forget(sensorId: string, metricIds: readonly string[]): void {
    this.reporter.forget(sensorId, metricIds);
  }

  /** What waits is kept for the node that takes this one's place, or sent where none does. */
  async close(isRemoved: boolean): Promise<void> {
    this.ended = isRemoved ? "removed" : "replaced";
    this.alarm.cancel();
    this.table.close();
    this.flows.forget();
    this.hasBegun();
    this.stopListening();
    const pushes = groupPushes(this.reporter.flush(this.moment().now), this.together);
    this.gatherer.flush();
    if (isRemoved || !(await this.keep([...this.late, ...pushes])))
      await Promise.all(pushes.map((push) => this.sendLate(push)));
  }

  private async keep(pushes: readonly PointPush[]): Promise<boolean> {
    if (pushes.length === 0) return true;
    if (this.left === undefined) return false;
    this.isKept = true;
    return this.left.keep(pushes).then(
      () => true,
      () => (this.isKept = false),
    );
  }

  /** What an earlier run left is sent, and what is wrong with the node's own table is told. */
  private async begin(): Promise<void> {
    void this.sendLeft();
    if (!this.table.isOwn) return;
    try {
      const { problems } = await this.table.read();
      if (problems.length > 0) throw rowsFailure(this.RED, problems);
    } catch (error) {
      this.life.showResult(reasonOf(error));
      this.life.outputs.raise(error);
    }
  }

  private async sendLeft(): Promise<void> {
    const pushes = (await this.left?.take()) ?? [];
    // Stopped while it was read: the next one reads it.
    if (this.ended === "replaced") return;
    const sent = Promise.all(pushes.map((push) => this.sendLate(push)));
    this.begun = undefined;
    this.hasBegun();
    await sent;
    if (pushes.length > 0 && !this.isKept) await this.left?.forget();
  }

  private async fromTable(input: PushInput): Promise<Given> {
    const { config, message, field } = input;
    const plan = await this.table.read(() => field("table"));
    const values = await field("values");
    const time = await readTime(input);
    const problems = config.incomplete === "refuse" ? [...plan.problems] : [];
    const worked = await this.workOut(plan.points, message, problems);
    const skips = config.incomplete === "skip";
    const made = makeValues(plan.points, values, message, { skips, worked });
    problems.push(...made.problems);
    return { offers: await this.toOffers(made.made, plan, input, time, problems), problems };
  }

  private async toOffers(
    made: readonly MadeValue[],
    plan: Plan,
    { field, message, request, steps }: PushInput,
    time: number | undefined,
    problems: Problem[],
  ): Promise<Offer[]> {
    const sensorId = plan.needsSensor
      ? checkId("sensor", (await field("sensor")) ?? message.sensorId)
      : undefined;
    const offers = this.offersOf(made, sensorId, time);
    if (offers.length === made.length) return offers;
    await this.names.makeSure(plan.points, sensorId, { request, steps });
    for (const { point } of made)
      if (this.names.find(point, sensorId) === undefined) problems.push(this.names.problemOf(point));
    return this.offersOf(made, sensorId, time);
  }

  /** Of those whose IDs are known. */
  private offersOf(
    made: readonly MadeValue[],
    sensorId: string | undefined,
    time: number | undefined,
  ): Offer[] {
    const offers: Offer[] = [];
    for (const { point, value } of made) {
      const ids = this.names.find(point, sensorId);
      if (ids === undefined) continue;
      offers.push({ sensorId: ids.sensorId, metricId: ids.metricId, value, time, strategy: point.strategy });
    }
    return offers;
  }

  /** What the expressions of the rows give; one that cannot be worked out is told by its row. */
  private async workOut(
    points: readonly Point[],
    message: Message,
    problems: Problem[],
  ): Promise<Map<Point, unknown> | undefined> {
    const expressions = points.filter(({ source }) => source.in === "expression");
    if (expressions.length === 0) return undefined;
    const worked = new Map<Point, unknown>();
    for (const point of expressions) {
      const value = point.source.in === "expression" ? point.source.text : "";
      try {
        const field = { name: "table", value, type: "jsonata" };
        worked.set(point, await fieldReader(this.RED, this.life.node, field)(message));
      } catch (error) {
        const told = reasonOf(error).details.value ?? reasonOf(error).reason ?? "";
        problems.push({
          row: point.place,
          column: "source",
          words: "words.rowExpression",
          value: String(told),
        });
      }
    }
    return worked;
  }

  private async send({ sensorId, metrics, time }: PointPush): Promise<Sent> {
    const { agent, config, node } = this.life;
    const isTimeless = config.timestampType === "none";
    let maybeDuplicate: true | undefined;
    try {
      if (config.delivery === "store") {
        const payload = await agent.accept({
          owner: node.id,
          sensorId,
          metrics,
          ...(time === undefined ? {} : { timestamp: time }),
        });
        return { payload, maybeDuplicate };
      }
      const onRepeat = (): void => {
        maybeDuplicate = true;
      };
      const timestamp = isTimeless ? null : time;
      const parameters = { sensorId, metrics, ...(timestamp === undefined ? {} : { timestamp }) };
      return { payload: await agent.request("pushValues", parameters, { onRepeat }), maybeDuplicate };
    } catch (error) {
      this.noteFailure(sensorId, failedOf(error, metrics), error);
      throw new FailureWith(error, { maybeDuplicate });
    }
  }

  /** What time alone sends has no message: its failure is one of its own. */
  private async sendLate(push: PointPush): Promise<void> {
    this.late.add(push);
    try {
      await this.gatherer.add(push);
      this.life.showResult();
    } catch (thrown) {
      if (this.isKept) return;
      const error = thrown instanceof FailureWith ? thrown.cause : thrown;
      this.life.showResult(reasonOf(error));
      this.life.outputs.raise(splitFailure(error, idsOf(push)), {
        ...messageOfPush(push.sensorId, push.metrics),
        timestamp: push.time,
      });
    } finally {
      this.late.delete(push);
    }
  }

  private ring(): void {
    this.watchClient();
    const isConnected = this.life.agent.view().state.name === "connected";
    const reports = this.reporter.due(this.moment(), isConnected ? undefined : LOOK_MS);
    for (const push of groupPushes(reports, this.together)) void this.sendLate(push);
    this.setAlarm();
  }

  private setAlarm(): void {
    const { nextDue } = this.reporter;
    if (nextDue < Infinity)
      this.alarm.setFor(Math.max(nextDue, this.life.agent.clock.monotonic() + ROUND_MS));
  }

  private moment(): { now: number; wall: number } {
    const { clock } = this.life.agent;
    return { now: clock.monotonic(), wall: clock.now() };
  }

  /** Another client has none of what was sent, and other IDs for its names. */
  private watchClient(): void {
    const clientId = this.life.agent.identity?.clientId;
    if (clientId === this.clientId) return;
    this.clientId = clientId;
    this.forgetClient();
  }

  private forgetClient(): void {
    const { points } = this.table.current ?? { points: undefined };
    if (points === undefined) return this.reporter.forgetAll();
    const given = points.filter(({ sensor, metric }) => !isByName(sensor) && !isByName(metric));
    const known = new Set(given.flatMap(({ sensor, metric }) => [`${sensor.id ?? ""}/${metric.id}`]));
    this.reporter.forgetAll(
      (sensorId, metricId) => known.has(`${sensorId}/${metricId}`) || known.has(`/${metricId}`),
    );
  }

  private noteFailure(sensorId: string, metricIds: readonly string[], error: unknown): void {
    this.reporter.forget(sensorId, metricIds);
    const { names } = this.life.agent;
    const { name } = reasonOf(error);
    if (name === "UnknownSensorId") names.forgetSensor(sensorId);
    if (name === "UnknownMetricId" || name === "PushValuesFailed") names.forgetMetrics(sensorId, metricIds);
  }

  private noteDeleted(operation: string, parameters: object): void {
    const { sensorId, metricIds } = parameters as { sensorId: string; metricIds?: string[] };
    if (operation === "deleteSensor") this.reporter.drop(sensorId);
    if (operation === "deleteMetrics") this.reporter.drop(sensorId, metricIds);
    if (operation === "deleteClient") this.forgetClient();
  }
}

async function fromValues(input: PushInput, strategy: Strategy): Promise<Given> {
  const { config, field, message } = input;
  const sensorId = checkId("sensor", (await field("sensor")) ?? message.sensorId);
  const metric = (await field("metric")) ?? message.metricId;
  const isTimeless = checkTimeless(config);
  const time = isTimeless ? undefined : await field("timestamp");
  const { metrics, timestamp } = readValues(await field("values"), metric, time, config.anyTime === true);
  const offered = isTimeless ? undefined : timestamp;
  const offers = metrics.map(({ metricId, value }) => ({
    sensorId,
    metricId,
    value,
    time: offered,
    strategy,
  }));
  return { offers, problems: [] };
}

async function readTime({ config, field }: PushInput): Promise<number | undefined> {
  if (checkTimeless(config)) return undefined;
  return readTimestamp(await field("timestamp"), config.anyTime === true);
}

/** What is stored needs a time. */
function checkTimeless({ timestampType, delivery }: PushInput["config"]): boolean {
  if (timestampType === "none" && delivery === "store") throw invalid("noTime", "timestamp");
  return timestampType === "none";
}

/** Whether its ID is one that the agent has given. */
function isByName({ id, name }: Point["sensor"]): boolean {
  return id === undefined && name !== undefined;
}
