/** Store and forward: a message is done when its values are safe on disk; what is refused later is told on output 2. */
import type { IotError } from "../../src/protocol/errors";
import type { SharedAgent } from "../agent/shared-agent";
import { messageOf } from "../agent/store-and-forward";
import type { Outputs } from "../shared/outputs";
import { splitFailure } from "../shared/partial-failure";

/** Tells every record that did not reach the agent whole: one message each, with the values and the reason. */
export function tellEndings(
  agent: SharedAgent,
  nodeId: string,
  outputs: Outputs,
  showResult: (failure?: IotError) => void,
  failed: (sensorId: string, metricIds: readonly string[]) => void,
): () => void {
  return agent.keepStore(nodeId, (ending) => {
    const { error, record } = ending;
    showResult(error);
    if (error === undefined) return;
    const metricIds = record.metrics.map(({ metricId }) => metricId);
    failed(record.sensorId, metricIds);
    outputs.raise(splitFailure(error, metricIds), messageOf(ending));
  });
}
