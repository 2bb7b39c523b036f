/** The language of badges and errors: that of the runtime, also where it is set to a region of one that we speak. */
import assert from "node:assert/strict";
import { RealNodeRed } from "../support/real-node-red";
import { catalogue } from "./texts";

describe("Node-RED with the language of a region", function () {
  let nodeRed: RealNodeRed;
  before(async () => {
    nodeRed = await RealNodeRed.start({ settings: 'module.exports.lang = "es-MX";' });
  });
  after(() => nodeRed?.stop());

  it("tells badges and errors in that language: es-MX in Spanish", async () => {
    await nodeRed.deploy([
      { id: "tab", type: "tab", label: "flujo" },
      {
        id: "agent",
        type: "teamviewer-iot-agent",
        caFile: "nowhere.crt",
      },
      { id: "start", type: "inject", z: "tab", x: 100, y: 100, wires: [["ping"]], props: [] },
      {
        id: "ping",
        type: "teamviewer-iot-ping",
        z: "tab",
        x: 300,
        y: 100,
        wires: [[], ["sink"]],
        agent: "agent",
      },
      { id: "sink", type: "junction", z: "tab", x: 500, y: 100, wires: [[]] },
      { id: "state", type: "status", z: "tab", x: 300, y: 200, wires: [["sink"]], scope: ["ping"] },
    ]);
    const badge = await nodeRed.until(
      "a badge",
      async () =>
        (await nodeRed.sent()).find(({ id, status }) => id === "state" && status?.text !== "")?.status?.text,
    );
    assert.equal(badge, catalogue("es", "agent").get("status.notRegistered"));

    await nodeRed.inject("start");
    const error = await nodeRed.until(
      "an error",
      async () => (await nodeRed.sent()).find(({ id, output }) => id === "ping" && output === 1)?.error,
    );
    const { message } = error as { message: string };
    assert.equal(message, catalogue("es", "errors").get("NotRegistered.never"));
  });
});
