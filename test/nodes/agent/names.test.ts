/** The IDs that are remembered by name: over a restart, and whatever became of their file. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NameMemory } from "../../../nodes/agent/names";

describe("Names of sensors and metrics", () => {
  let directory: string;
  beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), "tviot-names-"))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const path = (): string => join(directory, "names.json");
  const memory = (client = "one"): NameMemory => new NameMemory(path(), () => client);

  it("are known after a restart, to the client that learned them", async () => {
    const first = memory();
    first.learnSensor("Press", "s");
    first.learnMetric("s", "T", "m");
    await first.save();
    for (const [client, known] of [
      ["one", ["s", "m"]],
      ["two", [undefined, undefined]],
    ] as const) {
      const next = memory(client);
      await next.ready();
      assert.deepEqual([next.sensor("Press"), next.metric("s", "T")], known);
    }
  });

  it("are learned anew where the file is damaged, or is none of ours", async () => {
    for (const text of ["{", '{"clientId":"one","sensors":[7],"metrics":[]}', "[]", "\0\0\0"]) {
      await writeFile(path(), text);
      const names = memory();
      await names.ready();
      assert.equal(names.sensor("Press"), undefined);
      names.learnSensor("Press", "s");
      await names.save();
      const next = memory();
      await next.ready();
      assert.equal(next.sensor("Press"), "s");
    }
  });
});
