/**
 * A real disk that is full, or cannot be written (faults 30, 31): a file system of 2 MB in memory. Only root may mount
 * one, and in most containers nobody may: there a disk that refuses is a fake one only, in the outbox's own tests.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { cp, mkdir, mkdtemp, open, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { IotError } from "../../src/protocol/errors";
import { Outbox } from "../../src/outbox/outbox";
import { until } from "../support/waits";

const SIZE = "2m";
const KILOBYTE = "x".repeat(1000);

const mount = (disk: string): unknown =>
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${SIZE}`, "tmpfs", disk], { stdio: "ignore" });
const unmount = (disk: string): unknown => execFileSync("umount", [disk]);

function mayMount(): boolean {
  const disk = mkdtempSync(join(tmpdir(), "tviot-disk-"));
  try {
    mount(disk);
    unmount(disk);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(disk, { recursive: true, force: true });
  }
}

if (mayMount()) describe("A store on a disk", storeOnDisk);
else console.warn("No tests with a disk that is full: file systems cannot be mounted here");

function storeOnDisk(this: Mocha.Suite): void {
  let disk: string;
  let outbox: Outbox | undefined;
  let sent: string[];

  before(async () => {
    disk = await mkdtemp(join(tmpdir(), "tviot-disk-"));
    mount(disk);
  });
  after(async () => {
    unmount(disk);
    await rm(disk, { recursive: true, force: true });
  });
  beforeEach(() => {
    sent = [];
  });
  afterEach(async () => {
    await outbox?.close();
    outbox = undefined;
  });

  const start = (): Outbox =>
    (outbox = new Outbox(
      { directory: join(disk, "store"), count: 10_000, bytes: 1e9, age: 0, whenFull: "reject" },
      ({ metrics }) => Promise.resolve(sent.push(String(metrics[0]?.value).slice(0, 5))),
    ));
  const nameOf = (count: number): string => String(count).padStart(5, "0");
  /** Resolves with why it was not accepted. */
  const push = (to: Outbox, count: number): Promise<IotError | undefined> =>
    to
      .accept({ owner: "n", sensorId: "s", metrics: [{ metricId: "m", value: nameOf(count) + KILOBYTE }] })
      .then(
        () => undefined,
        (error: IotError) => error,
      );

  it("that gets full refuses each push at once, keeps what it accepted, and goes on when there is room (fault 30)", async () => {
    const filler = join(disk, "filler");
    await writeFile(filler, Buffer.alloc(1400 * 1024));
    const full = start();
    const accepted: string[] = [];
    let refused: IotError | undefined;
    for (let count = 0; refused === undefined; count++) {
      refused = await push(full, count);
      if (refused === undefined) accepted.push(nameOf(count));
    }
    assert.deepEqual([refused.name, refused.details.code], ["OutboxUnwritable", "ENOSPC"]);
    for (let count = 1000; count < 1020; count++) {
      assert.equal((await push(full, count))?.name, "OutboxUnwritable");
    }
    assert.ok(accepted.length > 10);

    await rm(filler);
    assert.equal(await push(full, 2000), undefined);
    accepted.push(nameOf(2000));
    await full.close();

    const again = start();
    await again.open();
    assert.deepEqual(
      { ...again.counters, bytes: 0 },
      {
        accepted: accepted.length,
        pending: accepted.length,
        ...{ delivered: 0, rejected: 0, expired: 0, dropped: 0, corrupt: 0, replayed: 0, bytes: 0 },
      },
    );
    again.setConnected(true);
    await until(
      "all are delivered",
      () => again.counters.delivered === accepted.length,
      () => again.counters,
    );
    assert.deepEqual(sent, accepted);
  });

  it("that may only be read refuses each push at once, and takes them when it may be written (fault 31)", async () => {
    await rm(join(disk, "store"), { recursive: true, force: true });
    await mkdir(join(disk, "store"));
    execFileSync("mount", ["-o", "remount,ro", disk]);
    const readOnly = start();
    try {
      for (let count = 0; count < 3; count++) {
        const error = await push(readOnly, count);
        assert.deepEqual([error?.name, error?.details.code], ["OutboxUnwritable", "EROFS"]);
      }
      assert.deepEqual([readOnly.counters.pending, readOnly.counters.accepted], [0, 0], "nor in memory");
    } finally {
      execFileSync("mount", ["-o", "remount,rw", disk]);
    }
    assert.equal(await push(readOnly, 3), undefined);
    assert.equal(readOnly.counters.pending, 1);
    // It had no place for its lock in the folder, where there is one now.
    await assert.rejects(start().open(), { name: "OutboxLocked" });
    await readOnly.close();
  });

  /** Fills the rest of the disk. */
  async function fill(): Promise<string> {
    const filler = join(disk, "filler");
    const file = await open(filler, "w");
    try {
      for (let size = 64 * 1024; size > 0; size >>= 1) {
        const bytes = Buffer.alloc(size);
        for (;;) {
          const { bytesWritten } = await file.write(bytes).catch(() => ({ bytesWritten: 0 }));
          if (bytesWritten < size) break;
        }
      }
    } finally {
      await file.close();
    }
    return filler;
  }
  const settle = async (outbox: Outbox): Promise<void> => {
    while (outbox.counters.pending > 0) await new Promise(setImmediate);
  };
  const ledgerOf = ({ counters }: Outbox) => {
    const { accepted, delivered, corrupt, pending } = counters;
    return { accepted, delivered, corrupt, pending };
  };
  const names = (count: number): string[] => Array.from({ length: count }, (_, at) => nameOf(at));

  it("that gets full while values wait delivers them all, says so once, and makes room by it (fault 61)", async () => {
    await rm(join(disk, "store"), { recursive: true, force: true });
    const full = start();
    const told: (string | undefined)[] = [];
    full.on("refused", (refusal) => told.push(refusal?.name));
    for (let count = 0; count < 940; count++) assert.equal(await push(full, count), undefined);
    await fill();
    for (let count = 1000; count < 1010; count++) {
      assert.equal((await push(full, count))?.details.code, "ENOSPC");
    }
    full.setConnected(true);
    await settle(full);
    assert.deepEqual(sent, names(940));
    assert.deepEqual(told, ["OutboxUnwritable"]);
    assert.equal(await push(full, 2000), undefined, "what was delivered made room");
    await settle(full);
    assert.deepEqual(told, ["OutboxUnwritable", undefined]);
    await full.close();
    const again = start();
    await again.open();
    assert.deepEqual(ledgerOf(again), { accepted: 941, delivered: 941, corrupt: 0, pending: 0 });
    await again.close();
    await rm(join(disk, "filler"));
  });

  for (const isKilled of [false, true]) {
    it(`that is full when the store is opened delivers what waits, and after a ${isKilled ? "kill" : "restart"} none of it is lost or miscounted (fault 61)`, async () => {
      await rm(join(disk, "store"), { recursive: true, force: true });
      const first = start();
      for (let count = 0; count < 150; count++) assert.equal(await push(first, count), undefined);
      await first.close();
      await fill();
      const full = start();
      await full.open();
      full.setConnected(true);
      await settle(full);
      assert.deepEqual(sent, names(150));
      const [store, copy] = [join(disk, "store"), join(disk, "copy")];
      if (!isKilled) await full.close();
      await rm(join(disk, "filler"));
      if (isKilled) {
        // What a process leaves that is killed.
        await cp(store, copy, { recursive: true, filter: (path) => !path.endsWith("lock") });
        await full.close();
        await rm(store, { recursive: true });
        await rename(copy, store);
      }
      const again = start();
      await again.open();
      assert.deepEqual(ledgerOf(again), { accepted: 150, delivered: 150, corrupt: 0, pending: 0 });
    });
  }

  it("where no new files can be made still delivers, and takes what fits into those that there are (fault 62)", async () => {
    await rm(join(disk, "store"), { recursive: true, force: true });
    const outbox = start();
    for (let count = 0; count < 20; count++) assert.equal(await push(outbox, count), undefined);
    execFileSync("mount", ["-o", "remount,nr_inodes=64", disk]);
    const fillers: string[] = [];
    try {
      for (let isRoom = true; isRoom;) {
        const filler = join(disk, `filler-${fillers.length}`);
        isRoom = await writeFile(filler, "").then(
          () => fillers.push(filler) > 0,
          () => false,
        );
      }
      for (let count = 20; count < 400; count++) assert.equal(await push(outbox, count), undefined);
      outbox.setConnected(true);
      await settle(outbox);
      assert.deepEqual(sent, names(400));
    } finally {
      for (const filler of fillers) await rm(filler);
    }
  });

  it("that may only be read after a restart still delivers what waits in it (fault 62)", async () => {
    await rm(join(disk, "store"), { recursive: true, force: true });
    const first = start();
    for (let count = 0; count < 20; count++) assert.equal(await push(first, count), undefined);
    await first.close();
    execFileSync("mount", ["-o", "remount,ro", disk]);
    try {
      const readOnly = start();
      const told: (string | undefined)[] = [];
      readOnly.on("refused", (refusal) => told.push(String(refusal?.details.code)));
      await readOnly.open();
      readOnly.setConnected(true);
      await settle(readOnly);
      assert.deepEqual(sent, names(20));
      assert.deepEqual(told, ["EROFS"]);
      await readOnly.close();
    } finally {
      execFileSync("mount", ["-o", "remount,rw", disk]);
    }
    const again = start();
    await again.open();
    assert.deepEqual([again.counters.accepted, again.counters.pending], [20, 20], "sent again, and marked");
  });
}
