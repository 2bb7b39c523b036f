/**
 * Sends what is pushed to sensors, as the agent reports it ("Live Data"): a message a push, a message a metric, or one
 * with all that has come at once.
 */
import type { LiveData } from "../../src/protocol/answers";
import { systemClock } from "../../src/time/clock";
import { fieldReader } from "../shared/fields";
import { failureOf, logLine, reportError } from "../shared/error-report";
import { whenFlowsStarted } from "../shared/flows-started";
import { readIds, several } from "../shared/lists";
import { linkToAgent } from "../shared/link-to-agent";
import { upgrade } from "../shared/migrations";
import type { FlowNode, Message, NodeAPI, NodeDef } from "../shared/node-red";
import { Outputs } from "../shared/outputs";
import { defaultsOf } from "../shared/properties";
import { BadData } from "./bad-data";
import { Gathering } from "./gathering";
import { PROPERTIES } from "./properties";

type SensorData = LiveData & { sensorId: string };

export default function (RED: NodeAPI): void {
  function construct(this: FlowNode, definition: NodeDef): void {
    RED.nodes.createNode(this, definition);
    const { agent, sensor, sensorType, output } = upgrade(definition, defaultsOf(PROPERTIES));
    const outputs = new Outputs(RED, this);
    const flows = whenFlowsStarted(RED);
    const link = linkToAgent(RED, this, agent);
    const send = (message: Message): void => this.send([message, null]);
    const gathering = new Gathering(systemClock, send);
    const take = {
      push: (data: SensorData) => send(perPush(data)),
      metric: (data: SensorData) => perMetric(data).forEach(send),
      array: (data: SensorData) => gathering.add(data),
    };
    const takeData = take[output in take ? output : "push"];
    let stopListening = (): void => undefined;
    let closed = false;
    const badData = new BadData(systemClock, (error, properties) => {
      // By then nobody hears of it any more but the log.
      if (closed) this.warn(logLine(reportError(RED, error)));
      else outputs.raise(error, properties);
    });

    const listen = async (): Promise<void> => {
      const named = await fieldReader(RED, this, { name: "sensorId", value: sensor, type: sensorType })(
        undefined,
      );
      const wanted =
        named === undefined ? undefined : new Set(readIds("sensorId", "sensorId", several(named)));
      if (closed) return;
      const { formerIds } = link.agent();
      const isWanted = (sensorId: string): boolean => {
        if (wanted?.has(sensorId) ?? true) return true;
        const former = formerIds.formerOf(sensorId).find((id) => wanted!.has(id));
        if (former !== undefined) formerIds.note(former, sensorId);
        return former !== undefined;
      };
      stopListening = link.agent().onLiveData(
        (data) => {
          if (isWanted(data.sensorId)) takeData(data);
        },
        (error, sensorId) => {
          if (isWanted(sensorId)) badData.take(sensorId, error.details.value ?? error.message);
        },
      );
    };
    listen().catch((thrown: unknown) => {
      const error = failureOf(thrown);
      link.showProblem(error);
      // A bad agent node tells of itself; what is wrong with this node, this node tells.
      if (error.name === "InvalidInput") flows.run(() => outputs.raise(error));
    });

    this.on("close", () => {
      closed = true;
      flows.forget();
      stopListening();
      gathering.close();
      badData.close();
      link.close();
    });
  }
  RED.nodes.registerType("teamviewer-iot-livedata", construct as never);
}

/** All metrics of a push in one message. */
export function perPush({ sensorId, metrics, timestamp }: SensorData): Message {
  const payload: Record<string, unknown> = {};
  const metricIds: string[] = [];
  for (const { metricId, value } of metrics) {
    metricIds.push(metricId);
    if (metricId !== "__proto__") payload[metricId] = value;
    else
      Object.defineProperty(payload, metricId, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
  }
  const message = { payload, topic: sensorId, sensorId, metricIds };
  return at(message, timestamp);
}

/** A message for each metric; its topic tells the series of a chart apart. */
export function perMetric({ sensorId, metrics, timestamp }: SensorData): Message[] {
  return metrics.map(({ metricId, value }) => {
    const message = { payload: value, topic: `${sensorId}/${metricId}`, sensorId, metricId };
    return at(message, timestamp);
  });
}

function at(message: Message, timestamp: number | undefined): Message {
  return timestamp === undefined ? message : Object.assign(message, { timestamp });
}
