/** A palette node's tie to its agent: the badge follows the connection, and the agent lives while it has users. */
import { IotError } from "../../src/protocol/errors";
import { systemClock } from "../../src/time/clock";
import type { AgentConfigurationNode, SharedAgent } from "../agent/shared-agent";
import { badgeTexts } from "./badge-texts";
import { connectionStatus, type ConnectionView } from "./connection-status";
import type { FlowNode, NodeAPI, NodeStatus } from "./node-red";
import { Progress } from "./progress";
import { StatusWriter } from "./status";

export interface AgentLink {
  /** There is an agent; its settings may still be wrong. */
  readonly isUsable: boolean;
  /** Throws `SettingMissing` where the node has no agent, or where the agent's settings cannot be used. */
  agent(): SharedAgent;
  /** The messages that the node serves. */
  readonly progress: Progress;
  /** How the last thing ended that the agent was asked. */
  readonly showResult: (failure?: IotError) => void;
  /** Something is wrong with the node itself, and stays so until the next deploy. */
  showProblem(problem: IotError): void;
  close(): void;
}

export function linkToAgent(RED: NodeAPI, node: FlowNode, agentId: string): AgentLink {
  const status = new StatusWriter(node);
  // Types say that a node is always found; a deleted or disabled one is not.
  const found = RED.nodes.getNode(agentId) as AgentConfigurationNode | null | undefined;
  const shared = found?.type === "teamviewer-iot-agent" ? found.agent : undefined;
  const clock = shared?.clock ?? systemClock;
  const texts = badgeTexts(RED);
  let lastFailure: IotError | undefined;
  let problem = shared === undefined ? noAgent() : undefined;
  const look = (): NodeStatus => {
    const view = shared?.view() ?? NO_VIEW;
    return connectionStatus(
      { ...view, problem: view.problem ?? problem, lastFailure },
      progress,
      texts,
      clock.monotonic(),
    );
  };
  const show = (): void => status.show(look);
  const progress = new Progress(clock, show);
  const showResult = (failure?: IotError): void => {
    if (failure !== undefined) shared?.history.fail(failure);
    const shown = lastFailure;
    lastFailure = failure !== undefined && TOLD_BY_STATE.has(failure.name) ? undefined : failure;
    if (lastFailure !== shown) show();
  };
  const detach = shared?.attach(node, show);
  show();
  return {
    isUsable: shared !== undefined,
    agent: () => {
      if (shared === undefined) throw noAgent();
      return shared;
    },
    progress,
    showResult,
    showProblem: (found) => {
      problem = found;
      show();
    },
    close: () => {
      detach?.();
      progress.close();
      status.close();
    },
  };
}

/** These say no more than that there was no connection: that is seen, and over when there is one. */
const TOLD_BY_STATE: ReadonlySet<string> = new Set([
  "Closed",
  "NotConnected",
  "NotRegistered",
  "Disconnected",
]);
const NO_VIEW: ConnectionView = {
  state: { name: "idle" },
  queued: 0,
  unasked: 0,
  isUnanswered: false,
  stored: 0,
  delivered: 0,
  replayed: 0,
};
const noAgent = (): IotError => new IotError("SettingMissing", { reason: "agent" });
