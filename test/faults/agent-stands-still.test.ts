/** The agent stands still, as a machine does that swaps or is suspended, and goes on (fault 2). */
import assert from "node:assert/strict";
import type { AgentClient } from "../../src/client/agent-client";
import type { IotError } from "../../src/protocol/errors";
import { clientOf, stateOf } from "../support/agent/client-of";
import { KILLABLE_AGENTS, type KillableAgent } from "../support/agent/killable-agent";
import { size } from "./size";

const ROUNDS = size(1, 5);
const PUSHES = 10;

for (const { name, needs, start } of KILLABLE_AGENTS) {
  describe(`When ${name} stands still for a while`, function () {
    let agent: KillableAgent;
    let client: AgentClient;

    before(async function () {
      needs(this);
      agent = await start();
      client = await clientOf(agent, { keepalive: 2, requestTimeout: 2000, connectTimeout: 10_000 });
      client.start();
    });
    after(async () => {
      await client?.stop();
      await agent?.stop();
    });

    let values = 0;
    /** Pushes a value that no other push has, and gives it with the verdict. */
    async function push(): Promise<[value: number, verdict: string]> {
      const value = values++;
      const request = client.request("pushValues", {
        sensorId: `s${value % PUSHES}`,
        metrics: [{ metricId: "m", value }],
      });
      return request.then(
        () => [value, "ok"],
        (error: IotError) => [value, error.name],
      );
    }
    const pushAll = () => Promise.all(Array.from({ length: PUSHES }, push));

    it("is noticed, each request in flight ends once as unknown, and no late answer is another's (fault 2)", async () => {
      const confirmed: number[] = [];
      let unknown = 0;
      for (let round = 0; round < ROUNDS; round++) {
        await stateOf(client, "connected");
        for (const [value, verdict] of await pushAll()) {
          assert.equal(verdict, "ok");
          confirmed.push(value);
        }
        agent.signal("SIGSTOP");
        const pushed = pushAll();
        const { failure, permanent } = await stateOf(client, "waiting");
        assert.deepEqual([failure.name, permanent], ["AgentSilent", false]);
        agent.signal("SIGCONT");
        const before = unknown;
        for (const [value, verdict] of await pushed) {
          // After a round of unknown ones not all are sent at once: the others come when it goes on.
          if (verdict === "ok") confirmed.push(value);
          else assert.equal(verdict, "ReplyTimeout");
          unknown += verdict === "ok" ? 0 : 1;
        }
        assert.ok(unknown > before);
        // The first time all were in flight.
        if (round === 0) assert.equal(unknown, PUSHES);
      }
      await stateOf(client, "connected");
      for (const [value, verdict] of await pushAll()) {
        assert.equal(verdict, "ok");
        confirmed.push(value);
      }
      const accepted = new Set((await agent.accepted()).map(({ value }) => value));
      assert.deepEqual(
        confirmed.filter((value) => !accepted.has(value)),
        [],
      );
      const { answered, timedOut, inFlight } = client.counters;
      const wanted = { answered: confirmed.length, timedOut: unknown, inFlight: 0 };
      assert.deepEqual({ answered, timedOut, inFlight }, wanted);
    });
  });
}
