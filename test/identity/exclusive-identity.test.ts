/** One process is one client: another one with the same folder is refused, and told what to do. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
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
