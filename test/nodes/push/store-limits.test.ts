/** A store that gets full, or whose values get too old: each of them is told on output 2, once, with its reason. */
import assert from "node:assert/strict";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed, type Message } from "../../support/node-red";
import { freePorts } from "../../support/ports";
import { useSimulator } from "../../support/simulator";

type Told = Message & { payload: { count: number }; outcome?: string };

describe("A push node whose store has limits", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  async function load(properties: Record<string, unknown>): Promise<void> {
    await rm(join(nodeRed.userDir, "teamviewer-iot"), { recursive: true, force: true });
    // An agent that does not come: what is stored stays.
    const [port = 0, registrationPort = 0] = await freePorts(2);
    await nodeRed.load([
      agentNode({ port, registrationPort, ca: simulator.current.ca }, properties),
      ...palette("push", { sensor: "line", delivery: "store" }),
      ...palette("ping"),
    ]);
  }
  async function push(count: number, more: object = {}): Promise<string> {
    const message = { payload: { count, ...more } };
    const before = nodeRed.messages("push.error").length;
    nodeRed.send("push", message);
    const accepted = nodeRed.messages("push.out").length + 1;
    return nodeRed.until(() => {
      if (nodeRed.messages("push.out").length === accepted) return "accepted";
      const error = nodeRed.messages("push.error")[before]?.error;
      return typeof error?.name === "string" && error.name.startsWith("Outbox") ? error.name : undefined;
    });
  }
  const told = () => nodeRed.messages("push.error") as Told[];
  const endings = () => told().map(({ payload, outcome, error }) => [payload.count, outcome, error?.name]);
  async function books(): Promise<Record<string, number>> {
    const { message } = await nodeRed.ask("ping", { action: "status" }, "ping.out", "ping.error");
    return (message.payload as { outbox: Record<string, number> }).outbox;
  }

  it("by count: refuses the new one, with its payload", async () => {
    await load({ outboxCount: "2", outboxFull: "reject" });
    assert.deepEqual([await push(1), await push(2), await push(3)], ["accepted", "accepted", "OutboxFull"]);
    assert.deepEqual(endings(), [[3, undefined, "OutboxFull"]]);
    await nodeRed.badge("push", "status.stored");
    const { accepted, pending } = await books();
    assert.deepEqual([accepted, pending], [2, 2]);
  });

  it("by count: drops the oldest, and tells its values, its time and its number (fault 36)", async () => {
    await load({ outboxCount: "2", outboxFull: "dropOldest" });
    for (const count of [1, 2, 3, 4]) assert.equal(await push(count), "accepted");
    await nodeRed.until(() => (told().length >= 2 ? true : undefined));
    assert.deepEqual(endings(), [
      [1, "dropped", "RecordDropped"],
      [2, "dropped", "RecordDropped"],
    ]);
    const [first] = told() as (Told & { sensorId?: string; timestamp?: number; sequence?: number })[];
    assert.deepEqual([first?.sensorId, first?.sequence], ["line", 1]);
    assert.equal(typeof first?.timestamp, "number");
    const { accepted, dropped, pending } = await books();
    assert.deepEqual([accepted, dropped, pending], [4, 2, 2]);
  });

  it("by bytes: refuses what does not fit", async () => {
    await load({ outboxBytes: "1500", outboxFull: "reject" });
    assert.equal(await push(1, { text: "x".repeat(600) }), "accepted");
    assert.equal(await push(2, { text: "x".repeat(600) }), "OutboxFull");
    assert.equal(await push(3), "accepted");
  });

  it("by age: gives up what is too old, and tells it (fault 37)", async () => {
    await load({ outboxAge: "1" });
    for (const count of [1, 2]) assert.equal(await push(count), "accepted");
    await nodeRed.until(() => (told().length >= 2 ? true : undefined));
    assert.deepEqual(endings(), [
      [1, "expired", "RecordExpired"],
      [2, "expired", "RecordExpired"],
    ]);
    const { accepted, expired, pending } = await books();
    assert.deepEqual([accepted, expired, pending], [2, 2, 0]);
  });
});
