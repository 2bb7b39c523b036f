/** Pushes values to a sensor ("Push Metric Values"). */
import { checkId } from "../../src/protocol/topics";
import type { NodeAPI } from "../shared/node-red";
import { FailureWith } from "../shared/outputs";
import { registerPaletteNode } from "../shared/palette-node";
import { splitFailure } from "../shared/partial-failure";
import { tellEndings } from "./store";
import { readValues } from "./values";

const DEFAULTS = {
  agent: "",
  sensor: "",
  sensorType: "str",
  values: "payload",
  valuesType: "msg",
  metric: "",
  metricType: "str",
  timestamp: "timestamp",
  timestampType: "msg",
  delivery: "confirm",
};

export default function (RED: NodeAPI): void {
  registerPaletteNode(RED, "teamviewer-iot-push", {
    defaults: DEFAULTS,
    live: ({ node, config, agent, outputs }) =>
      config.delivery === "store" ? tellEndings(agent, node.id, outputs) : () => undefined,
    async serve({ message, config, agent, node, field, request }) {
      const sensorId = checkId("sensor", (await field("sensor")) ?? message.sensorId);
      const metric = (await field("metric")) ?? message.metricId;
      const { metrics, timestamp } = readValues(await field("values"), metric, await field("timestamp"));
      const metricIds = metrics.map(({ metricId }) => metricId);
      if (config.delivery === "store") {
        const receipt = await agent.accept({ owner: node.id, sensorId, metrics, timestamp });
        return { payload: receipt, set: { sensorId, metricIds } };
      }
      let maybeDuplicate: true | undefined;
      const onRepeat = (): void => {
        maybeDuplicate = true;
      };
      try {
        const payload = await request("pushValues", { sensorId, metrics, timestamp }, { onRepeat });
        return { payload, set: { sensorId, metricIds, maybeDuplicate } };
      } catch (error) {
        throw new FailureWith(splitFailure(error, metricIds), { maybeDuplicate });
      }
    },
  });
}
