/** What Prometheus is told of each agent that is deployed: a table of families, in the words of `msg.action = "status"`. */
import type { AgentConfigurationNode, SharedAgent } from "../../nodes/agent/shared-agent";
import { STARTED_AT } from "../../nodes/agent/health";
import { VERSION } from "../../nodes/shared/version";
import { wallTime } from "../../src/time/clock";
import { TextAnswer, type Call } from "./endpoint";
import { CONTENT_TYPES, formatFor, writeMetrics, type Family, type Labels } from "./openmetrics";

const PREFIX = "teamviewer_iot_";
const SECOND = 1000;

/** What is read of an agent for one answer. */
interface Seen {
  labels: Labels;
  agent: SharedAgent;
  replay: Awaited<ReturnType<SharedAgent["replay"]>>;
}

interface Row {
  name: string;
  type: "counter" | "gauge";
  help: string;
  value: (seen: Seen) => number | undefined;
}

/** A number each agent. */
const ROWS: readonly Row[] = [
  gauge("connected", "Whether there is a connection to the agent (1) or not (0).", ({ agent }) =>
    agent.view().state.name === "connected" ? 1 : 0,
  ),
  gauge("connection_start_time_seconds", "When the connection came up, while there is one.", ({ agent }) => {
    const { state } = agent.view();
    return state.name === "connected" ? wallTime(state.since, agent.clock).getTime() / SECOND : undefined;
  }),
  counter(
    "reconnects",
    "Connections that came after one that had ended.",
    ({ agent }) => agent.health.reconnects,
  ),
  gauge("last_failure_time_seconds", "When something failed last.", ({ agent }) => {
    return seconds(agent.health.lastFailure?.time);
  }),
  gauge("last_success_time_seconds", "When the agent last answered a request well.", ({ agent }) =>
    seconds(agent.health.lastSuccess),
  ),
  gauge("certificate_expiry_time_seconds", "When the client certificate ends.", ({ agent }) =>
    seconds(agent.identity?.validTo.getTime()),
  ),
  counter("requests_sent", "Requests sent, repeated ones too.", ({ agent }) => agent.counters.sent),
  counter("requests_answered", "Requests that ended well.", ({ agent }) => agent.counters.answered),
  counter(
    "requests_failed",
    "Requests that the agent answered with an error.",
    ({ agent }) => agent.counters.failed,
  ),
  counter(
    "requests_timed_out",
    "Requests that got no answer in time.",
    ({ agent }) => agent.counters.timedOut,
  ),
  counter("requests_repeated", "Requests sent once more after a lost connection.", ({ agent }) => {
    return agent.counters.repeated;
  }),
  counter(
    "stray_answers",
    "Answers that belong to no request: late, repeated, or somebody else's.",
    ({ agent }) => {
      return agent.counters.strays;
    },
  ),
  counter(
    "unasked_answers",
    "Answers that nobody here can have asked for.",
    ({ agent }) => agent.counters.unasked,
  ),
  gauge("queued_requests", "Requests that wait to be sent.", ({ agent }) => agent.counters.queued),
  gauge(
    "queued_bytes",
    "Bytes of the requests that wait to be sent.",
    ({ agent }) => agent.counters.queuedBytes,
  ),
  gauge("in_flight_requests", "Requests that were sent and wait for their answer.", ({ agent }) => {
    return agent.counters.inFlight;
  }),
  counter("store_accepted", "Pushes that the store has accepted.", ({ agent }) => agent.outbox?.accepted),
  counter(
    "store_replayed",
    "Stored pushes that were delivered after an outage or a restart.",
    ({ agent }) => {
      return agent.outbox?.replayed;
    },
  ),
  gauge("store_pending_pushes", "Pushes that wait in the store.", ({ agent }) => agent.outbox?.pending),
  gauge(
    "store_pending_bytes",
    "Bytes of the pushes that wait in the store.",
    ({ agent }) => agent.outbox?.bytes,
  ),
  gauge(
    "store_backlog_pushes",
    "Pushes that wait in the store since an outage.",
    ({ replay }) => replay?.waiting,
  ),
  gauge(
    "store_oldest_age_seconds",
    "How long the oldest push has waited in the store.",
    ({ replay }) => replay && (replay.oldestAge ?? 0) / SECOND,
  ),
  gauge("store_replay_rate", "Pushes of the backlog a second, of late.", ({ replay }) => replay?.rate),
  gauge(
    "store_replay_remaining_seconds",
    "Until the backlog is through, where that is known.",
    ({ replay }) => {
      return replay?.seconds;
    },
  ),
];

const OUTCOMES = ["delivered", "rejected", "expired", "dropped", "corrupt"] as const;

export async function showHealthMetrics(call: Call): Promise<TextAnswer> {
  const format = formatFor(call.accept);
  return new TextAnswer(CONTENT_TYPES[format], writeMetrics(familiesOf(await look(call)), format));
}

/** Every agent that is deployed. */
async function look({ RED }: Call): Promise<Seen[]> {
  const nodes: AgentConfigurationNode[] = [];
  RED.nodes.eachNode(({ id, type }) => {
    const node = RED.nodes.getNode(id) as AgentConfigurationNode | null;
    if (type === "teamviewer-iot-agent" && node?.agent !== undefined) nodes.push(node);
  });
  return Promise.all(
    nodes.map(async ({ id, name, agent }) => ({
      labels: { agent: id, name: name ?? "" },
      agent: agent!,
      replay: await agent!.replay(),
    })),
  );
}

function familiesOf(all: readonly Seen[]): Family[] {
  const process: Family[] = [
    {
      ...named("build_info", "gauge", "The version of the package."),
      samples: [{ labels: { version: VERSION }, value: 1 }],
    },
    {
      ...named("start_time_seconds", "gauge", "When Node-RED began: counts are since then."),
      samples: [{ labels: {}, value: STARTED_AT / SECOND }],
    },
  ];
  const numbers: Family[] = ROWS.map(({ value, ...row }) => ({
    ...row,
    samples: all.map((seen) => ({ labels: seen.labels, value: value(seen) })),
  }));
  const failures: Family = {
    ...named("failures", "counter", "What failed, by the name of the error."),
    samples: all.flatMap(({ labels, agent }) =>
      [...agent.health.failures].map(([error, value]) => ({ labels: { ...labels, error }, value })),
    ),
  };
  const outcomes: Family = {
    ...named("store_ended", "counter", "Pushes that left the store, by how they ended."),
    samples: all.flatMap(({ labels, agent: { outbox } }) =>
      OUTCOMES.map((outcome) => ({ labels: { ...labels, outcome }, value: outbox?.[outcome] })),
    ),
  };
  const durations: Family = {
    ...named(
      "request_duration_seconds",
      "histogram",
      "From asking for a request to its answer, of requests that had a connection.",
    ),
    samples: all.map(({ labels, agent: { health } }) => {
      const { buckets, sum, count } = health.latencies;
      return { labels, buckets, sum, count };
    }),
  };
  return [...process, ...numbers, failures, outcomes, durations];
}

function named<T extends Family["type"]>(
  name: string,
  type: T,
  help: string,
): { name: string; type: T; help: string } {
  return { name: PREFIX + name, type, help };
}

function gauge(name: string, help: string, value: Row["value"]): Row {
  return { ...named(name, "gauge", help), value };
}

function counter(name: string, help: string, value: Row["value"]): Row {
  return { ...named(name, "counter", help), value };
}

function seconds(time: number | undefined): number | undefined {
  return time === undefined ? undefined : time / SECOND;
}
