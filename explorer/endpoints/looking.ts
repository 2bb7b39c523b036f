/** What the editor looks at: agents, their connection, what they have, the values that come in. Nothing is changed by it. */
import type { IotError } from "../../src/protocol/errors";
import { invalid } from "../../src/protocol/input";
import { checkId } from "../../src/protocol/topics";
import { wallTime } from "../../src/time/clock";
import type { AgentConfigurationNode, SharedAgent } from "../../nodes/agent/shared-agent";
import type { Asking } from "../../nodes/agent/seen-inventory";
import { machineName } from "../../nodes/shared/machine-name";
import { answerError, type Call, type ErrorAnswer } from "./endpoint";

/** An agent in the list. Times are milliseconds since the epoch. */
interface AgentSummary {
  id: string;
  name: string;
  state: string;
  since?: number;
  failure?: ErrorAnswer;
  /** Milliseconds until the next attempt. */
  retryIn?: number;
  clientId?: string;
}

/** `{agents, clientName}`: every agent that is deployed, and a client name made of this machine's. */
export function showAgents({ RED }: Call): object {
  const agents: AgentSummary[] = [];
  RED.nodes.eachNode((definition) => {
    if (definition.type !== "teamviewer-iot-agent") return;
    const node = RED.nodes.getNode(definition.id) as AgentConfigurationNode | null;
    if (node?.agent !== undefined) agents.push(summary(node, node.agent));
  });
  return { agents, clientName: machineName() };
}

/** The agent with its certificate, counters, store, health, history and last failures. */
export async function showAgent(call: Call): Promise<object> {
  const agent = call.agent();
  const { identity, counters, outbox, history, certificateDays } = agent;
  const replay = await agent.replay();
  const { lastFailure, ...health } = agent.health.view(agent.clock);
  const { storeProblem } = agent.view();
  return {
    ...summary(call.node(), agent),
    ...(identity === undefined
      ? {}
      : {
          certificate: {
            validFrom: identity.validFrom.getTime(),
            validTo: identity.validTo.getTime(),
            fingerprint: identity.fingerprint,
          },
        }),
    counters: { ...counters },
    ...(outbox === undefined ? {} : { outbox: { ...outbox } }),
    ...(replay && { replay }),
    health: {
      ...health,
      ...(lastFailure && { lastFailure: { time: lastFailure.time, ...failed(lastFailure.error) } }),
      ...(certificateDays === undefined ? {} : { certificateDays }),
    },
    ...(storeProblem === undefined ? {} : { storeProblem: answerError(storeProblem) }),
    history: history.states.map(({ time, state, failure }) => ({ time, state, ...failed(failure) })),
    failures: history.failures.map(({ time, error, count }) => ({
      time,
      count,
      failure: answerError(error),
    })),
  };
}

/**
 * `{readAt, sensors: [{sensorId, name, metricIds}]}`. `?cached=1` gives what is known without asking the agent, if need
 * be from before Node-RED was started; `?anew=1` asks although it is known.
 */
export async function showSensors({ agent, query }: Call): Promise<object> {
  const { readAt, sensors } = await agent().seen.sensors(asking(query));
  return {
    readAt,
    sensors: sensors.map(({ sensorId, name, metricIds }) => ({ sensorId, name, metricIds: [...metricIds] })),
  };
}

/** `{metrics: [{metricId, name, value, lastUpdated, valueUnit | valueType, valueAnnotation}]}` of one sensor; asking as above. */
export async function showMetrics({ agent, path, query }: Call): Promise<object> {
  const sensorId = checkId("sensorId", path.sensor);
  return { metrics: await agent().seen.metrics(sensorId, asking(query)) };
}

/** `{revision, values: [{sensorId, metricId, value, time, revision}]}` since `?since=`; asked again and again, it keeps live data coming. */
export function showLive({ agent, query }: Call): object {
  const since = Number(query.since ?? 0);
  if (!Number.isSafeInteger(since) || since < 0)
    throw invalid("type", "since", query.since, { allowed: "words.integer" });
  const shared = agent();
  shared.watch();
  return shared.inventory.changes(since);
}

function asking(query: Call["query"]): Asking {
  if (query.cached === "1") return "known";
  return query.anew === "1" ? "anew" : "read";
}

function summary(node: AgentConfigurationNode, agent: SharedAgent): AgentSummary {
  const { clock } = agent;
  const { problem, state } = agent.view();
  const failure = problem ?? ("failure" in state ? state.failure : undefined);
  return {
    id: node.id,
    name: node.name ?? "",
    state: problem === undefined ? state.name : "problem",
    ...(state.name === "connected" ? { since: wallTime(state.since, clock).getTime() } : {}),
    ...(state.name === "waiting" ? { retryIn: Math.max(0, state.retryAt - clock.monotonic()) } : {}),
    ...failed(failure),
    ...(agent.identity === undefined ? {} : { clientId: agent.identity.clientId }),
  };
}

function failed(failure: IotError | undefined): { failure?: ErrorAnswer } {
  return failure === undefined ? {} : { failure: answerError(failure) };
}
