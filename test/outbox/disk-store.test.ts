/** The outbox on a real disk: what survives a restart, damage, a second process and a disk that refuses. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmod,
  chown,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import fs from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Outbox, type OutboxEnding, type OutboxSettings } from "../../src/outbox/outbox";
import { endedIn } from "../../src/outbox/ledger";
import { encodeRecord, type OutboxRecord } from "../../src/outbox/record";
import type { IotError } from "../../src/protocol/errors";
import { DiskStore } from "../../src/outbox/store";

const push = (value: number, sensorId = "weather") => ({
  owner: "node",
  sensorId,
  metrics: [{ metricId: "temp", value }],
});

/** What is told of damage, as it comes. */
const damageOf = (outbox: Outbox) => {
  const told: object[] = [];
  outbox.on("damaged", ({ reason, details }) => told.push({ reason, details }));
  return told;
};

/** The files that hold records, oldest first. */
const segmentsOf = async (directory: string) =>
  (await readdir(directory)).filter((file) => file.endsWith(".log")).sort();

/** 3,000 records: more than one file holds. */
async function fillSegments(writer: Outbox): Promise<void> {
  const text = "x".repeat(900);
  for (let batch = 0; batch < 30; batch++) {
    const pushes = Array.from({ length: 100 }, (_, at) =>
      writer.accept({ owner: "n", sensorId: `s${at % 7}`, metrics: [{ metricId: "m", value: text }] }),
    );
    await Promise.all(pushes);
  }
}

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

  it("needs no native library, so values can be stored wherever Node.js runs (fault 67)", async () => {
    const source = join(__dirname, "../../src/outbox/outbox.ts");
    const script = `
      process.dlopen = () => { throw new Error("no native library"); };
      const { Outbox } = require(${JSON.stringify(source)});
      const outbox = new Outbox({ directory: ${JSON.stringify(directory)}, count: 10, bytes: 1e6, age: 0, whenFull: "reject" }, async () => {});
      outbox.accept({ owner: "n", sensorId: "s", metrics: [{ metricId: "m", value: 1 }] }).then(() => outbox.close());`;
    const child = spawn(process.execPath, ["--require", require.resolve("tsx/cjs"), "-e", script]);
    const [code] = (await once(child, "exit")) as [number];
    assert.equal(code, 0);
    const reader = start();
    await reader.open();
    assert.equal(reader.counters.pending, 1);
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
  });

  it("accounts for every record when several are damaged, and tells it", async () => {
    const writer = start({ count: 20_000, bytes: 1e9 });
    await fillSegments(writer);
    await writer.close();
    const [file = ""] = await segmentsOf(directory);
    const bytes = await readFile(join(directory, file));
    for (const at of [bytes.length >> 2, bytes.length >> 1, bytes.length - 300])
      bytes[at] = (bytes[at] ?? 0) ^ 0xff;
    await writeFile(join(directory, file), bytes);
    const reader = start({ count: 20_000, bytes: 1e9 });
    const told = damageOf(reader);
    await reader.open();
    const { accepted, pending, corrupt } = reader.counters;
    assert.deepEqual({ accepted, pending, corrupt }, { accepted: 3000, pending: 2997, corrupt: 3 });
    assert.deepEqual(told, [{ reason: "lost", details: { path: directory, count: 3 } }]);
    await reader.close();
    const again = start({ count: 20_000, bytes: 1e9 });
    const toldAgain = damageOf(again);
    await again.open();
    assert.deepEqual([again.counters.corrupt, toldAgain], [3, []], "told once");
  });

  for (const [what, damage] of [
    ["notes", () => rm(join(directory, "notes"))],
    [
      "the first line of any file",
      async () => {
        for (const file of await segmentsOf(directory)) {
          const bytes = await readFile(join(directory, file));
          bytes[20] = (bytes[20] ?? 0) ^ 0xff;
          await writeFile(join(directory, file), bytes);
        }
      },
    ],
  ] as const) {
    it(`loses no record and no count without ${what} (faults 32, 66)`, async () => {
      const writer = start({ count: 20_000, bytes: 1e9 });
      await fillSegments(writer);
      await delivered(writer, 3000);
      writer.setConnected(false);
      await fillSegments(writer);
      await writer.close();
      await damage();
      const reader = start({ count: 20_000, bytes: 1e9 });
      const told = damageOf(reader);
      await reader.open();
      const { accepted, delivered: done, pending, corrupt } = reader.counters;
      assert.deepEqual(
        { accepted, done, pending, corrupt },
        { accepted: 6000, done: 3000, pending: 3000, corrupt: 0 },
      );
      assert.deepEqual(told, []);
    });
  }

  it("takes little more room than what waits, whatever is delivered in which order", async () => {
    let endSlow = (): void => undefined;
    const slow = start({ count: 100_000, bytes: 1e9 }, ({ sensorId }) =>
      sensorId === "s0" ? new Promise<void>((resolve) => (endSlow = resolve)) : Promise.resolve(),
    );
    slow.setConnected(true);
    for (let round = 0; round < 6; round++) {
      await fillSegments(slow);
      while (slow.counters.pending > (round + 1) * 450) await new Promise(setImmediate);
    }
    const sizes = await Promise.all(
      (await segmentsOf(directory)).map(async (file) => (await stat(join(directory, file))).size),
    );
    const { bytes } = slow.counters;
    const used = sizes.reduce((sum, size) => sum + size, 0);
    assert.ok(used < 2 * bytes + 3 * 1024 * 1024, `${used} bytes for ${bytes}`);
    await cp(directory, `${directory}.copy`, { recursive: true, filter: (path) => !path.endsWith("lock") });
    slow.setConnected(false);
    endSlow();
    directory = `${directory}.copy`;
    const sent: OutboxRecord[] = [];
    const again = start({ count: 100_000, bytes: 1e9 }, (record) => Promise.resolve(sent.push(record)));
    await again.open();
    const { pending, accepted, corrupt } = again.counters;
    assert.deepEqual([accepted, corrupt], [18_000, 0]);
    await delivered(again, pending);
    const sequences = sent.map(({ sequence }) => sequence);
    assert.deepEqual(
      sequences,
      [...sequences].sort((a, b) => a - b),
      "oldest first",
    );
  });

  if (process.platform === "linux") {
    it("keeps few files open, however many hold what waits", async () => {
      const handles = async () => (await readdir("/proc/self/fd")).length;
      const outbox = start({ count: 100_000, bytes: 1e9 });
      await outbox.open();
      const before = await handles();
      for (let round = 0; round < 4; round++) await fillSegments(outbox);
      assert.ok((await segmentsOf(directory)).length > 30);
      assert.ok((await handles()) - before < 20, `${await handles()} now, ${before} before`);
    });
  }

  if (process.platform !== "win32") {
    it("has one owner, also in a folder whose path no socket can have, and reached by a link (fault 39)", async () => {
      const folder = join(directory, "f".repeat(120));
      const link = join(directory, "l");
      await mkdir(folder, { recursive: true });
      await symlink(folder, link);
      const first = start({ directory: folder });
      await first.open();
      await assert.rejects(start({ directory: link }).open(), { name: "OutboxLocked" });
      await first.close();
      const second = start({ directory: link });
      await second.open();
      await assert.rejects(start({ directory: folder }).open(), { name: "OutboxLocked" });
    });
  }

  if (process.geteuid?.() === 0) {
    it("is used in a folder of another owner, who is told of, once (fault 68)", async () => {
      await mkdir(directory, { mode: 0o700 });
      await chown(directory, 12345, 12345);
      const outbox = start();
      const told: IotError[] = [];
      outbox.on("exposed", (error) => told.push(error));
      await outbox.accept(push(1));
      await outbox.accept(push(2));
      assert.deepEqual(
        told.map(({ name, reason, details }) => ({ name, reason, details })),
        [
          {
            name: "OutboxExposed",
            reason: "owner",
            details: { path: directory, mode: "0700", owner: 12345 },
          },
        ],
      );
      assert.equal((await delivered(outbox, 2)).length, 2);
    });
  }

  it("sends nothing any more when it is closed, whoever says that there is a connection", async () => {
    const sent: OutboxRecord[] = [];
    const outbox = start({}, (record) => Promise.resolve(sent.push(record)));
    const told: unknown[] = [];
    outbox.on("refused", (refusal) => told.push(refusal));
    await outbox.accept(push(1));
    const closing = outbox.close();
    outbox.setConnected(true);
    await closing;
    assert.deepEqual([sent, told], [[], []]);
    assert.equal((await delivered(start(), 1)).length, 1);
  });

  it("has its books right at every look, also while it writes", async () => {
    const outbox = start({}, () => new Promise((resolve) => setImmediate(resolve)));
    await outbox.open();
    outbox.setConnected(true);
    const look = () => {
      const { pending, bytes, replayed, ...ledger } = outbox.counters;
      void [bytes, replayed];
      assert.equal(ledger.accepted, endedIn(ledger) + pending);
      return pending;
    };
    for (let round = 0; round < 10; round++) {
      let isWriting = true;
      const pushes = Array.from({ length: 20 }, (_, at) => outbox.accept(push(at, `sensor ${at % 5}`)));
      const written = Promise.all(pushes).finally(() => (isWriting = false));
      while (isWriting) {
        look();
        await new Promise(setImmediate);
      }
      await written;
    }
    while (look() > 0) await new Promise(setImmediate);
    assert.equal(outbox.counters.delivered, 200);
  });

  it("reads the newest record while others are written behind it", async () => {
    const store = new DiskStore(directory);
    await store.open();
    const put = (sequence: number) => ({
      put: sequence,
      text: encodeRecord(
        { sequence, owner: "node", sensorId: "weather", acceptedAt: 1 },
        '{"metrics":[],"timestamp":1}',
      ),
    });
    await store.commit([put(1)]);
    const { open: reallyOpen } = fs;
    let goOn = (): void => undefined;
    const written = new Promise<void>((resolve) => (goOn = resolve));
    fs.open = async (...given) => {
      const file = await reallyOpen(...given);
      const read = file.read.bind(file) as (...given: unknown[]) => Promise<unknown>;
      const slowly = async (...given: unknown[]) => {
        const result = await read(...given);
        await written;
        return result;
      };
      return Object.assign(file, { read: slowly });
    };
    try {
      const reading = store.read(1);
      await store.commit([put(2)]);
      goOn();
      assert.equal((await reading)?.sequence, 1);
    } finally {
      fs.open = reallyOpen;
    }
    await store.close();
  });

  it("takes no record for damaged while the disk refuses, and reads it when the disk does not (fault 30)", async () => {
    const store = new DiskStore(directory);
    await store.open();
    const record = { owner: "node", sensorId: "weather", acceptedAt: 1 };
    const put = (sequence: number) => ({
      put: sequence,
      text: encodeRecord({ sequence, ...record }, '{"metrics":[],"timestamp":1}'),
    });
    await store.commit([put(1)]);
    await rename(directory, `${directory}.away`);
    await writeFile(directory, "a file where the folder should be");
    await assert.rejects(store.commit([put(2)]), { name: "OutboxUnwritable" });
    await assert.rejects(store.read(1), { name: "OutboxUnwritable" });
    await rm(directory);
    await rename(`${directory}.away`, directory);
    const [read, missing] = await Promise.all([store.read(1), store.read(2)]);
    assert.deepEqual([read?.sequence, missing], [1, undefined]);
    await store.commit([put(2)]);
    assert.equal((await store.read(2))?.sequence, 2);
    await store.close();
    await assert.rejects(store.read(1), { name: "OutboxUnwritable" });
  });

  it("does not accept into a folder that was deleted: that push is an error, and what is gone is counted and told (fault 63)", async () => {
    const outbox = start();
    const told = damageOf(outbox);
    for (let value = 0; value < 5; value++) await outbox.accept(push(value));
    await rm(directory, { recursive: true });
    await assert.rejects(outbox.accept(push(5)), {
      name: "OutboxUnwritable",
      details: { path: directory, code: "ENOENT" },
    });
    await outbox.accept(push(6));
    const endings = delivered(outbox, 1);
    while (outbox.counters.pending > 0) await new Promise(setImmediate);
    assert.deepEqual(
      (await endings).map(({ record }) => record.metrics[0]?.value),
      [6],
    );
    while (told.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.deepEqual(told, [{ reason: "lost", details: { path: directory, count: 5 } }]);
    await outbox.close();
    const again = start();
    await again.open();
    const { accepted, delivered: done, corrupt, pending } = again.counters;
    assert.deepEqual({ accepted, done, corrupt, pending }, { accepted: 6, done: 1, corrupt: 5, pending: 0 });
  });

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
  });

  if (process.platform !== "win32") {
    it("closes a folder that others could read, also one that was there before", async () => {
      await mkdir(directory);
      await chmod(directory, 0o755);
      await start().open();
      assert.equal((await stat(directory)).mode & 0o777, 0o700);
    });

    for (const umask of [0o000, 0o022, 0o777]) {
      it(`has files that only their owner may read, with the umask ${umask.toString(8)}`, async () => {
        const before = process.umask(umask);
        try {
          const outbox = start({ count: 20_000, bytes: 1e9 });
          await fillSegments(outbox);
        } finally {
          process.umask(before);
        }
        const modes = new Set<string>();
        for (const file of await readdir(directory))
          modes.add(((await stat(join(directory, file))).mode & 0o777).toString(8));
        assert.deepEqual([...modes], ["600"]);
      });
    }
  }

  it("starts anew beside files of which nothing can be read, keeps that for a person, and tells it once", async () => {
    const writer = start();
    await writer.accept(push(1));
    await writer.close();
    for (const file of await readdir(directory)) await writeFile(join(directory, file), "garbage");
    const outbox = start();
    const told = damageOf(outbox);
    await outbox.accept(push(2));
    assert.equal(outbox.counters.pending, 1);
    const keptIn = join(directory, "damaged");
    assert.deepEqual(told, [{ reason: "begunAnew", details: { path: directory, count: 0, keptIn } }]);
    const [kept = ""] = await readdir(keptIn);
    assert.equal(await readFile(join(keptIn, kept), "utf8"), "garbage");
    await outbox.close();
    const again = start();
    const toldAgain = damageOf(again);
    await again.open();
    assert.deepEqual([toldAgain, again.counters.pending], [[], 1]);
  });
});
