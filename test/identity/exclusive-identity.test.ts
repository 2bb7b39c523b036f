/** One process is one client: another one with the same folder is refused, and told what to do. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chown, mkdtemp, realpath, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockFolder } from "../../src/files/folder-lock";
import { ExclusiveIdentity } from "../../src/identity/exclusive-identity";
import { FolderIdentity } from "../../src/identity/folder-identity";
import { Authority } from "../support/agent/authority";
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

  // Only root can make what another user's program would.
  if (process.geteuid?.() === 0)
    it("is not refused because another user of the machine listens where a lock could be", async () => {
      const name = createHash("sha256")
        .update(await realpath(folder))
        .digest("hex")
        .slice(0, 16);
      const place = join(tmpdir(), `tviot-${name}`);
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
