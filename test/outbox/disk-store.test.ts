/** The outbox on a real disk: what survives a restart, damage, a second process and a disk that refuses. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Outbox, type OutboxEnding, type OutboxSettings } from "../../src/outbox/outbox";
import type { OutboxRecord } from "../../src/outbox/record";

const push = (value: number, sensorId = "weather") => ({
  owner: "node",
  sensorId,
  metrics: [{ metricId: "temp", value }],
});

describe("the outbox on disk", () => {
  let directory: string;
  let open: Outbox[] = [];

  const start = (
    settings: Partial<OutboxSettings> = {},
    deliver: (r: OutboxRecord) => Promise<unknown> = async () => {},
  ) => {
    const outbox = new Outbox(
      { directory, count: 1000, bytes: 1e6, age: 0, whenFull: "reject", ...settings },
      deliver,
    );
    open.push(outbox);
    return outbox;
  };
  const delivered = async (outbox: Outbox, count: number) => {
    const endings: OutboxEnding[] = [];
    const all = new Promise<OutboxEnding[]>((resolve) => {
      outbox.on("ended", (ending) => {
        endings.push(ending);
        if (endings.length === count) resolve(endings);
      });
    });
    outbox.setConnected(true);
    await outbox.open();
    return all;
  };

  beforeEach(async () => {
    directory = join(await mkdtemp(join(tmpdir(), "outbox-")), "store");
  });
  afterEach(async () => {
    for (const outbox of open) await outbox.close();
    open = [];
    await rm(join(directory, ".."), { recursive: true, force: true });
  });

  it("keeps what is accepted over a restart, in order, with its original timestamp, marked as a possible repetition", async () => {
    const first = start();
    const receipts = [];
    for (let value = 0; value < 5; value++) receipts.push(await first.accept(push(value)));
    await first.close();

    const sent: OutboxRecord[] = [];
    const second = start({}, (record) => Promise.resolve(sent.push(record)));
    const endings = await delivered(second, 5);
    assert.deepEqual(
      sent.map(({ timestamp }) => timestamp),
      receipts.map(({ timestamp }) => timestamp),
    );
    assert.deepEqual(
      sent.map(({ metrics }) => metrics[0]?.value),
      [0, 1, 2, 3, 4],
    );
    assert.ok(endings.every(({ outcome, maybeDuplicate }) => outcome === "delivered" && maybeDuplicate));
    assert.deepEqual(
      { ...second.counters, bytes: 0 },
      {
        accepted: 5,
        delivered: 5,
        rejected: 0,
        expired: 0,
        dropped: 0,
        corrupt: 0,
        pending: 0,
        bytes: 0,
        replayed: 5,
      },
    );
  });

  it("has folders that only their owner can enter", async () => {
    const outbox = start();
    await outbox.accept(push(1));
    assert.equal((await stat(directory)).mode & 0o777, 0o700);
  });

  it("is refused to a second process while the first lives, and taken over after kill -9 (fault 39)", async () => {
    const source = join(__dirname, "../../src/outbox/outbox.ts");
    const script = `
      const { Outbox } = require(${JSON.stringify(source)});
      const outbox = new Outbox({ directory: ${JSON.stringify(directory)}, count: 10, bytes: 1e6, age: 0, whenFull: "reject" }, async () => {});
      outbox.accept({ owner: "n", sensorId: "s", metrics: [{ metricId: "m", value: 1 }] }).then(() => console.log("accepted"));
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ["--require", require.resolve("tsx/cjs"), "-e", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");

    const second = start();
    await assert.rejects(second.accept(push(2)), { name: "OutboxLocked" });
    child.kill("SIGKILL");
    await once(child, "exit");
    await second.accept(push(2));
    assert.equal(second.counters.pending, 2);
  });

  it("says so when its folder cannot be made, and takes pushes when it can (fault 31)", async () => {
    await writeFile(directory, "a file where the folder should be");
    const outbox = start();
    await assert.rejects(outbox.accept(push(1)), { name: "OutboxUnwritable" });
    assert.equal(outbox.counters.pending, 0);
    await rm(directory);
    await outbox.accept(push(2));
    assert.equal(outbox.counters.pending, 1);
  });

  it("delivers every record but those that a flipped byte damaged, and counts these (fault 32)", async () => {
    const writer = start();
    for (let value = 0; value < 20; value++) await writer.accept(push(value, `sensor ${value}`));
    await writer.close();
    const original = `${directory}.original`;
    await cp(directory, original, { recursive: true });
    const log = (await readdir(original)).find((file) => file.endsWith(".log")) ?? assert.fail("no log");
    const bytes = await readFile(join(original, log));
    assert.ok(bytes.length > 1000);
    for (let at = 7; at < bytes.length; at += 97) {
      await rm(directory, { recursive: true });
      await cp(original, directory, { recursive: true });
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      await writeFile(join(directory, log), damaged);
      const reader = start();
      await reader.open();
      const { accepted, pending, corrupt } = reader.counters;
      assert.deepEqual([accepted, pending + corrupt], [20, 20], `byte ${at}`);
      assert.ok(corrupt <= 1, `byte ${at} took ${corrupt} records`);
      await reader.close();
    }
  }).timeout(60_000);

  it("accounts for every record when a table of the database is damaged", async () => {
    const writer = start({ count: 20_000, bytes: 1e9 });
    const text = "x".repeat(900);
    for (let batch = 0; batch < 30; batch++) {
      const pushes = Array.from({ length: 100 }, (_, at) =>
        writer.accept({ owner: "n", sensorId: `s${at % 7}`, metrics: [{ metricId: "m", value: text }] }),
      );
      await Promise.all(pushes);
    }
    await writer.close();
    const table = (await readdir(directory)).find((file) => file.endsWith(".ldb")) ?? assert.fail("no table");
    const bytes = await readFile(join(directory, table));
    for (const at of [bytes.length >> 2, bytes.length >> 1, bytes.length - 300])
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    await writeFile(join(directory, table), bytes);
    const reader = start({ count: 20_000, bytes: 1e9 });
    await reader.open();
    const { accepted, pending, corrupt } = reader.counters;
    assert.equal(accepted, 3000);
    assert.equal(pending + corrupt, 3000);
  }).timeout(60_000);

  it("opens whatever a log was cut to, with the records before the cut (fault 33)", async () => {
    const writer = start();
    for (let value = 0; value < 20; value++) await writer.accept(push(value));
    await writer.close();
    const original = `${directory}.original`;
    await cp(directory, original, { recursive: true });
    const log = (await readdir(original)).find((file) => file.endsWith(".log")) ?? assert.fail("no log");
    const bytes = await readFile(join(original, log));
    let most = 0;
    for (let length = 0; length <= bytes.length; length += 61) {
      await rm(directory, { recursive: true });
      await cp(original, directory, { recursive: true });
      await writeFile(join(directory, log), bytes.subarray(0, length));
      const reader = start();
      await reader.open();
      assert.ok(reader.counters.pending >= most, `cut to ${length} bytes holds less than cut to fewer`);
      most = reader.counters.pending;
      await reader.close();
    }
    assert.ok(most >= 18);
  }).timeout(60_000);

  if (process.platform !== "win32") {
    it("closes a folder that others could read, also one that was there before", async () => {
      await mkdir(directory);
      await chmod(directory, 0o755);
      await start().open();
      assert.equal((await stat(directory)).mode & 0o777, 0o700);
    });
  }

  it("starts anew beside a store that is beyond repair, and keeps that for a person", async () => {
    const writer = start();
    await writer.accept(push(1));
    await writer.close();
    for (const file of await readdir(directory)) await writeFile(join(directory, file), "garbage");
    const outbox = start();
    await outbox.accept(push(2));
    assert.ok(outbox.counters.pending >= 1);
  });
});
