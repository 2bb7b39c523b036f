/** The moment from which on a node can tell others of something that no message caused. */
import type { EventEmitter } from "node:events";
import type { NodeAPI } from "./node-red";

/** `isDeploy`: flows that ran before were deployed anew, and did not start from nothing. */
type Work = (isDeploy: boolean) => void;

/** Who waits for the flows to start. One listener serves all nodes: Node.js takes more than ten for a leak. */
const waitingNodes = new WeakMap<EventEmitter, Set<Work>>();

/**
 * Runs things once all flows of a deploy have started, and at once from then on: an error that is raised earlier finds
 * no Catch node, and a message no node behind the wire.
 */
export function whenFlowsStarted(RED: NodeAPI): { run(work: Work): void; forget(): void } {
  const nodes = waitingNodesOf(RED.events);
  let waiting: Work[] | undefined = [];
  let wasDeploy = false;
  const started = (isDeploy: boolean): void => {
    nodes.delete(started);
    const all = waiting ?? [];
    waiting = undefined;
    wasDeploy = isDeploy;
    for (const work of all) work(isDeploy);
  };
  nodes.add(started);
  return {
    run: (work) => {
      if (waiting === undefined) work(wasDeploy);
      else waiting.push(work);
    },
    forget: () => {
      nodes.delete(started);
      waiting = [];
    },
  };
}

/** Runs something whenever flows have started, until the returned function is called. */
export function wheneverFlowsStart(RED: NodeAPI, work: () => void): () => void {
  const nodes = waitingNodesOf(RED.events);
  nodes.add(work);
  return () => void nodes.delete(work);
}

function waitingNodesOf(events: EventEmitter): Set<Work> {
  const known = waitingNodes.get(events);
  if (known !== undefined) return known;
  const nodes = new Set<Work>();
  // A deploy says what has changed.
  events.on("flows:started", (start?: { diff?: object }) => {
    for (const started of [...nodes]) started(start?.diff !== undefined);
  });
  waitingNodes.set(events, nodes);
  return nodes;
}
