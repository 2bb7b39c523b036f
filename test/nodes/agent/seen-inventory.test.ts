/** What the editor sees of an agent that is away: what was read before Node-RED was started, and nothing of another client. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRemembered, writeRemembered, type RememberedSensor } from "../../../nodes/agent/inventory-file";
import { SeenInventory } from "../../../nodes/agent/seen-inventory";
import { Inventory } from "../../../src/client/inventory";
import { FakeClock } from "../../support/agent/fake-clock";

describe("What was seen of an agent", () => {
  let folder: string;
  let file: string;
  let client: string | undefined;
  let asked: string[];
  const clock = new FakeClock();

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "tviot-seen-"));
    file = join(folder, "inventory.jsonl");
    client = "client-1";
    asked = [];
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** As after each start of Node-RED. */
  function start(): SeenInventory {
    const ask = (operation: string, parameters: object): Promise<unknown> => {
      asked.push(operation);
      if (operation === "listSensors")
        return Promise.resolve([
          { sensorId: "press", name: "Press", metrics: [{ metricId: "heat" }] },
          { sensorId: "oven", name: "Oven", metrics: [] },
        ]);
      const { metricId } = parameters as { metricId: string };
      const unit = { valueUnit: "SI.Temperature.CELSIUS" };
      return Promise.resolve({ metricId, name: "Heat", value: 21, lastUpdated: new Date(), ...unit });
    };
    const inventory = new Inventory(ask as ConstructorParameters<typeof Inventory>[0], clock);
    return new SeenInventory(inventory, file, () => client, clock);
  }

  async function look(): Promise<void> {
    const seen = start();
    await seen.sensors("read");
    await seen.metrics("press", "read");
    await seen.close();
  }

  const names = async (seen: SeenInventory): Promise<string[]> =>
    (await seen.sensors("known")).sensors.map(({ name }) => name);

  it("is there after a restart, with the time at which it was read, without asking and without values", async () => {
    await look();
    const readAt = clock.now();
    clock.advance(86_400_000);
    asked = [];
    const seen = start();
    assert.deepEqual(await names(seen), ["Press", "Oven"]);
    assert.equal((await seen.sensors("known")).readAt, readAt);
    const expected = { metricId: "heat", name: "Heat", valueUnit: "SI.Temperature.CELSIUS" };
    assert.deepEqual(await seen.metrics("press", "known"), [{ ...expected, value: null, lastUpdated: null }]);
    assert.deepEqual(asked, []);
    assert.doesNotMatch(await readFile(file, "utf8"), /21/);
  });

  it("is for nobody else on the machine, and written once for much that is asked in a row", async () => {
    const seen = start();
    await seen.sensors("read");
    await assert.rejects(stat(file), /ENOENT/);
    await seen.metrics("press", "read");
    await seen.close();
    if (process.platform !== "win32") assert.equal((await stat(file)).mode & 0o777, 0o600);
    await rm(file);
    await seen.close();
    await assert.rejects(stat(file), /ENOENT/);
  });

  it("is of this client only: nothing of one that was deleted, or registered anew", async () => {
    await look();
    for (const other of ["client-2", ""]) {
      client = other;
      const seen = start();
      assert.deepEqual(await names(seen), []);
      assert.deepEqual(await seen.metrics("press", "known"), []);
    }
    // It is not known yet who we are: the file is of this node.
    client = undefined;
    assert.deepEqual(await names(start()), ["Press", "Oven"]);
  });

  it("keeps what was described before for sensors that are still the same", async () => {
    await look();
    const seen = start();
    await seen.sensors("read");
    await seen.close();
    assert.equal((await start().metrics("press", "known")).length, 1);
  });

  it("is nothing where the file is damaged, somebody else's, or cannot be written", async () => {
    for (const text of ["", "not ours", '{"version":2}', '{"version":1,"clientId":7}', "[]\n[]\n"]) {
      await writeFile(file, text);
      assert.deepEqual(await names(start()), [], text);
    }
    await rm(file);
    await writeFile(join(folder, "file"), "");
    file = join(folder, "file", "inventory.jsonl");
    await look();
    assert.deepEqual(await names(start()), []);
  });

  it("passes over lines that are damaged, and metrics that are none", () => {
    const head = '{"version":1,"clientId":"c","readAt":1}';
    const lines = [
      "{",
      "null",
      '{"sensorId":1}',
      '{"sensorId":"a","name":"A","metricIds":[1,"m"],"metrics":[{}]}',
    ];
    const found = readRemembered([head, ...lines].join("\n"));
    assert.deepEqual([...(found?.sensors.values() ?? [])], [{ sensorId: "a", name: "A", metricIds: ["m"] }]);
  });

  it("has a bound: descriptions are left out first, then sensors", () => {
    const sensor = (sensorId: string, ids: number, named: number): [string, RememberedSensor] => {
      const metric = { metricId: "m", name: "n".repeat(named), value: null, lastUpdated: null } as const;
      return [sensorId, { sensorId, name: "", metricIds: Array<string>(ids).fill("m"), metrics: [metric] }];
    };
    const sensors = new Map([
      sensor("a", 1, 3_000_000),
      sensor("b", 1, 3_000_000),
      sensor("c", 2_000_000, 1),
    ]);
    const text = writeRemembered({ clientId: "c", readAt: 1, sensors });
    assert.ok(text.length < 4_001_000, String(text.length));
    const found = readRemembered(text)?.sensors;
    assert.deepEqual([...(found?.keys() ?? [])], ["a", "b"]);
    assert.deepEqual([found?.get("a")?.metrics?.length, found?.get("b")?.metrics], [1, undefined]);
  });
});
