/** What a person sees of messages that were being served when a real Node-RED was deployed anew, or was shut down. */
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { agentNode } from "../support/flows";
import { RealNodeRed, type FlowItem } from "../support/real-node-red";
import { useSimulator } from "../support/simulator";

const MESSAGES = 3;

describe("A Node-RED that is stopped while pushes are in flight", function () {
  const simulator = useSimulator();
  let nodeRed: RealNodeRed;

  before(async () => {
    nodeRed = await RealNodeRed.start();
  });
  after(() => nodeRed?.stop());

  /** `later` sends what the error output told: that nodes behind the wires hear it is the point. */
  const flow = (name: string): FlowItem[] => [
    { id: "tab", type: "tab", label: "Press 12" },
    { ...agentNode(simulator.current, { clientName: "press-12", autoRegister: true }), requestTimeout: "60" },
    {
      id: "button",
      type: "inject",
      z: "tab",
      name,
      props: [{ p: "payload" }],
      payload: '{"temp": 21.5}',
      payloadType: "json",
      wires: [["push"]],
    },
    {
      id: "push",
      type: "teamviewer-iot-push",
      z: "tab",
      agent: "agent",
      sensor: "oven",
      wires: [["delivered"], ["later"]],
    },
    { id: "delivered", type: "junction", z: "tab", wires: [[]] },
    { id: "later", type: "change", z: "tab", rules: [], wires: [["end"]] },
    { id: "end", type: "junction", z: "tab", wires: [[]] },
  ];
  const inFlight = async (): Promise<void> => {
    for (let message = 0; message < MESSAGES; message++) await nodeRed.inject("button");
    await pause(500);
  };

  it("tells each of them on output 2 after a full deploy, and in its log when it is shut down (fault 40)", async () => {
    await nodeRed.deploy(flow("first"));
    simulator.current.setFaults({ lose: 1 });
    await inFlight();
    await nodeRed.deploy(flow("second"));
    const told: unknown[] = [];
    while (told.length < MESSAGES) {
      const sent = await nodeRed.sent();
      told.push(
        ...sent.filter(({ id }) => id === "later").map(({ error }) => (error as { name: string }).name),
      );
      await pause(50);
    }
    assert.deepEqual(told, ["Closed", "Closed", "Closed"]);

    await inFlight();
    await nodeRed.shutDown();
    const lines = nodeRed.log().match(/.*Stopped while serving messages: \d+.*/g) ?? [];
    assert.equal(lines.length, 2, nodeRed.log());
    for (const line of lines) assert.match(line, new RegExp(`\\[warn\\].*push.*messages: ${MESSAGES}\\.`));
  });
});
