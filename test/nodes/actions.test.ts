/** `msg.action` on the nodes that have an agent. */
import assert from "node:assert/strict";
import { agentNode, palette } from "../support/flows";
import { useNodeRed, type Message } from "../support/node-red";
import { useSimulator } from "../support/simulator";

describe("An action", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  beforeEach(async () => {
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12", autoRegister: true }),
      ...palette("ping"),
      ...palette("push", { sensor: "oven" }),
    ]);
    await nodeRed.badge("ping", "status.connected");
  });

  async function act(action: string, node = "ping"): Promise<Record<string, unknown>> {
    const { from, message } = await nodeRed.ask(
      node,
      { action, payload: "kept?" },
      `${node}.out`,
      `${node}.error`,
    );
    assert.equal(from, `${node}.out`);
    return message.payload as Record<string, unknown>;
  }
  async function pingError(): Promise<Message["error"]> {
    const { message } = await nodeRed.ask("ping", { payload: "x" }, "ping.error", "ping.out");
    return message.error;
  }

  it("status tells what there is to know of the connection, and nothing secret", async () => {
    const status = await act("status");
    assert.equal(status.state, "connected");
    assert.match(String(status.clientId), /^[0-9a-f]{32}$/);
    assert.deepEqual(Object.keys(status.certificate as object), ["validFrom", "validTo", "fingerprint"]);
    assert.equal(typeof (status.counters as { sent: number }).sent, "number");
    assert.equal(JSON.stringify(status).includes("PRIVATE KEY"), false);
  });

  it("disconnect ends the connection for all nodes, connect makes it again, both also twice", async () => {
    assert.equal((await act("disconnect")).state, "disconnected");
    assert.equal((await act("disconnect", "push")).state, "disconnected");
    await nodeRed.badge("push", "status.disconnected");
    assert.equal((await pingError())?.name, "Disconnected");
    await act("connect", "push");
    await act("connect");
    await nodeRed.badge("ping", "status.connected");
    const { from } = await nodeRed.ask("ping", { payload: "x" }, "ping.out", "ping.error");
    assert.equal(from, "ping.out");
  });

  it("reconnect makes a new connection", async () => {
    const before = String((await act("status")).since);
    await act("reconnect");
    await nodeRed.badge("ping", "status.connected");
    assert.notEqual((await act("status")).since, before);
  });

  it("that nobody knows is somebody else's property of the message", async () => {
    const { message } = await nodeRed.ask(
      "ping",
      { action: "dance", payload: "x" },
      "ping.out",
      "ping.error",
    );
    assert.deepEqual([message.payload, message.action], ["x", "dance"]);
  });
});
