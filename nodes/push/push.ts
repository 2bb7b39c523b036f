/** Pushes values to a sensor ("Push Metric Values"). */
import { invalid } from "../../src/protocol/input";
import { checkId } from "../../src/protocol/topics";
import type { NodeAPI } from "../shared/node-red";
import { FailureWith } from "../shared/outputs";
import { registerPaletteNode } from "../shared/palette-node";
import { splitFailure } from "../shared/partial-failure";
import { PROPERTIES } from "./properties";
import { tellEndings } from "./store";
import { readValues } from "./values";

export default function (RED: NodeAPI): void {
  registerPaletteNode(RED, "teamviewer-iot-push", {
    properties: PROPERTIES,
    live: ({ node, config, agent, outputs, showResult }) =>
      config.delivery === "store" ? tellEndings(agent, node.id, outputs, showResult) : () => undefined,
    async serve({ message, config, agent, node, field, request }) {
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
    },
  });
}
