/** Files that are not what they seem to be, and files that others can reach. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { makePrivateFolder } from "../../src/files/private-file";
import { readCa } from "../../src/identity/ca";
import { FileIdentity } from "../../src/identity/file-identity";
import { FolderIdentity } from "../../src/identity/folder-identity";
import type { IotError } from "../../src/protocol/errors";
import { Authority, newKey } from "./authority";
import { isError, temporaryFolder } from "./expect";

const authority = new Authority();
const key = newKey();
const parts = { key, certificate: authority.issue(key) };

if (process.platform !== "win32") {
  describe("A special file (fault 80)", () => {
    const folder = temporaryFolder();

    if (existsSync("/proc/self/pagemap")) {
      it("of the kernel that says it is empty and never ends is not read to its end", async () => {
        const isRefused = (name: string) => (error: IotError) => error.name === name;
        await assert.rejects(readCa({ file: "/proc/self/pagemap" }), isRefused("CaUnreadable"));
        const certificate = join(folder.path, "crt");
        await fs.writeFile(certificate, parts.certificate);
        await assert.rejects(
          new FileIdentity(certificate, "/proc/self/pagemap").load(),
          isRefused("KeyUnreadable"),
        );
      });
    }

    it("in the place of an identity is not waited for, and not written over", async () => {
      const identity = new FolderIdentity(folder.path);
      execFileSync("mkfifo", [join(folder.path, "identity.pem")]);
      await assert.rejects(identity.load(), isError("IdentityUnreadable.unreadable"));
      await assert.rejects(identity.save(parts), isError("IdentityUnwritable"));
    });
  });

  describe("A private key that others can reach (faults 68, 80)", () => {
    const folder = temporaryFolder();
    const real = { chmod: fs.chmod, open: fs.open, stat: fs.stat };
    afterEach(() => void Object.assign(fs, real));

    function watched(): { identity: FolderIdentity; told: IotError[] } {
      const told: IotError[] = [];
      const identity = new FolderIdentity(folder.path);
      identity.onWarning = (warning) => told.push(warning);
      return { identity, told };
    }
    const exposed = async (mode: number) => {
      const { identity, told } = watched();
      await identity.save(parts);
      await fs.chmod(join(folder.path, "identity.pem"), mode);
      return { identity, told };
    };

    /** As a file system that keeps no modes, or the files of another owner. */
    function nothingCanBeChanged(code: string | undefined): void {
      const refuse = () =>
        code === undefined ? Promise.resolve() : Promise.reject(Object.assign(new Error(code), { code }));
      Object.assign(fs, {
        chmod: refuse,
        open: async (...given: Parameters<typeof fs.open>) => {
          const file = await real.open(...given);
          return Object.assign(file, { chmod: refuse });
        },
      });
    }

    it("is closed to them, and told with what to do, once", async () => {
      const { identity, told } = await exposed(0o644);
      await identity.load();
      await identity.load();
      assert.equal((await fs.stat(join(folder.path, "identity.pem"))).mode & 0o777, 0o600);
      assert.equal(told.length, 1);
      isError("KeyExposed.repaired")(told[0]);
      assert.match(told[0]!.message, /identity\.pem.*0644.*copied/);
    });

    it("is told again when it is opened again", async () => {
      const { identity, told } = await exposed(0o640);
      await identity.load();
      await fs.chmod(join(folder.path, "identity.pem"), 0o666);
      await identity.load();
      assert.deepEqual(
        told.map(({ details }) => details.mode),
        ["0640", "0666"],
      );
    });

    it("of an earlier client, and of one that was refused, is closed to them and told too", async () => {
      const { identity, told } = watched();
      await identity.save(parts);
      await identity.save(parts);
      await identity.keepRefused("0123456789abcdef", parts);
      const names = (await fs.readdir(folder.path)).filter((name) => name !== "identity.pem");
      assert.equal(names.length, 2);
      for (const name of names) await fs.chmod(join(folder.path, name), 0o644);
      assert.ok(await identity.load());
      assert.ok(await identity.load());
      for (const name of names) assert.equal((await fs.stat(join(folder.path, name))).mode & 0o777, 0o600);
      assert.deepEqual(
        told.map(({ details }) => details.path).sort(),
        names.map((name) => join(folder.path, name)).sort(),
      );
      for (const error of told) isError("KeyExposed.beside")(error);
    });

    it("is not looked for through a link, or in a pipe, that lies beside it", async () => {
      const { identity, told } = watched();
      await identity.save(parts);
      const elsewhere = join(folder.path, "elsewhere");
      await fs.writeFile(elsewhere, "somebody else's");
      await fs.chmod(elsewhere, 0o644);
      await fs.symlink(elsewhere, join(folder.path, "identity-link.pem"));
      execFileSync("mkfifo", ["-m", "666", join(folder.path, "identity-pipe.pem")]);
      assert.ok(await identity.load());
      assert.equal((await fs.stat(elsewhere)).mode & 0o777, 0o644);
      assert.deepEqual(told, []);
    });

    for (const [how, code] of [
      ["is refused", "EPERM"],
      ["is not supported", "ENOTSUP"],
      ["changes nothing", undefined],
    ] as const) {
      it(`is used, with one warning, where closing it ${how}`, async () => {
        const { identity, told } = await exposed(0o777);
        nothingCanBeChanged(code);
        assert.ok(await identity.load());
        assert.ok(await identity.load());
        assert.equal(told.length, 1);
        isError("KeyExposed.open")(told[0]);
      });
    }

    it("lies in a folder that is used where it cannot be closed, and says so", async () => {
      await fs.chmod(folder.path, 0o777);
      nothingCanBeChanged("EPERM");
      assert.deepEqual((await makePrivateFolder(folder.path))?.how, "open");
      assert.ok(await watched().identity.save(parts));
    });

    it("is an error where the disk fails", async () => {
      const { identity } = await exposed(0o644);
      nothingCanBeChanged("EIO");
      await assert.rejects(identity.load(), isError("IdentityUnreadable.unreadable"));
    });

    if (process.geteuid?.() === 0) {
      it("of another owner is used, and told", async () => {
        const { identity, told } = await exposed(0o600);
        await fs.chown(join(folder.path, "identity.pem"), 12345, 12345);
        assert.ok(await identity.load());
        isError("KeyExposed.owner")(told[0]);
        assert.match(told[0]!.message, /12345/);
      });
    }

    it("in the user's own file is left as it is, and told where everybody can read it", async () => {
      const [certificateFile, keyFile] = [join(folder.path, "crt"), join(folder.path, "key")];
      await fs.writeFile(certificateFile, parts.certificate);
      await fs.writeFile(keyFile, key);
      for (const [mode, expected] of [
        [0o600, 0],
        [0o640, 0],
        [0o644, 1],
      ] as const) {
        await fs.chmod(keyFile, mode);
        const told: IotError[] = [];
        const source = new FileIdentity(certificateFile, keyFile);
        source.onWarning = (warning) => told.push(warning);
        await source.load();
        await source.load();
        assert.equal(told.length, expected);
        if (told[0]) isError("KeyExposed.file")(told[0]);
        assert.equal((await fs.stat(keyFile)).mode & 0o777, mode);
      }
    });
  });
}
