/** The client over a network that fails as networks do (faults 2 to 6), with each agent at its other end. */
import assert from "node:assert/strict";
import type { AgentClient } from "../../src/client/agent-client";
import type { IotError } from "../../src/protocol/errors";
import { clientOf, stateOf } from "../support/agent/client-of";
import { KILLABLE_AGENTS, type KillableAgent } from "../support/agent/killable-agent";
import { TcpProxy } from "../support/tcp-proxy";

for (const { name, needs, start } of KILLABLE_AGENTS) {
  describe(`AgentClient over a failing network to ${name}`, function () {
    let agent: KillableAgent;
    let proxy: TcpProxy;
    let client: AgentClient;

    before(async function () {
      needs(this);
      agent = await start();
    });
    after(() => agent?.stop());

    beforeEach(async () => {
      proxy = await TcpProxy.start({ host: "localhost", port: agent.port });
      const { ca, client: files } = agent;
      const settings = { keepalive: 2, requestTimeout: 1000, connectTimeout: 10_000 };
      client = await clientOf({ ca, client: files, port: proxy.port }, settings);
      client.start();
      await stateOf(client, "connected");
      assert.equal(await ping("there"), "there");
    });
    afterEach(async () => {
      await client?.stop();
      await proxy?.stop();
    });

    for (const mode of ["blackHole", "halfOpen"] as const) {
      it(`notices a ${mode} within 1.5 keepalives, and comes back when it is over (faults 3, 4)`, async () => {
        proxy.mode = mode;
        const asked = ping("into the dark");
        const waiting = await stateOf(client, "waiting");
        assert.equal(waiting.failure.name, "AgentSilent");
        assert.equal(await asked, "ReplyTimeout");
        proxy.mode = "pass";
        proxy.cut();
        await stateOf(client, "connected");
        assert.equal(await ping("again"), "again");
      });
    }

    for (const bytes of [0, 1, 5, 40]) {
      it(`repeats what a reset cut off after ${bytes} bytes, where that does no harm (fault 5)`, async () => {
        proxy.resetAfter = bytes;
        const asked = ping("cut off");
        const waiting = await stateOf(client, "waiting");
        assert.equal(waiting.failure.name, "ConnectionLost");
        proxy.resetAfter = Infinity;
        assert.equal(await asked, "cut off");
        assert.equal(client.counters.repeated, 1);
      });
    }

    it("reads answers that come a byte at a time (fault 6)", async () => {
      proxy.mode = "slices";
      const texts = Array.from({ length: 20 }, (_, i) => `${i} äöü`);
      assert.deepEqual(await Promise.all(texts.map(ping)), texts);
    });

    it("is ready again after an agent that stood still goes on, and takes no late answer for another's (fault 2)", async () => {
      agent.signal("SIGSTOP");
      const asked = ping("stopped");
      const waiting = await stateOf(client, "waiting");
      assert.equal(waiting.failure.name, "AgentSilent");
      assert.equal(await asked, "ReplyTimeout");
      agent.signal("SIGCONT");
      await stateOf(client, "connected");
      assert.equal(await ping("goes on"), "goes on");
      assert.equal(client.counters.answered, 2);
    });

    it("stops at once in the middle of everything, and every request ends once", async () => {
      proxy.mode = "blackHole";
      const all = Array.from({ length: 50 }, (_, i) => ping(`${i}`));
      await client.stop();
      for (const outcome of await Promise.all(all)) assert.equal(outcome, "Closed");
      assert.equal(client.state.name, "idle");
    });

    function ping(request: string): Promise<string> {
      return client.request("ping", { request }).then(
        ({ answer }) => answer,
        ({ name }: IotError) => name,
      );
    }
  });
}
