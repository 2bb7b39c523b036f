/** A certificate that will end: said in the badge, and as a message, once for each of 30, 7 and 1 days (fault 25). */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

const DAY = 86_400;

describe("A certificate that will end", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  async function load(days: number): Promise<void> {
    await rm(join(nodeRed.userDir, "teamviewer-iot"), { recursive: true, force: true });
    simulator.current.setFaults({ certificateSeconds: days * DAY });
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12", autoRegister: true }),
      ...palette("ping"),
      ...palette("push", { sensor: "oven" }),
      { id: "catch node", z: "flow", type: "catch", wires: [["caught"]] },
      { id: "caught", z: "flow", type: "helper" },
      { id: "status node", z: "flow", type: "status", wires: [["shown"]] },
      { id: "shown", z: "flow", type: "helper" },
    ]);
  }

  for (const days of [29.5, 6.5, 0.5]) {
    it(`in ${days} days is shown by every node, and told to Catch and Status nodes once (fault 25)`, async () => {
      await load(days);
      for (const node of ["ping", "push"]) {
        const { fill, shape } = await nodeRed.badge(node, "status.certificateEnds");
        assert.deepEqual([fill, shape], ["yellow", "dot"]);
      }
      const caught = await nodeRed.until(() => nodeRed.messages("caught")[0]);
      const { name, message } = caught.error?.cause as { name: string; message: string };
      assert.equal(name, "CertificateEnding");
      assert.match(message, new RegExp(`\\b${Math.floor(days)}\\b`));
      assert.equal((caught.error?.source as { type: string }).type, "teamviewer-iot-agent");
      const isShown = (message: object) =>
        (message as { status?: { text?: string } }).status?.text === "status.certificateEnds";
      await nodeRed.until(() => (nodeRed.messages("shown").some(isShown) ? true : undefined));
      const { from } = await nodeRed.ask("ping", { payload: "x" }, "ping.out", "ping.error");
      assert.equal(from, "ping.out", "it still works");
      nodeRed.send("ping", { action: "reconnect" });
      await nodeRed.badge("ping", "status.certificateEnds");
      assert.equal(nodeRed.messages("caught").length, 1);
    });
  }

  it("in 31 days is not worth a word yet", async () => {
    await load(31.5);
    await nodeRed.badge("ping", "status.connected");
    assert.equal(nodeRed.messages("caught").length, 0);
  });
});
