/** Pushes values to a sensor ("Push Metric Values"). */
import { IotError, toIotError } from "../../src/protocol/errors";
import { invalid } from "../../src/protocol/input";
import { checkId } from "../../src/protocol/topics";
import type { FlowNode, NodeAPI } from "../shared/node-red";
import { FailureWith, type Answer } from "../shared/outputs";
import { registerPaletteNode, type Input, type Life } from "../shared/palette-node";
import { splitFailure } from "../shared/partial-failure";
import { Points } from "./points";
import { PROPERTIES } from "./properties";
import { usesPoints } from "./report-settings";
import { tellEndings } from "./store";
import { readValues } from "./values";

export default function (RED: NodeAPI): void {
  /** Of nodes that have a table or a say in when they report: what does it, or why it cannot. */
  const points = new WeakMap<FlowNode, Points | IotError>();

  registerPaletteNode(RED, "teamviewer-iot-push", {
    properties: PROPERTIES,
    live: (life) => {
      const { node, config, agent, outputs, showResult } = life;
      const own = usesPoints(config) ? makePoints(RED, life) : undefined;
      if (own !== undefined) points.set(node, own);
      const reporting = own instanceof Points ? own : undefined;
      const failed = reporting === undefined ? () => undefined : reporting.forget.bind(reporting);
      const stopTelling =
        config.delivery === "store"
          ? tellEndings(agent, node.id, outputs, showResult, failed)
          : () => undefined;
      return {
        end: (isRemoved) => {
          stopTelling();
          return reporting?.close(isRemoved);
        },
        ...(reporting === undefined ? {} : { status: () => reporting.status() }),
      };
    },
    serve(input) {
      const own = points.get(input.node);
      if (own === undefined) return push(input);
      if (own instanceof IotError) throw own;
      return own.serve(input);
    },
  });
}

function makePoints(RED: NodeAPI, life: Life<typeof PROPERTIES>): Points | IotError {
  try {
    return new Points(RED, life);
  } catch (error) {
    return toIotError(error);
  }
}

/** The values as they come. */
async function push({
  message,
  config,
  agent,
  node,
  field,
  request,
}: Input<typeof PROPERTIES>): Promise<Answer> {
  const sensorId = checkId("sensor", (await field("sensor")) ?? message.sensorId);
  const metric = (await field("metric")) ?? message.metricId;
  const isTimeless = config.timestampType === "none";
  const { metrics, timestamp } = readValues(
    await field("values"),
    metric,
    isTimeless ? undefined : await field("timestamp"),
    config.anyTime === true,
  );
  const metricIds = metrics.map(({ metricId }) => metricId);
  if (config.delivery === "store") {
    if (isTimeless) throw invalid("noTime", "timestamp");
    const receipt = await agent.accept({ owner: node.id, sensorId, metrics, timestamp });
    return { payload: receipt, set: { sensorId, metricIds }, isAccepted: true };
  }
  let maybeDuplicate: true | undefined;
  const onRepeat = (): void => {
    maybeDuplicate = true;
  };
  try {
    const payload = await request(
      "pushValues",
      { sensorId, metrics, timestamp: isTimeless ? null : timestamp },
      { onRepeat },
    );
    return { payload, set: { sensorId, metricIds, maybeDuplicate } };
  } catch (error) {
    throw new FailureWith(splitFailure(error, metricIds), { maybeDuplicate });
  }
}
