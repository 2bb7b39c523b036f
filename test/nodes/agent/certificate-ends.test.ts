/** A certificate that ends while it is in use: the session goes on, and what comes after it says why there is none. */
import assert from "node:assert/strict";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

for (const broker of ["embedded", "mosquitto"] as const) {
  describe(`A certificate that has ended, broker ${broker}`, () => {
    const nodeRed = useNodeRed();
    const simulator = useSimulator({ broker, faults: { certificateSeconds: 15 } });

    it("is told for what it is, and no other client is made by itself (fault 25)", async () => {
      await nodeRed.load([
        agentNode(simulator.current, { clientName: "press-12", autoRegister: true }),
        ...palette("ping"),
      ]);
      await nodeRed.badge("ping", /certificateEnds/);
      const { message } = await nodeRed.ask("ping", { action: "status" }, "ping.out", "ping.error");
      const { certificate } = message.payload as { certificate: { validTo: string } };
      await nodeRed.until(() => (Date.now() > Date.parse(certificate.validTo) + 1000 ? true : undefined));

      const alive = await nodeRed.ask("ping", { payload: "still here" }, "ping.out", "ping.error");
      assert.equal(alive.from, "ping.out");

      nodeRed.send("ping", { action: "reconnect" });
      const failure = await nodeRed.untilTriedAgain(() => {
        const badge = nodeRed.statuses("ping").at(-1);
        return badge?.fill === "red" ? badge.text : undefined;
      });
      assert.match(failure, /ClientCertificateExpired|status\.waiting/);
      // It is believed only when it has been refused for a while: the clock could be wrong.
      nodeRed.send("ping", { payload: "hello" });
      const refused = await nodeRed.untilTriedAgain(() => nodeRed.messages("ping.error")[0]);
      assert.match(String(refused.error?.message), /has expired/);
      assert.equal(simulator.current.counts.clients, 1);
    });
  });
}
