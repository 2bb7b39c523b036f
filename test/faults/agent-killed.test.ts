/** The agent dies again and again while values are pushed (fault 1): two ledgers, and a checker that joins them. */
import assert from "node:assert/strict";
import { palette, registeredAgentNode } from "../support/flows";
import { KILLABLE_AGENTS, type KillableAgent } from "../support/agent/killable-agent";
import { useNodeRed } from "../support/node-red";
import { size, someTime } from "./size";

const PUSHES = size(200, 1000);
const KILLS = size(4, 20);
const SENSORS = 4;
/** What a message may end with when nobody can know what became of it. */
const HONEST: ReadonlySet<unknown> = new Set(["ConnectionLost", "RequestBreaksConnection", "ReplyTimeout"]);

for (const { name, needs, start } of KILLABLE_AGENTS) {
  describe(`While ${name} is killed again and again`, function () {
    this.timeout(size(300_000, 1_800_000));
    const nodeRed = useNodeRed();
    let agent: KillableAgent;

    before(async function () {
      needs(this);
      agent = await start();
    });
    after(() => agent?.stop());

    const push = async (delivery: string): Promise<void> => {
      await nodeRed.load([
        registeredAgentNode(agent, {
          ...{ requestTimeout: "5", queueCount: "100000", queueAge: "0" },
          ...{ replayOrder: "inOrder", replayRecords: "0" },
        }),
        ...palette("push", { sensor: "sensor", sensorType: "msg", delivery }),
        ...palette("ping"),
      ]);
      await nodeRed.badge("push", "status.connected");
      const killing = (async () => {
        for (let kill = 0; kill < KILLS; kill++) {
          await someTime(100, 1500);
          await agent.killAndRestart();
        }
      })();
      for (let value = 0; value < PUSHES; value++) {
        nodeRed.send("push", { payload: { count: value }, value, sensor: `s${value % SENSORS}` });
        await someTime(1, size(30, 80));
      }
      await killing;
    };

    it("every confirmed push was accepted, none is lost in silence, and what came twice is marked (fault 1)", async () => {
      await push("confirm");
      const ended = () => [...nodeRed.messages("push.out"), ...nodeRed.messages("push.error")];
      await nodeRed.until(() => (ended().length >= PUSHES ? true : undefined));

      const arrived = (await agent.accepted()).map(({ value }) => value);
      const times = countBy(arrived);
      assert.ok(arrived.length - times.size <= KILLS, `${arrived.length - times.size} repetitions`);
      const values = ended().map((message) => (message as { value?: number }).value);
      assert.equal(new Set(values).size, PUSHES, "each message ends once");
      for (const message of nodeRed.messages("push.out") as { value?: number; maybeDuplicate?: boolean }[]) {
        const accepted = times.get(message.value ?? -1) ?? 0;
        assert.ok(accepted > 0, `push ${message.value} was confirmed and not accepted`);
        assert.ok(
          accepted === 1 || message.maybeDuplicate === true,
          `push ${message.value} came twice, unmarked`,
        );
      }
      for (const { error } of nodeRed.messages("push.error")) {
        assert.ok(HONEST.has(error?.name), `${String(error?.name)}: ${String(error?.message)}`);
      }
    });

    it("every stored push arrives, in order, and a kill repeats at most one of each sensor", async () => {
      const before = (await agent.accepted()).length;
      await push("store");
      await nodeRed.until(() => (nodeRed.messages("push.out").length >= PUSHES ? true : undefined));
      for (;;) {
        const { message } = await nodeRed.ask("ping", { action: "status" }, "ping.out", "ping.error");
        const { outbox } = message.payload as { outbox?: Record<string, number> };
        if (outbox?.pending === 0) {
          const { accepted, delivered } = outbox;
          const errors = nodeRed.messages("push.error").map(({ error }) => error?.message);
          assert.deepEqual(
            { accepted, delivered, errors },
            { accepted: PUSHES, delivered: PUSHES, errors: [] },
          );
          break;
        }
        await someTime(50, 100);
      }
      const accepted = (await agent.accepted()).slice(before);
      assert.equal(new Set(accepted.map(({ value }) => value)).size, PUSHES, "0 lost");
      assert.ok(accepted.length - PUSHES <= KILLS * SENSORS, `${accepted.length - PUSHES} repetitions`);
      for (let sensor = 0; sensor < SENSORS; sensor++) {
        const values = accepted.filter((entry) => entry.sensor === `s${sensor}`).map(({ value }) => value);
        const first = [...new Set(values)];
        assert.deepEqual(
          first,
          first.toSorted((a, b) => a - b),
          "in order",
        );
      }
    });
  });
}

function countBy<T>(items: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1);
  return counts;
}
