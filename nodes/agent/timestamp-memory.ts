/**
 * The last timestamps of each agent node outlive it: a deploy makes the node anew, and pushes that came faster than one
 * a millisecond have timestamps ahead of the clock by then.
 */
import { Timestamps } from "../../src/time/timestamps";

const memories = new Map<string, Timestamps>();

/** `node`: what tells this agent node from all others of the process. */
export function timestampsOf(node: string): Timestamps {
  let memory = memories.get(node);
  if (memory === undefined) memories.set(node, (memory = new Timestamps()));
  return memory;
}
