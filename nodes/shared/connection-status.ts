/** The badge of every node that uses an agent, from the one state of its connection. Pure: a state in, a badge out. */
import type { IotError } from "../../src/protocol/errors";
import type { AgentStatus } from "../../src/client/agent-client";
import type { Steps } from "./concurrently";
import type { NodeStatus } from "./node-red";

/** What is to be seen of an agent at a moment. */
export interface ConnectionView {
  /** Settings that cannot be used. */
  problem?: IotError | undefined;
  state: AgentStatus;
  /** Requests that wait for the connection. */
  queued: number;
  /** Pushes that wait on disk; and of those that did, how many were delivered, and replayed after an outage. */
  stored: number;
  delivered: number;
  replayed: number;
  /** Until those that wait since an outage are through, where that is known. */
  replaySeconds?: number | undefined;
  /** Why the node's last message failed: shown until one succeeds. */
  lastFailure?: IotError | undefined;
  /** Why no value can be stored. */
  storeProblem?: IotError | undefined;
  /** Answers of late that nobody here asked for: another process uses this identity. */
  unasked: number;
  /** No request was answered since one was left without an answer. */
  isUnanswered: boolean;
  /** Days until the certificate ends, where it is time to say so. */
  certificateDays?: number;
}

/** What is served and worth telling (`Progress`). */
export interface InProgress {
  readonly count: number;
  readonly steps?: Steps | undefined;
}
export const IDLE: InProgress = { count: 0 };

/** The texts that a badge needs. */
export interface BadgeTexts {
  text(key: string, values?: Record<string, string | number>): string;
  reason(error: IotError): string;
}

/** What waits is told behind the state: keys and values of their texts. */
function waitingOf(
  view: ConnectionView,
  texts: BadgeTexts,
): [key: string, values: Record<string, string | number>][] {
  const { queued, stored, delivered, replayed, replaySeconds } = view;
  const ofStore: [string, object] =
    replaySeconds === undefined
      ? ["status.stored", { delivered, replayed }]
      : ["status.replaying", { time: duration(replaySeconds * 1000, texts) }];
  const all: [key: string, count: number, more: object][] = [
    ["status.queued", queued, {}],
    [ofStore[0], stored, ofStore[1]],
  ];
  return all.filter(([, count]) => count > 0).map(([key, count, more]) => [key, { count, ...more }]);
}

/**
 * The texts are the runtime's throughout: one that the browser translates beside them would make two languages on one
 * canvas. `now`: on the monotonic clock. Without it there is no countdown: for a badge that nobody looks at, whose
 * changes only go to Status nodes.
 */
export function connectionStatus(
  view: ConnectionView,
  inProgress: InProgress,
  texts: BadgeTexts,
  now?: number,
): NodeStatus {
  if (view.problem !== undefined) return { fill: "red", shape: "ring", text: texts.reason(view.problem) };
  const status = stateStatus(view, inProgress, texts, now);
  const waiting = waitingOf(view, texts);
  if (waiting.length === 0) return status;
  const text = waiting.reduce(
    (before, [key, values]) => texts.text(key, { status: before, ...values }),
    status.text ?? "",
  );
  return { ...status, text };
}

function stateStatus(
  view: ConnectionView,
  inProgress: InProgress,
  texts: BadgeTexts,
  now?: number,
): NodeStatus {
  const { state } = view;
  switch (state.name) {
    case "idle":
      return {};
    case "notRegistered":
      return "failure" in state
        ? {
            fill: "red",
            shape: "ring",
            text: texts.text("status.registeringFailed", { why: texts.reason(state.failure) }),
          }
        : { fill: "grey", shape: "ring", text: texts.text("status.notRegistered") };
    case "registering":
      return { fill: "yellow", shape: "ring", text: texts.text("status.registering") };
    case "deleting":
      return { fill: "yellow", shape: "ring", text: texts.text("status.deleting") };
    case "connecting":
      return { fill: "yellow", shape: "ring", text: texts.text("status.connecting") };
    case "waiting":
      return {
        fill: state.permanent ? "red" : "yellow",
        shape: "ring",
        text:
          now === undefined
            ? texts.reason(state.failure)
            : texts.text("status.waiting", {
                why: texts.reason(state.failure),
                time: duration(state.retryAt - now, texts),
              }),
      };
    case "disconnected":
      return { fill: "grey", shape: "ring", text: texts.text("status.disconnected") };
    case "connected":
      return connectedStatus(view, inProgress, texts);
  }
}

function connectedStatus(view: ConnectionView, inProgress: InProgress, texts: BadgeTexts): NodeStatus {
  if (view.storeProblem !== undefined) {
    return { fill: "red", shape: "dot", text: texts.reason(view.storeProblem) };
  }
  if (view.lastFailure !== undefined) {
    return { fill: "red", shape: "dot", text: texts.reason(view.lastFailure) };
  }
  const { count, steps } = inProgress;
  if (count > 0) {
    const text =
      steps === undefined
        ? texts.text("status.inProgress", { count })
        : texts.text("status.steps", { done: steps.done, of: steps.of });
    return { fill: "blue", shape: "dot", text };
  }
  if (view.certificateDays !== undefined) {
    return {
      fill: "yellow",
      shape: "dot",
      text: texts.text("status.certificateEnds", { days: Math.max(0, view.certificateDays) }),
    };
  }
  if (view.unasked > 0) {
    return { fill: "yellow", shape: "dot", text: texts.text("status.unasked", { count: view.unasked }) };
  }
  if (view.isUnanswered) return { fill: "yellow", shape: "dot", text: texts.text("status.unanswered") };
  return { fill: "green", shape: "dot", text: texts.text("status.connected") };
}

/** `8 s`, `35 s`, `4 min`, `7 h`, `12 d`: coarse while it is long, for each step is a message to the Status nodes. */
function duration(milliseconds: number, texts: BadgeTexts): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  if (seconds >= 48 * 3600) return texts.text("duration.days", { count: Math.ceil(seconds / 86_400) });
  if (seconds >= 100 * 60) return texts.text("duration.hours", { count: Math.ceil(seconds / 3600) });
  if (seconds >= 100) return texts.text("duration.minutes", { count: Math.ceil(seconds / 60) });
  return texts.text("duration.seconds", { count: seconds <= 10 ? seconds : Math.ceil(seconds / 5) * 5 });
}
