/** Pushes values to a sensor ("Push Metric Values"). */
import { IotError, toIotError } from "../../src/protocol/errors";
import { invalid } from "../../src/protocol/input";
import { checkId } from "../../src/protocol/topics";
import type { PushedValue } from "../../src/protocol/requests";
import type { FlowNode, NodeAPI } from "../shared/node-red";
import { FailureWith, type Answer } from "../shared/outputs";
import { registerPaletteNode, type Input, type Life } from "../shared/palette-node";
import { splitFailure } from "../shared/partial-failure";
import { when } from "../shared/when";
import { Points } from "./points";
import { PROPERTIES } from "./properties";
import { usesPoints } from "./report-settings";
import { tellEndings } from "./store";
import { readValues, type Values } from "./values";

type PushInput = Input<typeof PROPERTIES>;

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

/** The values as they come. What waits for an answer keeps nothing that was only needed to read them. */
function push(input: PushInput): Promise<Answer> {
  const { message, config, field } = input;
  const isTimeless = config.timestampType === "none";
  return when(field("sensor"), (sensor) => {
    const sensorId = checkId("sensor", sensor ?? message.sensorId);
    return when(field("metric"), (metric) =>
      when(field("values"), (values) =>
        when(isTimeless ? undefined : field("timestamp"), (timestamp) => {
          const isAnyTime = config.anyTime === true;
          const read = readValues(values, metric ?? message.metricId, timestamp, isAnyTime);
          return config.delivery === "store"
            ? store(input, sensorId, read)
            : send(input, sensorId, read.metrics, isTimeless ? null : read.timestamp);
        }),
      ),
    );
  });
}

function send(
  { request }: PushInput,
  sensorId: string,
  metrics: readonly PushedValue[],
  timestamp: number | null | undefined,
): Promise<Answer> {
  let maybeDuplicate: true | undefined;
  const onRepeat = (): void => {
    maybeDuplicate = true;
  };
  return request("pushValues", { sensorId, metrics, timestamp }, { onRepeat }).then(
    (payload) => ({ payload, set: { sensorId, metricIds: idsOf(metrics), maybeDuplicate } }),
    (error: unknown) => {
      throw new FailureWith(splitFailure(error, idsOf(metrics)), { maybeDuplicate });
    },
  );
}

async function store(
  { config, agent, node }: PushInput,
  sensorId: string,
  { metrics, timestamp }: Values,
): Promise<Answer> {
  if (config.timestampType === "none") throw invalid("noTime", "timestamp");
  const receipt = await agent.accept({ owner: node.id, sensorId, metrics, timestamp });
  return { payload: receipt, set: { sensorId, metricIds: idsOf(metrics) }, isAccepted: true };
}

function idsOf(metrics: readonly PushedValue[]): string[] {
  return metrics.map(({ metricId }) => metricId);
}
