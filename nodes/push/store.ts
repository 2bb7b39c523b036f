/** Store and forward: a message is done when its values are safe on disk; what is refused later is told on output 2. */
import type { SharedAgent } from "../agent/shared-agent";
import type { OutboxEnding } from "../../src/outbox/outbox";
import type { Outputs } from "../shared/outputs";

/** Tells every record that did not reach the agent whole: one message each, with the values and the reason. */
export function tellEndings(agent: SharedAgent, nodeId: string, outputs: Outputs): () => void {
  return agent.keepStore(nodeId, ({ record, outcome, error, maybeDuplicate }: OutboxEnding) => {
    if (error === undefined) return;
    const { sensorId, metrics, timestamp, sequence } = record;
    outputs.raise(error, {
      payload: Object.fromEntries(metrics.map(({ metricId, value }) => [metricId, value])),
      sensorId,
      metricIds: metrics.map(({ metricId }) => metricId),
      timestamp,
      sequence,
      outcome,
      maybeDuplicate,
    });
  });
}
