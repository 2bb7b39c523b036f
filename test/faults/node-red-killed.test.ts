/** Node-RED dies at any moment, kill -9, while it stores and forwards (fault 29): what it accepted arrives. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { layUserDirectory, startNodeRed } from "../../scripts/shared/node-red.mjs";
import { KILLABLE_AGENTS, type KillableAgent } from "../support/agent/killable-agent";
import { registeredAgentNode } from "../support/flows";
import { size, someTime } from "./size";
import { until } from "../support/waits";

const KILLS = size(3, 200);

for (const { name, needs, start } of KILLABLE_AGENTS) {
  describe(`While Node-RED is killed again and again beside ${name}`, function () {
    this.timeout(size(300_000, 3_600_000));
    let agent: KillableAgent;
    let userDirectory: string;

    before(async function () {
      needs(this);
      agent = await start();
      userDirectory = await mkdtemp(join(tmpdir(), "tviot-killed-"));
      layUserDirectory(userDirectory, flow(agent));
    });
    after(async () => {
      await agent?.stop();
      if (userDirectory) await rm(userDirectory, { recursive: true, force: true });
    });

    it("every value that was accepted arrives, and a kill repeats at most one (fault 29)", async () => {
      const accepted = new Set<number>();
      let value = 0;
      for (let kill = 0; kill < KILLS; kill++) {
        const program = await startNodeRed({ userDirectory });
        let alive = true;
        const pushing = (async () => {
          while (alive) {
            const count = value++;
            const answer = await call(program.ready, "push", { count }).catch(() => undefined);
            if (answer?.ok === true) accepted.add(count);
          }
        })();
        // The first time, a busy machine may take long: kills among no values at all show nothing.
        if (kill === 0) await until("a value is accepted", () => accepted.size > 0);
        await someTime(0, 700);
        // Every other time there is something in flight, and more that waits.
        if (kill % 2 === 1) agent.signal("SIGSTOP");
        await someTime(0, 300);
        await program.kill();
        alive = false;
        await pushing;
        agent.signal("SIGCONT");
      }

      const last = await startNodeRed({ userDirectory });
      try {
        for (;;) {
          const answer = await call(last.ready, "status", {});
          // The editor answers before the flow has been started.
          const body = (answer.ok ? await answer.json() : {}) as { outbox?: Record<string, number> };
          const { outbox } = body;
          if (outbox?.pending === 0) {
            assert.equal(outbox.delivered, outbox.accepted, JSON.stringify(outbox));
            assert.ok((outbox.accepted ?? 0) >= accepted.size, JSON.stringify(outbox));
            break;
          }
          await someTime(50, 100);
        }
      } finally {
        await last.stop();
      }
      assert.ok(accepted.size > 0);
      const arrived = (await agent.accepted()).map((entry) => entry.value);
      const first = [...new Set(arrived)];
      assert.deepEqual(
        [...accepted].filter((count) => !first.includes(count)),
        [],
        "accepted and lost",
      );
      assert.ok(arrived.length - first.length <= KILLS, `${arrived.length - first.length} repetitions`);
    });
  });
}

function flow(agent: KillableAgent): object[] {
  const tab = { z: "flow", x: 0, y: 0 };
  return [
    { id: "flow", type: "tab", label: "killed" },
    registeredAgentNode(agent),
    { ...tab, id: "in", type: "http in", url: "/push", method: "post", wires: [["push"]] },
    {
      ...tab,
      id: "push",
      type: "teamviewer-iot-push",
      agent: "agent",
      sensor: "line",
      delivery: "store",
      wires: [["ok"], ["failed"]],
    },
    { ...tab, id: "ok", type: "http response", statusCode: "200", wires: [] },
    { ...tab, id: "failed", type: "http response", statusCode: "500", wires: [] },
    { ...tab, id: "ask", type: "http in", url: "/status", method: "post", wires: [["action"]] },
    {
      ...tab,
      id: "action",
      type: "change",
      rules: [{ t: "set", p: "action", pt: "msg", to: "status", tot: "str" }],
      wires: [["push"]],
    },
  ];
}

function call(url: string, path: string, body: object): Promise<Response> {
  return fetch(new URL(path, url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}
