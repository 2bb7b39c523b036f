/** What the agent node tells of its store: each cause once, and that it is over. */
import assert from "node:assert/strict";
import { chown, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Health } from "../../../nodes/agent/health";
import { StoreAndForward } from "../../../nodes/agent/store-and-forward";
import type { AgentClient } from "../../../src/client/agent-client";
import type { IotError } from "../../../src/protocol/errors";
import { Timestamps } from "../../../src/time/timestamps";
import { systemClock } from "../../../src/time/clock";

describe("The store of an agent node", () => {
  let top: string;
  let directory: string;
  let store: StoreAndForward;
  let told: string[];
  let sent: unknown[];

  beforeEach(async () => {
    top = await mkdtemp(join(tmpdir(), "tviot-store-"));
    directory = join(top, "outbox");
    told = [];
    sent = [];
    const client = {
      state: { name: "waiting" },
      timestamps: new Timestamps(),
      request: (_: string, { metrics }: { metrics: { value: unknown }[] }) =>
        Promise.resolve(sent.push(metrics[0]?.value)),
    };
    store = new StoreAndForward(
      { directory, count: 100, bytes: 1e6, age: 0, whenFull: "reject" },
      client as unknown as AgentClient,
      { failed: ({ name }) => told.push(name), changed: () => undefined },
      systemClock,
      new Health(),
    );
  });
  afterEach(async () => {
    await store.close(Promise.resolve());
    await rm(top, { recursive: true, force: true });
  });

  const push = (value: number): Promise<unknown> =>
    store.accept({ owner: "n", sensorId: "s", metrics: [{ metricId: "m", value }] }).then(
      () => "accepted",
      (error: IotError) => error.name,
    );
  const until = async (isOver: () => boolean): Promise<void> => {
    while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it("that cannot be opened is told once, however many pushes it refuses, and is not a problem any more when it can be", async () => {
    await writeFile(directory, "a file where the folder should be");
    store.attach("n", () => undefined);
    assert.deepEqual([await push(1), await push(2)], ["OutboxUnwritable", "OutboxUnwritable"]);
    assert.deepEqual([told, store.problem?.name], [["OutboxUnwritable"], "OutboxUnwritable"]);
    await rm(directory);
    assert.equal(await push(3), "accepted");
    assert.deepEqual([told, store.problem], [["OutboxUnwritable"], undefined]);
  });

  it("whose folder was deleted is told once, begins anew, and tells how many values are gone (fault 63)", async () => {
    store.attach("n", () => undefined);
    for (const value of [1, 2, 3]) assert.equal(await push(value), "accepted");
    await rm(directory, { recursive: true });
    assert.equal(await push(4), "OutboxUnwritable");
    assert.equal(store.problem?.details.code, "ENOENT");
    assert.equal(await push(5), "accepted");
    assert.equal(store.problem, undefined);
    store.setConnected(true);
    await until(() => told.length === 2);
    assert.deepEqual(told, ["OutboxUnwritable", "OutboxDamaged"]);
    assert.deepEqual([sent, store.counters?.corrupt, store.counters?.pending], [[5], 3, 0]);
  });

  if (process.geteuid?.() === 0) {
    it("in a folder of another owner is used, and that is told once (fault 68)", async () => {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      await chown(directory, 12345, 12345);
      store.attach("n", () => undefined);
      assert.deepEqual([await push(1), await push(2)], ["accepted", "accepted"]);
      assert.deepEqual([told, store.problem], [["OutboxExposed"], undefined]);
    });
  }
});
