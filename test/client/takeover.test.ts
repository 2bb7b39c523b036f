/** Another client has our MQTT client ID (fault 11), with a broker that lets the last one in, as a real Mosquitto does. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { connectAsync, type MqttClient } from "mqtt";
import type { AgentClient } from "../../src/client/agent-client";
import { openSession } from "../../src/transport/session";
import { clientOf, stateOf } from "../support/agent/client-of";
import { KILLABLE_AGENTS, type KillableAgent } from "../support/agent/killable-agent";

for (const { name, needs, start } of KILLABLE_AGENTS) {
  describe(`A client whose MQTT client ID another one uses, with ${name}`, function () {
    let agent: KillableAgent;
    let client: AgentClient;
    let mqttClientId = "";
    let attempts = 0;

    before(async function () {
      needs(this);
      agent = await start();
      client = await clientOf(
        agent,
        {},
        {
          openSession: (options, signal) => {
            ({ mqttClientId } = options);
            attempts++;
            return openSession(options, signal);
          },
          random: () => 0,
        },
      );
    });
    after(async () => {
      await client?.stop();
      await agent?.stop();
    });

    async function takeOver(): Promise<MqttClient> {
      const { certificateFile, keyFile } = agent.client;
      return connectAsync(`mqtts://localhost:${agent.port}`, {
        protocolId: "MQIsdp",
        protocolVersion: 3,
        clientId: mqttClientId,
        clean: true,
        reconnectPeriod: 0,
        ca: await readFile(agent.ca),
        cert: await readFile(certificateFile),
        key: await readFile(keyFile),
      });
    }

    it("says so after the fifth time, leaves the other alone, and comes back when it is told to (fault 11)", async () => {
      client.start();
      for (let times = 1; times <= 5; times++) {
        await stateOf(client, "connected");
        const other = await takeOver();
        const { failure } = await stateOf(client, "waiting");
        assert.equal(failure.name, times < 5 ? "ConnectionLost" : "IdentityInUse");
        await other.endAsync(true);
      }
      assert.equal(attempts, 5);
      const { state } = client;
      const wait = state.name === "waiting" ? state.retryAt - performance.now() : 0;
      assert.ok(wait > 30_000, `tries again in ${wait} ms`);
      client.connect();
      await stateOf(client, "connected");
    });
  });
}
