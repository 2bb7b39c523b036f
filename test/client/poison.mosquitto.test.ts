/** A push that a real broker hangs up on, between others (fault 55). */
import assert from "node:assert/strict";
import type { AgentClient } from "../../src/client/agent-client";
import type { IotError } from "../../src/protocol/errors";
import { clientOf, stateOf } from "../support/agent/client-of";
import { LedgerAgent } from "../support/agent/ledger-agent";
import { needs } from "../support/needs";

describe("A push that is larger than the broker allows", function () {
  let agent: LedgerAgent;
  let client: AgentClient;

  before(async function () {
    needs(this, "mosquitto");
    agent = await LedgerAgent.start(["max_packet_size 5000"]);
    client = await clientOf(agent);
    client.start();
    await stateOf(client, "connected");
  });
  after(async () => {
    await client?.stop();
    await agent?.stop();
  });

  it("ends with an error that says so, and those of other sensors get through before (fault 55)", async () => {
    const ended: string[] = [];
    const push = async (sensorId: string, value: string) => {
      const pushed = client.request("pushValues", { sensorId, metrics: [{ metricId: "m", value }] });
      ended.push(
        await pushed.then(
          () => "ok",
          (error: IotError) => `${error.name} ${error.details.attempts}`,
        ),
      );
    };
    const others = Array.from({ length: 20 }, (_, sensor) => push(`s${sensor}`, "small"));
    const poison = push("large", "x".repeat(10_000));
    await Promise.all([...others, poison, push("large", "small"), push("s0", "small")]);
    const at = ended.indexOf("RequestBreaksConnection 4");
    assert.deepEqual([ended.length, ended.filter((end) => end === "ok").length], [23, 22]);
    assert.ok(at >= 21, "the others first");
  });
});
