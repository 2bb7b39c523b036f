/** Creates, describes, updates, deletes the metrics of a sensor; makes sure that they exist. */
import { randomUUID } from "node:crypto";
import { writeMetricDefinitions } from "../../src/protocol/requests";
import { checkId } from "../../src/protocol/topics";
import { chosenOperation } from "../shared/chosen-operation";
import { concurrently } from "../shared/concurrently";
import { readIds, several } from "../shared/lists";
import type { NodeAPI } from "../shared/node-red";
import type { Answer } from "../shared/outputs";
import { registerPaletteNode, type Input } from "../shared/palette-node";
import { splitFailure } from "../shared/partial-failure";
import { createMetrics } from "./create";
import { readDefinitions, readUpdates } from "./definitions";
import { ensureMetrics } from "./ensure";
import { PROPERTIES } from "./properties";

type MetricInput = Input<typeof PROPERTIES>;

const OPERATIONS: Readonly<
  Record<MetricInput["config"]["operation"], (input: MetricInput) => Promise<Answer>>
> = {
  async create(input) {
    const sensorId = await readSensor(input);
    const created = await createMetrics(sensorId, await definitions(input), input.request);
    return { payload: created, set: { sensorId, ...idsOf(created.map(({ metricId }) => metricId)) } };
  },

  async ensure(input) {
    const sensorId = await readSensor(input);
    const wanted = await definitions(input);
    // What is there is not sent: so its definition is checked here, or a fault would show only some day.
    writeMetricDefinitions(wanted);
    const ensured = await input.agent.inTurn(() =>
      ensureMetrics(sensorId, wanted, input.request, input.steps),
    );
    return { payload: ensured, set: { sensorId, ...idsOf(ensured.map(({ metricId }) => metricId)) } };
  },

  async describe(input) {
    const sensorId = await readSensor(input);
    const given = await readMetric(input);
    const metricIds = readIds("metric", "metricId", given);
    const described = await concurrently(
      metricIds,
      (metricId) => input.request("describeMetric", { sensorId, metricId }),
      input.steps,
    );
    return {
      payload: Array.isArray(given) ? described : described[0],
      set: { sensorId, ...idsOf(metricIds) },
    };
  },

  async update(input) {
    const sensorId = await readSensor(input);
    const metrics = readUpdates(await list(input), await input.field("metric"));
    const metricIds = metrics.map(({ metricId }) => metricId);
    const payload = await splitting(metricIds, input.request("updateMetrics", { sensorId, metrics }));
    return { payload, set: { sensorId, ...idsOf(metricIds) } };
  },

  async delete(input) {
    const sensorId = await readSensor(input);
    const metricIds = readIds("metric", "metricId", await readMetric(input));
    const payload = await splitting(metricIds, input.request("deleteMetrics", { sensorId, metricIds }));
    return { payload };
  },
};

export default function (RED: NodeAPI): void {
  registerPaletteNode(RED, "teamviewer-iot-metric", {
    properties: PROPERTIES,
    serve: async (input) => chosenOperation(OPERATIONS, input.config.operation)(input),
  });
}

async function readSensor({ field }: MetricInput): Promise<string> {
  return checkId("sensor", await field("sensor"));
}

/** The metric or metrics meant: what the field says, else the list that an earlier node put on the message. */
async function readMetric({ field, message }: MetricInput): Promise<unknown> {
  return several(await field("metric")) ?? message.metricIds;
}

/** The definitions; several can stand in the node itself. */
function list({ config, field }: MetricInput): unknown {
  return config.definitionsType === "list" ? config.metrics : field("definitions");
}

async function definitions(input: MetricInput): Promise<ReturnType<typeof readDefinitions>> {
  return readDefinitions(await list(input), () => randomUUID().replaceAll("-", ""));
}

async function splitting<T>(metricIds: readonly string[], answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw splitFailure(error, metricIds);
  }
}

/** `msg.metricId` names one metric only: of several it would be the wrong one. */
function idsOf(metricIds: readonly string[]): { metricId: string | undefined; metricIds: string[] } {
  return { metricId: metricIds.length === 1 ? metricIds[0] : undefined, metricIds: [...metricIds] };
}
