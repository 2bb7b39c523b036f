/** Registers a client with the agent ("Create Client"): makes a key, has its certificate signed, and connects with it. */
import { writeText } from "../../src/protocol/requests";
import type { NodeAPI } from "../shared/node-red";
import { registerPaletteNode } from "../shared/palette-node";
import { PROPERTIES } from "./properties";

export default function (RED: NodeAPI): void {
  registerPaletteNode(RED, "teamviewer-iot-register", {
    properties: PROPERTIES,
    async serve({ message, agent, field, signal }) {
      const name = writeText("clientName", (await field("clientName")) ?? agent.clientName);
      const replace = message.replace === true;
      const { clientId, validFrom, validTo, fingerprint } = await agent.register(name, { replace, signal });
      return {
        payload: {
          clientId,
          name,
          validFrom: validFrom.toISOString(),
          validTo: validTo.toISOString(),
          fingerprint,
        },
        set: { clientId },
      };
    },
  });
}
