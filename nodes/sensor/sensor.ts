/** Creates, lists, updates, deletes sensors; makes sure that they exist; shows all with their metrics. */
import { invalid } from "../../src/protocol/input";
import { isRecord } from "../../src/protocol/json";
import type { Parameters } from "../../src/protocol/operations";
import { checkInteger, writeText } from "../../src/protocol/requests";
import { checkId } from "../../src/protocol/topics";
import { chosenOperation } from "../shared/chosen-operation";
import { forEachSensor, readIds, several } from "../shared/lists";
import type { NodeAPI } from "../shared/node-red";
import type { Answer } from "../shared/outputs";
import { registerPaletteNode, type Input } from "../shared/palette-node";
import { ensureSensors } from "./ensure";
import { readInventory } from "./inventory";
import { PROPERTIES } from "./properties";

type SensorInput = Input<typeof PROPERTIES>;

const OPERATIONS: Readonly<
  Record<SensorInput["config"]["operation"], (input: SensorInput) => Promise<Answer>>
> = {
  async create({ field, request }) {
    const sensor = await request("createSensor", { name: readName("sensorName", await field("sensorName")) });
    return { payload: sensor, set: { sensorId: sensor.sensorId } };
  },

  async list({ request }) {
    return { payload: await request("listSensors", {}) };
  },

  async update(input) {
    const given = await input.field("sensorName");
    if (Array.isArray(given)) {
      const updates = (given as unknown[]).map(readUpdate);
      return { payload: await updateAll(input, updates) };
    }
    const update = {
      sensorId: checkId("sensor", await input.field("sensor")),
      name: readName("sensorName", given),
      state: readState("state", (isRecord(given) ? given.state : undefined) ?? (await input.field("state"))),
    };
    return { payload: await input.request("updateSensor", update), set: { sensorId: update.sensorId } };
  },

  async delete({ field, request, steps }) {
    const given = several(await field("sensor"));
    const sensorIds = readIds("sensor", "sensorId", given);
    const texts = await forEachSensor(sensorIds, (sensorId) => request("deleteSensor", { sensorId }), steps);
    return { payload: Array.isArray(given) ? texts : texts[0] };
  },

  async ensure({ agent, field, request }) {
    const given = await field("sensorName");
    const names = (Array.isArray(given) ? (given as unknown[]) : [given]).map((entry, index) =>
      readName(Array.isArray(given) ? `sensorName[${index}]` : "sensorName", entry),
    );
    if (names.length === 0) throw invalid("empty", "sensorName");
    const sensors = await agent.inTurn(() => ensureSensors(names, request));
    return {
      payload: Array.isArray(given) ? sensors : sensors[0],
      set: { sensorId: sensors.length === 1 ? sensors[0]?.sensorId : undefined },
    };
  },

  async inventory({ request, steps }) {
    return { payload: await readInventory(request, steps) };
  },
};

export default function (RED: NodeAPI): void {
  registerPaletteNode(RED, "teamviewer-iot-sensor", {
    properties: PROPERTIES,
    serve: async (input) => chosenOperation(OPERATIONS, input.config.operation)(input),
  });
}

type Update = Parameters<"updateSensor">;

/** Where the answers to several updates come back as a list, in the order asked. */
function updateAll({ request, steps }: SensorInput, updates: readonly Update[]): Promise<string[]> {
  if (updates.length === 0) throw invalid("empty", "sensorName");
  const byId = new Map<string, Update>();
  for (const update of updates) {
    if (byId.has(update.sensorId)) throw invalid("duplicate", "sensorId", update.sensorId);
    byId.set(update.sensorId, update);
  }
  return forEachSensor([...byId.keys()], (sensorId) => request("updateSensor", byId.get(sensorId)!), steps);
}

/** An entry of a list of updates: `{sensorId, name, state}`. */
function readUpdate(entry: unknown, index: number): Update {
  const field = `sensorName[${index}]`;
  if (!isRecord(entry)) throw invalid("type", field, entry, { allowed: "{sensorId, name}" });
  return {
    sensorId: checkId(`${field}.sensorId`, entry.sensorId),
    name: readName(`${field}.name`, entry.name),
    state: readState(`${field}.state`, entry.state),
  };
}

/** A name as text or `{name}`. */
function readName(field: string, value: unknown): string {
  return writeText(field, isRecord(value) ? value.name : value);
}

function readState(field: string, value: unknown): number | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  return checkInteger(field, value);
}
