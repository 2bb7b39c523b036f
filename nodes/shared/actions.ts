/** `msg.action`: the words of Node-RED's own MQTT nodes for the connection, each of them harmless when repeated. */
import { wallTime } from "../../src/time/clock";
import type { SharedAgent } from "../agent/shared-agent";
import { reportError, type ErrorReport } from "./error-report";
import type { Message, NodeAPI } from "./node-red";
import { sentence } from "./translate";

const ACTIONS = ["connect", "disconnect", "reconnect", "status"] as const;
export type Action = (typeof ACTIONS)[number];

/** Since Node-RED began, whatever was deployed meanwhile. */
interface HealthReport {
  version: string;
  startedAt: string;
  reconnects: number;
  failures: number;
  lastFailure?: { time: string; name: string; message: string };
  lastSuccess?: string;
  /** Milliseconds within which that part of the answers of the last minutes came. */
  latency?: { p50: number; p95: number; p99: number };
  certificateDays?: number;
}

/** What an action answers. Times are ISO texts. */
export interface ConnectionReport {
  state: string;
  clientId?: string;
  certificate?: { validFrom: string; validTo: string; fingerprint: string };
  /** Since when there is a connection. */
  since?: string;
  /** Why there is none, and when it is tried again. */
  failure?: ErrorReport;
  retryAt?: string;
  counters: Readonly<Record<string, number>>;
  /** Of the store of values, where a node stores any: accepted = delivered + rejected + expired + dropped + corrupt + pending. */
  outbox?: Readonly<Record<string, number>>;
  /** Of what waits in the store: the part from before the connection, records a second, seconds, an ISO text. */
  replay?: { waiting: number; rate: number; oldestAge?: number; endsAt?: string };
  health: HealthReport;
}

/** The action that a message asks for; another text in `msg.action` is somebody else's business. */
export function readAction(message: Message): Action | undefined {
  const { action } = message;
  return ACTIONS.find((known) => known === action);
}

export async function actOn(agent: SharedAgent, action: Action, RED: NodeAPI): Promise<ConnectionReport> {
  if (action !== "status") await agent[action]();
  const { state } = agent.view();
  const { identity } = agent;
  const replay = await reportReplay(agent);
  return {
    state: state.name,
    ...(identity === undefined
      ? {}
      : {
          clientId: identity.clientId,
          certificate: {
            validFrom: identity.validFrom.toISOString(),
            validTo: identity.validTo.toISOString(),
            fingerprint: identity.fingerprint,
          },
        }),
    ...(state.name === "connected" ? { since: wallTime(state.since, agent.clock).toISOString() } : {}),
    ...("failure" in state ? { failure: reportError(RED, state.failure) } : {}),
    ...(state.name === "waiting" ? { retryAt: wallTime(state.retryAt, agent.clock).toISOString() } : {}),
    counters: { ...agent.counters },
    ...(agent.outbox === undefined ? {} : { outbox: { ...agent.outbox } }),
    ...(replay && { replay }),
    health: reportHealth(agent, RED),
  };
}

function reportHealth(agent: SharedAgent, RED: NodeAPI): HealthReport {
  const { startedAt, lastFailure, lastSuccess, ...view } = agent.health.view(agent.clock);
  const { certificateDays } = agent;
  const iso = (time: number): string => new Date(time).toISOString();
  return {
    ...view,
    startedAt: iso(startedAt),
    ...(lastFailure && {
      lastFailure: {
        time: iso(lastFailure.time),
        name: lastFailure.error.name,
        message: sentence(RED, lastFailure.error),
      },
    }),
    ...(lastSuccess === undefined ? {} : { lastSuccess: iso(lastSuccess) }),
    ...(certificateDays === undefined ? {} : { certificateDays }),
  };
}

async function reportReplay(agent: SharedAgent): Promise<ConnectionReport["replay"]> {
  const replay = await agent.replay();
  if (replay === undefined) return undefined;
  const { waiting, rate, seconds, oldestAge } = replay;
  return {
    waiting,
    rate: Number(rate.toFixed(1)),
    ...(oldestAge === undefined ? {} : { oldestAge: Math.round(oldestAge / 1000) }),
    ...(seconds === undefined ? {} : { endsAt: new Date(agent.clock.now() + seconds * 1000).toISOString() }),
  };
}
