/** `msg.action` on the nodes that have an agent. */
import assert from "node:assert/strict";
import { VERSION } from "../../nodes/shared/version";
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

  it("status tells of the health of the connection, and its counts do not go back when the node is deployed anew", async () => {
    await nodeRed.ask("ping", { payload: "x" }, "ping.out");
    await act("reconnect");
    let before = await act("status");
    while (before.state !== "connected") before = await act("status");
    const health = before.health as Record<string, unknown>;
    assert.equal(health.version, VERSION);
    assert.ok(Date.parse(String(health.startedAt)) < Date.parse(String(health.lastSuccess)));
    assert.ok(Number(health.reconnects) >= 1 && Number(health.certificateDays) > 300);
    assert.deepEqual(Object.keys(health.latency as object), ["p50", "p95", "p99"]);
    await nodeRed.unload();
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12", autoRegister: true }),
      ...palette("ping"),
    ]);
    await nodeRed.badge("ping", "status.connected");
    const after = await act("status");
    const countsOf = ({ counters, health }: Record<string, unknown>): number[] => {
      const { sent, answered } = counters as Record<string, number>;
      const { reconnects, failures } = health as Record<string, number>;
      return [sent, answered, reconnects, failures].map(Number);
    };
    const [earlier, later] = [countsOf(before), countsOf(after)];
    for (const [at, count] of later.entries())
      assert.ok(count >= (earlier[at] ?? NaN), `${earlier.join()}: ${later.join()}`);
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
