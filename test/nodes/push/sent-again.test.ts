/** A push that was sent again may have arrived twice, however it ends. */
import assert from "node:assert/strict";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

describe("A push that was sent again", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  it("says so on output 2 too, when its answer never came", async () => {
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12", autoRegister: true, requestTimeout: "5" }),
      ...palette("push", { sensor: "line" }),
    ]);
    await nodeRed.badge("push", "status.connected");
    let pushes = 0;
    simulator.current.on("request", ({ operation }) => {
      if (operation === "pushValues") pushes++;
    });
    simulator.current.setFaults({ lose: 1 });
    const ended = nodeRed.ask("push", { payload: { count: 1 } }, "push.out", "push.error");
    await nodeRed.until(() => (pushes === 1 ? true : undefined));
    simulator.current.setFaults({ lose: 1, stopped: true });
    await nodeRed.badge("push", "status.queued");
    simulator.current.setFaults({ lose: 1, stopped: false });
    const { from, message } = await ended;
    assert.deepEqual([from, message.error?.name, pushes], ["push.error", "ReplyTimeout", 2]);
    assert.equal((message as { maybeDuplicate?: boolean }).maybeDuplicate, true);
  });
});
