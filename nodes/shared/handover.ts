/**
 * How messages end that a node was serving when a deploy stopped it. By then the nodes behind its wires and the Catch
 * nodes are gone, so nobody would hear of it: the node that takes its place tells it when the flows have started.
 */
import type { EventEmitter } from "node:events";
import { whenFlowsStarted } from "./flows-started";
import type { Done, FlowNode, Message, NodeAPI, Send } from "./node-red";

/** Tells how a message ended. */
type Ending = (send: Send, done: Done) => void;

export interface Handover {
  /** A message has ended: it is told at once, or left to the node that takes this one's place. */
  end(message: Message, send: Send, done: Done, ending: Ending): void;
  /** The node was stopped. */
  close(): void;
}

/** In each runtime, what stopped nodes have left, by their IDs. */
const runtimes = new WeakMap<EventEmitter, Map<string, [Message, Done, Ending][]>>();

export function handover(RED: NodeAPI, node: FlowNode): Handover {
  const left = runtimes.get(RED.events) ?? new Map<string, [Message, Done, Ending][]>();
  runtimes.set(RED.events, left);
  const flows = whenFlowsStarted(RED);
  let tells = true;

  const tellLeft = (isDeploy: boolean): void => {
    const endings = left.get(node.id) ?? [];
    left.delete(node.id);
    // Flows that were stopped and are started anew begin afresh.
    if (!isDeploy) return;
    for (const [message, done, ending] of endings) {
      ending(
        (messages) => node.send(messages),
        (error) => (error === undefined ? done() : node.error(error, message)),
      );
    }
  };
  flows.run(tellLeft);

  return {
    end(message, send, done, ending) {
      if (tells) return ending(send, done);
      const ours = left.get(node.id) ?? [];
      left.set(node.id, ours);
      ours.push([message, done, ending]);
    },
    close() {
      tells = false;
      flows.forget();
      whenFlowsStarted(RED).run((isDeploy) =>
        // The node that took this one's place, if there is one, has told it by then.
        queueMicrotask(() => {
          tells = true;
          tellLeft(isDeploy);
        }),
      );
    },
  };
}
