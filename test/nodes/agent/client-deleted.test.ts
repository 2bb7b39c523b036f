/** Somebody else deletes the client while it is in use: told for what it is, and nothing that waits is thrown away. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { identityDirectory } from "../../../nodes/shared/paths";
import { clientOf, stateOf } from "../../support/agent/client-of";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

for (const broker of ["embedded", "mosquitto"] as const) {
  describe(`A client that is deleted on the agent, broker ${broker}`, () => {
    const nodeRed = useNodeRed();
    const simulator = useSimulator({ broker });

    it("is told for what it is, and its stored values are kept (fault 24)", async () => {
      const identity = join(identityDirectory(nodeRed.userDir, "agent"), "identity.pem");
      await nodeRed.load([
        agentNode(simulator.current, { clientName: "press-12", autoRegister: true }),
        ...palette("push", { sensor: "line", delivery: "store" }),
        ...palette("ping"),
      ]);
      await nodeRed.badge("push", "status.connected");
      const { ca, port } = simulator.current;
      const client = { certificateFile: identity, keyFile: identity };
      const somebodyElse = await clientOf({ ca, port, client });
      somebodyElse.start();
      try {
        await stateOf(somebodyElse, "connected");
        await somebodyElse.request("deleteClient", {});
      } finally {
        await somebodyElse.stop();
      }
      const state = await nodeRed.untilTriedAgain(() => {
        const badge = nodeRed.statuses("ping").at(-1);
        return badge?.fill === "red" ? badge : undefined;
      });
      assert.match(state.text ?? "", /ClientCertificate|status\.waiting/);

      const refused = await nodeRed.ask("ping", { payload: "hello" }, "ping.out", "ping.error");
      assert.deepEqual([refused.from, refused.message.error?.name], ["ping.error", "NotConnected"]);
      assert.match(String(refused.message.error?.message), /was deleted|still exists/);

      const stored = await nodeRed.ask("push", { payload: { count: 1 } }, "push.out", "push.error");
      assert.equal(stored.from, "push.out", JSON.stringify(stored.message.error));
      const { message } = await nodeRed.ask("ping", { action: "status" }, "ping.out", "ping.error");
      assert.equal((message.payload as { outbox: { pending: number } }).outbox.pending, 1);
    });

    it("is told of by nobody when one of its own nodes deletes it: it is not registered then", async () => {
      await rm(identityDirectory(nodeRed.userDir, "agent"), { recursive: true, force: true });
      await nodeRed.load([
        agentNode(simulator.current, { clientName: "press-13", autoRegister: true }),
        ...palette("push", { sensor: "line" }),
        ...palette("client", { operation: "delete", confirmDelete: true }),
        { id: "catcher", z: "flow", type: "catch", wires: [["caught"]] },
        { id: "caught", z: "flow", type: "helper" },
      ]);
      await nodeRed.badge("push", "status.connected");
      const answer = nodeRed.ask("client", {}, "client.out", "client.error");
      const meanwhile = await nodeRed.ask("push", { payload: { count: 1 } }, "push.out", "push.error");
      const { from, message } = await answer;
      assert.equal(from, "client.out", JSON.stringify(message.error));
      await nodeRed.badge("push", "status.notRegistered");
      const after = await nodeRed.ask("push", { payload: { count: 1 } }, "push.out", "push.error");
      assert.equal(after.message.error?.name, "NotRegistered");
      assert.match(
        String(meanwhile.message.error?.name),
        /^(NotRegistered|NotConnected|ConnectionLost|ForbiddenAccess)$/,
      );
      assert.deepEqual(nodeRed.messages("caught"), []);
      assert.deepEqual(
        nodeRed.statuses("push").filter(({ fill }) => fill === "red"),
        [],
      );
    });
  });
}
