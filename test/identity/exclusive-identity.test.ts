/** One process is one client: another one with the same folder is refused, and told what to do. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chown, link, mkdir, mkdtemp, readdir, realpath, rm, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFolder } from "../../src/files/folder-lock";
import { ExclusiveIdentity } from "../../src/identity/exclusive-identity";
import { FolderIdentity } from "../../src/identity/folder-identity";
import { Authority } from "../support/agent/authority";
import { IdentityProcess } from "../support/identity-process";
import { needs } from "../support/needs";

describe("An identity in a folder that two processes share", () => {
  let folder: string;
  let authority: Authority;
  before(async function () {
    needs(this, "openssl");
    folder = await mkdtemp(join(tmpdir(), "tviot-exclusive-"));
    authority = await Authority.make();
    await new FolderIdentity(folder).save(await authority.issue("0123456789abcdef0123456789abcdef"));
  });
  after(async () => {
    await authority?.remove();
    await rm(folder, { recursive: true, force: true });
  });
  const start = () => new ExclusiveIdentity(new FolderIdentity(folder));
  const another = () => lockFolder(folder, () => new Error("locked"));

  it("is refused to the second one, and given to it when the first has ended", async () => {
    const unlock = await another();
    const identity = start();
    await assert.rejects(identity.load(), { name: "IdentityLocked", retryable: false });
    await assert.rejects(identity.load(), /user directory of its own/);
    await unlock();
    assert.equal((await identity.load())?.clientId, "0123456789abcdef0123456789abcdef");
    await assert.rejects(another(), /locked/);
    await identity.release();
    await (
      await another()
    )();
  });

  describe("of real processes", () => {
    const processes: IdentityProcess[] = [];
    const begin = async (count: number): Promise<IdentityProcess[]> => {
      const begun = await Promise.all(Array.from({ length: count }, () => IdentityProcess.start(folder)));
      processes.push(...begun);
      return begun;
    };
    afterEach(() => Promise.all(processes.splice(0).map((one) => one.kill())));

    it("is the second one's at its next attempt, when the first was killed (SIGKILL)", async () => {
      const [first, second] = await begin(2);
      assert.equal(await first!.load(), "loaded");
      assert.equal(await second!.load(), "IdentityLocked");
      assert.equal(await first!.load(), "loaded", "the refused one has taken nothing away");
      assert.equal(await second!.load(), "IdentityLocked");
      await first!.kill();
      assert.equal(await second!.load(), "loaded");
      assert.equal((await locks()).length, 1, "what the killed one left behind is gone");
    });

    it("is one process's, when several begin at once after a power cut", async () => {
      const all = await begin(4);
      for (let round = 0; round < 12; round++) {
        const died = await leftBehind();
        const outcomes = await Promise.all(all.map((one) => one.load()));
        const owners = outcomes.filter((outcome) => outcome === "loaded");
        assert.ok(owners.length < 2, `round ${round}: ${outcomes.join(", ")}`);
        assert.ok(!(await locks()).includes(died));
        await Promise.all(all.map((one) => one.release()));
        assert.equal(await all[round % all.length]!.load(), "loaded", "nobody keeps it who gave it back");
        await all[round % all.length]!.release();
      }
    });

    it("is refused as long as its process lives, whatever time its lock has, and whatever time it is", async () => {
      const [first, second] = await begin(2);
      assert.equal(await first!.load(), "loaded");
      const [lock = assert.fail("no lock")] = await locks();
      for (const year of [1970, 2100]) {
        await utimes(join(folder, lock), new Date(year, 0, 2), new Date(year, 0, 2));
        assert.equal(await second!.load(), "IdentityLocked");
      }
    });
  });

  for (const [what, make] of [
    ["that nobody answers at", leftBehind],
    ["with the number of a process that lives", () => file(String(process.pid))],
    ["that was cut in the middle", () => file("{")],
    ["of the future, before the clock was set back", () => file("", new Date(2100, 0, 1))],
  ] as const)
    it(`is not refused for a lock ${what}`, async () => {
      await make();
      const identity = start();
      assert.notEqual(await identity.load(), undefined);
      await identity.release();
      assert.deepEqual(await locks(), []);
    });

  it("is not refused for a folder in the lock's place, which stays as it is", async () => {
    const path = join(folder, "89abcdef.lock");
    await mkdir(path);
    const identity = start();
    try {
      assert.notEqual(await identity.load(), undefined);
    } finally {
      await identity.release();
      await rm(path, { recursive: true });
    }
  });

  async function locks(): Promise<string[]> {
    return (await readdir(folder)).filter((name) => name.endsWith(".lock"));
  }

  /** As a process leaves it behind that is killed; gives its name. */
  async function leftBehind(): Promise<string> {
    const server = createServer();
    const path = join(folder, "living");
    await new Promise<void>((resolve) => server.listen(path, resolve));
    await link(path, join(folder, "01234567.lock"));
    await new Promise((resolve) => server.close(resolve));
    return "01234567.lock";
  }

  async function file(content: string, time = new Date()): Promise<void> {
    const path = join(folder, "01234567.lock");
    await writeFile(path, content);
    await utimes(path, time, time);
  }

  // Only root can make what another user's program would.
  if (process.geteuid?.() === 0)
    it("is not refused because another user of the machine listens where a lock could be", async () => {
      const name = createHash("sha256")
        .update(await realpath(folder))
        .digest("hex")
        .slice(0, 16);
      const place = join(tmpdir(), `tviot-${name}-0123abcd.lock`);
      const planted = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => planted.listen(place, resolve));
      await chown(place, 65534, 65534);
      const identity = start();
      try {
        assert.notEqual(await identity.load(), undefined);
      } finally {
        await identity.release();
        planted.close();
      }
    });

  it("is for both connections of one agent node, and for a node that a deploy makes anew", async () => {
    const [before, after] = [start(), start()];
    await Promise.all([before.load(), before.load(), after.load()]);
    await before.release();
    await assert.rejects(another(), /locked/);
    await after.load();
    await after.release();
    await (
      await another()
    )();
  });
});
