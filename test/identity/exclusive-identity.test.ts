/** One agent node of one process is one client: another one with the same identity is refused, and told what to do. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chown, link, mkdir, mkdtemp, readdir, realpath, rm, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFolder } from "../../src/files/folder-lock";
import { ExclusiveIdentity } from "../../src/identity/exclusive-identity";
import { FileIdentity } from "../../src/identity/file-identity";
import { FolderIdentity } from "../../src/identity/folder-identity";
import type { IdentitySource } from "../../src/identity/identity";
import { TextIdentity } from "../../src/identity/text-identity";
import { Authority, type Issued } from "../support/agent/authority";
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
  const start = () =>
    new ExclusiveIdentity(new FolderIdentity(folder), { directory: folder, label: "the node" });
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

describe("An identity of two agent nodes of one process", () => {
  let folder: string;
  let authority: Authority;
  let one: Issued;
  let other: Issued;
  const begun: ExclusiveIdentity[] = [];
  before(async function () {
    needs(this, "openssl");
    folder = await mkdtemp(join(tmpdir(), "tviot-exclusive-"));
    authority = await Authority.make();
    one = await authority.issue("1".repeat(32));
    other = await authority.issue("2".repeat(32));
    await writeFile(join(folder, "copy.crt"), one.certificate);
    await writeFile(join(folder, "copy.key"), one.key, { mode: 0o600 });
    await new FolderIdentity(join(folder, "copy")).save(one);
  });
  afterEach(() => Promise.all(begun.splice(0).map((identity) => identity.release())));
  after(async () => {
    await authority?.remove();
    await rm(folder, { recursive: true, force: true });
  });
  const of = (node: string, source: IdentitySource): ExclusiveIdentity => {
    const identity = new ExclusiveIdentity(source, { directory: join(folder, node), label: `"${node}"` });
    begun.push(identity);
    return identity;
  };
  const texts = ({ certificate, key }: Issued): TextIdentity => new TextIdentity(certificate, key);
  const locked = { name: "IdentityLocked", reason: "node", retryable: false };

  for (const [what, source] of [
    ["pasted twice", () => texts(one)],
    ["as files", () => new FileIdentity(join(folder, "copy.crt"), join(folder, "copy.key"))],
    ["copied into its folder", () => new FolderIdentity(join(folder, "copy"))],
  ] as const)
    it(`is refused to the second one, which has it ${what}, and names the first`, async () => {
      await of("press", texts(one)).load();
      const second = of("oven", source());
      await assert.rejects(second.load(), locked);
      await assert.rejects(second.load(), /1{32} is in use by the agent node "press"/);
    });

  it("is given to the second one, which hears of it, when the first one ends", async () => {
    const [first, second, stranger] = [
      of("press", texts(one)),
      of("oven", texts(one)),
      of("line", texts(other)),
    ];
    const heard: string[] = [];
    await first.load();
    await assert.rejects(second.load(), locked);
    await stranger.load();
    const ends = [
      second.watch(() => heard.push("second")),
      first.watch(() => heard.push("first")),
      stranger.watch(() => heard.push("stranger")),
    ];
    await first.release();
    for (const end of ends) end();
    assert.deepEqual(heard, ["second"]);
    await second.load();
    await assert.rejects(first.load(), locked);
  });

  it("is free when its agent node has another one, or none any more", async () => {
    const current = { value: texts(one) as IdentitySource };
    const swapped = of("press", { canRegister: true, load: () => current.value.load() });
    await swapped.load();
    const second = of("oven", texts(one));
    await assert.rejects(second.load(), locked);
    current.value = texts(other);
    await swapped.load();
    await second.load();
    const third = of("line", texts(other));
    await assert.rejects(third.load(), locked);
    current.value = { canRegister: true, load: () => Promise.resolve(undefined) };
    assert.equal(await swapped.load(), undefined);
    await third.load();
  });

  it("is of a node that a deploy makes anew while the old one still ends", async () => {
    const [before, after] = [of("press", texts(one)), of("press", texts(one))];
    await Promise.all([before.load(), before.load(), after.load()]);
    await before.release();
    const second = of("oven", texts(one));
    await assert.rejects(second.load(), locked);
    await after.release();
    await second.load();
  });

  it("is not of a node that has ended while it was being read", async () => {
    let read = (): void => undefined;
    const reading = new Promise<void>((resolve) => (read = resolve));
    const slow = of("press", { canRegister: false, load: () => reading.then(() => texts(one).load()) });
    const loading = slow.load();
    await slow.release();
    read();
    await loading;
    await of("oven", texts(one)).load();
  });
});
