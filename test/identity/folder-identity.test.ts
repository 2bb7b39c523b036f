/** The identity that we keep: who may read it, and what a crash leaves. */
import assert from "node:assert/strict";
import fs from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { FolderIdentity } from "../../src/identity/folder-identity";
import { Authority, newKey } from "./authority";
import { isError, temporaryFolder } from "./expect";

const authority = new Authority();
const old = partsOf("old");
const renewed = partsOf("renewed");

function partsOf(clientId: string): { certificate: string; key: string } {
  const key = newKey();
  return { certificate: authority.issue(key, { clientId }), key };
}

describe("The identity's folder", () => {
  const folder = temporaryFolder();
  const newIdentity = () => new FolderIdentity(join(folder.path, "teamviewer-iot", "0123456789abcdef"));
  const fileOf = (identity: FolderIdentity) => join(identity.directory, "identity.pem");
  const modeOf = async (path: string) => (await fs.stat(path)).mode & 0o777;

  it("holds no identity before there is one, and nothing is created by looking", async () => {
    assert.equal(await newIdentity().load(), undefined);
    assert.deepEqual(await fs.readdir(folder.path), []);
  });

  it("gives back what was saved", async () => {
    const saved = await newIdentity().save(old);
    const loaded = await newIdentity().load();
    assert.equal(loaded?.clientId, "old");
    assert.deepEqual({ ...loaded }, { ...saved });
    assert.deepEqual({ certificate: loaded.certificate, key: loaded.key }, old);
  });

  it("can be registered into", () => {
    assert.equal(newIdentity().canRegister, true);
  });

  it("saves nothing that it could not load", async () => {
    const mixed = { certificate: old.certificate, key: renewed.key };
    await assert.rejects(newIdentity().save(mixed), isError("IdentityUnreadable.content"));
    assert.equal(await newIdentity().load(), undefined);
  });

  it("keeps the identity before under a name with its date", async () => {
    const identity = newIdentity();
    await identity.save(old);
    const before = await fs.readFile(fileOf(identity), "utf8");
    await identity.save(renewed);
    assert.equal((await identity.load())?.clientId, "renewed");
    const kept = (await fs.readdir(identity.directory)).filter((name) => name !== "identity.pem");
    assert.equal(kept.length, 1);
    assert.match(kept[0] ?? "", /^identity-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z\.pem$/);
    assert.equal(await fs.readFile(join(identity.directory, kept[0] ?? ""), "utf8"), before);
  });

  it("has no identity after it was set aside, but the file is kept", async () => {
    const identity = newIdentity();
    await identity.save(old);
    await identity.setAside();
    assert.equal(await identity.load(), undefined);
    const files = await fs.readdir(identity.directory);
    assert.equal(files.length, 1);
    await identity.setAside();
    assert.deepEqual(await fs.readdir(identity.directory), files);
  });

  it("that holds something else in the place of an identity is told, with no secret in the error", async () => {
    const identity = newIdentity();
    await identity.save(old);
    for (const content of ["", "hello", old.key, old.certificate, renewed.key + old.certificate]) {
      await fs.writeFile(fileOf(identity), content);
      await assert.rejects(identity.load(), (error: Error) => {
        assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(old.key.slice(800, 830)));
        return isError("IdentityUnreadable.content")(error) && error.message.includes(fileOf(identity));
      });
    }
  });

  it("with a file where the folder should be is told, reading and writing", async () => {
    const file = join(folder.path, "file");
    await fs.writeFile(file, "");
    const identity = new FolderIdentity(join(file, "identity"));
    await assert.rejects(identity.load(), isError("IdentityUnreadable.unreadable"));
    await assert.rejects(identity.prepare(), isError("IdentityUnwritable"));
    await assert.rejects(identity.save(old), (error: Error) => {
      assert.ok(!inspect(error, { depth: 9, showHidden: true }).includes(old.key.slice(800, 830)));
      return isError("IdentityUnwritable")(error) && error.message.includes("ENOTDIR");
    });
  });

  if (process.platform !== "win32") {
    it("and its files are for nobody else", async () => {
      const identity = newIdentity();
      await identity.save(old);
      await identity.save(renewed);
      await identity.setAside();
      assert.equal(await modeOf(identity.directory), 0o700);
      for (const name of await fs.readdir(identity.directory)) {
        assert.equal(await modeOf(join(identity.directory, name)), 0o600, name);
      }
    });

    it("and its file are made so again when somebody widened them", async () => {
      const identity = newIdentity();
      await identity.save(old);
      await fs.chmod(identity.directory, 0o755);
      await fs.chmod(fileOf(identity), 0o644);
      await identity.load();
      assert.equal(await modeOf(identity.directory), 0o700);
      assert.equal(await modeOf(fileOf(identity)), 0o600);
    });

    it("is not read through a link that somebody put in the identity's place", async () => {
      const identity = newIdentity();
      await identity.save(old);
      const elsewhere = join(folder.path, "elsewhere.pem");
      await fs.rename(fileOf(identity), elsewhere);
      await fs.symlink(elsewhere, fileOf(identity));
      await assert.rejects(identity.load(), isError("IdentityUnreadable.unreadable"));
    });

    it("is not written through a link that somebody put in the way", async () => {
      const identity = newIdentity();
      await identity.prepare();
      const target = join(folder.path, "target");
      await fs.writeFile(target, "untouched");
      await fs.symlink(target, `${fileOf(identity)}.tmp`);
      await identity.save(old);
      assert.equal(await fs.readFile(target, "utf8"), "untouched");
      assert.equal((await identity.load())?.clientId, "old");
    });
  }

  it("takes no notice of what a crash left half written", async () => {
    const identity = newIdentity();
    await identity.save(old);
    await fs.writeFile(`${fileOf(identity)}.tmp`, renewed.key.slice(0, 500));
    assert.equal((await identity.load())?.clientId, "old");
    await identity.save(renewed);
    assert.equal((await identity.load())?.clientId, "renewed");
  });
});

describe("A disk that dies while an identity is replaced", () => {
  const folder = temporaryFolder();
  const steps = ["chmod", "mkdir", "open", "rename", "rm", "stat"] as const;
  const real = Object.fromEntries(steps.map((step) => [step, fs[step]]));

  /** From the given step on every access fails, the cleaning up too: nothing more reaches the disk. */
  function dieAt(fatal: number): () => number {
    let count = 0;
    for (const step of steps) {
      Object.assign(fs, {
        [step]: (...parameters: unknown[]): unknown => {
          if (++count >= fatal) throw Object.assign(new Error("disk"), { code: "EIO" });
          return (real[step] as (...parameters: unknown[]) => unknown)(...parameters);
        },
      });
    }
    return () => count;
  }
  afterEach(() => void Object.assign(fs, real));

  it("leaves the old identity or the new one, whole, whichever step it dies at", async () => {
    const outcomes: (string | undefined)[] = [];
    for (let fatal = 1; ; fatal++) {
      const identity = new FolderIdentity(join(folder.path, String(fatal)));
      await identity.save(old);
      const count = dieAt(fatal);
      const error: unknown = await identity.save(renewed).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      Object.assign(fs, real);
      assert.ok(count() > 0, "the steps are watched");
      outcomes.push((await identity.load())?.clientId);
      if (error === undefined) break;
      isError("IdentityUnwritable")(error);
    }
    assert.equal(outcomes[0], "old");
    assert.equal(outcomes.at(-1), "renewed");
    assert.ok(outcomes.length > 8, `only ${outcomes.length} steps`);
    assert.deepEqual(outcomes, [...outcomes].sort(), "once it is the new one it stays so");
  });
});
