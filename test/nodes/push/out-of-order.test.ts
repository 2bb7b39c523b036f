/** Answers that overtake each other: each message still gets its own. */
import assert from "node:assert/strict";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

const SENSORS = 30;
const ROUNDS = 5;

describe("Answers that come out of order", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  it("reach the message that they are for, on different sensors (fault 17)", async () => {
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12", autoRegister: true }),
      ...palette("push", { sensor: "sensor", sensorType: "msg" }),
    ]);
    await nodeRed.badge("push", "status.connected");
    simulator.current.setFaults({ reorder: 0.5 });
    // Every second push is refused: its value is not of the metric's type.
    const wanted = new Map<string, string>();
    for (let round = 0; round < ROUNDS; round++) {
      for (let sensor = 0; sensor < SENSORS; sensor++) {
        const id = `${sensor}/${round}`;
        const isGood = round === 0 || (sensor + round) % 2 === 0;
        wanted.set(id, isGood ? "push.out" : "push.error");
        nodeRed.send("push", { payload: { count: isGood ? round : "no number" }, sensor: `s${sensor}`, id });
      }
    }
    const ended = () => nodeRed.messages("push.out").length + nodeRed.messages("push.error").length;
    await nodeRed.until(() => (ended() === wanted.size ? true : undefined));
    simulator.current.setFaults({ reorder: 0 });
    for (const output of ["push.out", "push.error"]) {
      for (const message of nodeRed.messages(output)) {
        const { id, error } = message as { id?: string; error?: { name?: unknown } };
        assert.equal(wanted.get(id ?? ""), output, `${id}: ${JSON.stringify(error)}`);
        if (error !== undefined) assert.equal(error.name, "PushValuesFailed");
      }
    }
  });
});
