/** The moment from which on a node can tell others of something that no message caused. */
import type { NodeAPI } from "./node-red";

/**
 * Runs things once all flows of a deploy have started, and at once from then on: an error that is raised earlier finds
 * no Catch node, and a message no node behind the wire.
 */
export function whenFlowsStarted(RED: NodeAPI): { run(work: () => void): void; forget(): void } {
  let waiting: (() => void)[] | undefined = [];
  const started = (): void => {
    const all = waiting ?? [];
    waiting = undefined;
    for (const run of all) run();
  };
  RED.events.once("flows:started", started);
  return {
    run: (work) => {
      if (waiting === undefined) work();
      else waiting.push(work);
    },
    forget: () => {
      RED.events.removeListener("flows:started", started);
      waiting = [];
    },
  };
}
