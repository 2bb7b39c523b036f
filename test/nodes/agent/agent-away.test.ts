/** An agent that is silent behind a broker that lives: told to Catch nodes once, and shown until it is back (fault 51). */
import assert from "node:assert/strict";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

const MINUTE = 60_000;

describe("An agent that is silent behind its broker", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  it("is told once, whatever is sent to it, and told again the next time (fault 51)", async () => {
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12", autoRegister: true, requestTimeout: "1" }),
      ...palette("ping"),
      { id: "catch node", z: "flow", type: "catch", wires: [["caught"]] },
      { id: "caught", z: "flow", type: "helper" },
    ]);
    const connected = () => nodeRed.badge("ping", "status.connected");
    await connected();
    const names = () =>
      nodeRed.messages("caught").map(({ error }) => (error?.cause as { name: string } | undefined)?.name);

    for (const times of [1, 2]) {
      simulator.current.setFaults({ lose: 1 });
      for (let request = 0; request < 3; request++) {
        // Each waits until no late answer to the one before can be taken for its own.
        const { message } = await nodeRed.askInVain("ping", {}, "ping.out", "ping.error");
        assert.equal(message.error?.name, "ReplyTimeout");
      }
      await nodeRed.badge("ping", "ReplyTimeout");
      nodeRed.skip(5 * MINUTE);
      await nodeRed.until(() => (names().length >= times ? true : undefined));
      assert.deepEqual(names(), Array(times).fill("AgentAway"));

      simulator.current.setFaults({ lose: 0 });
      const answered = await nodeRed.ask("ping", { payload: "back" }, "ping.out", "ping.error");
      assert.equal(answered.from, "ping.out");
      await connected();
    }
  });
});
