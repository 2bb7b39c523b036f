/** The moment from which on a node can tell others of something that no message caused. */
import type { EventEmitter } from "node:events";
import type { NodeAPI } from "./node-red";

/** Who waits for the flows to start. One listener serves all nodes: Node.js takes more than ten for a leak. */
const waitingNodes = new WeakMap<EventEmitter, Set<() => void>>();

/**
 * Runs things once all flows of a deploy have started, and at once from then on: an error that is raised earlier finds
 * no Catch node, and a message no node behind the wire.
 */
export function whenFlowsStarted(RED: NodeAPI): { run(work: () => void): void; forget(): void } {
  const nodes = waitingNodesOf(RED.events);
  let waiting: (() => void)[] | undefined = [];
  const started = (): void => {
    nodes.delete(started);
    const all = waiting ?? [];
    waiting = undefined;
    for (const work of all) work();
  };
  nodes.add(started);
  return {
    run: (work) => {
      if (waiting === undefined) work();
      else waiting.push(work);
    },
    forget: () => {
      nodes.delete(started);
      waiting = [];
    },
  };
}

function waitingNodesOf(events: EventEmitter): Set<() => void> {
  const known = waitingNodes.get(events);
  if (known !== undefined) return known;
  const nodes = new Set<() => void>();
  events.on("flows:started", () => [...nodes].forEach((started) => started()));
  waitingNodes.set(events, nodes);
  return nodes;
}
