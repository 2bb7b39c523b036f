/** Renames or deletes this client ("Update Client", "Delete Client"). */
import { invalid } from "../../src/protocol/input";
import { isRecord } from "../../src/protocol/json";
import { writeText } from "../../src/protocol/requests";
import { chosenOperation } from "../shared/chosen-operation";
import type { NodeAPI } from "../shared/node-red";
import type { Answer } from "../shared/outputs";
import { registerPaletteNode, type Input } from "../shared/palette-node";
import { PROPERTIES } from "./properties";

type ClientInput = Input<typeof PROPERTIES>;

const OPERATIONS: Readonly<
  Record<ClientInput["config"]["operation"], (input: ClientInput) => Promise<Answer>>
> = {
  async update({ field, request }) {
    const given = await field("clientName");
    const name = writeText("newClientName", isRecord(given) ? given.name : given);
    return { payload: await request("updateClient", { name }) };
  },

  /** Deletes the client with its sensors and their history: never by accident. */
  async delete({ config, message, agent, signal }) {
    if (config.confirmDelete !== true && message.confirm !== "delete") {
      throw invalid("confirm", "msg.confirm", message.confirm, { allowed: '"delete"' });
    }
    const clientId = await agent.deleteClient(signal);
    return { payload: { clientId, deleted: true }, set: { clientId } };
  },
};

export default function (RED: NodeAPI): void {
  registerPaletteNode(RED, "teamviewer-iot-client", {
    properties: PROPERTIES,
    serve: async (input) => chosenOperation(OPERATIONS, input.config.operation)(input),
  });
}
