/** What a write that fails leaves behind, and who can read what was written. */
import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makePrivateFolder, writePrivateFile } from "../../src/files/private-file";
import * as simulator from "../../src/simulator/files";

describe("A private file", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "tviot-files-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  for (const [whose, write] of [
    ["of the client", writePrivateFile],
    ["of the simulator", simulator.writePrivateFile],
  ] as const) {
    it(`${whose} that cannot be put in its place leaves nothing aside`, async () => {
      await mkdir(join(directory, "taken", "by a folder"), { recursive: true });
      await assert.rejects(write(join(directory, "taken"), "text"));
      assert.deepEqual(await readdir(directory), ["taken"]);
    });

    it(`${whose} is whole, for its owner only, and alone`, async () => {
      const path = join(directory, "file");
      await write(path, "old");
      await write(path, "new");
      assert.equal(await readFile(path, "utf8"), "new");
      assert.deepEqual(await readdir(directory), ["file"]);
      if (process.platform !== "win32") assert.equal((await stat(path)).mode & 0o777, 0o600);
    });
  }

  if (process.platform !== "win32") {
    it("lies in a folder that is closed to others when it was open; but not in one that a person chose", async () => {
      await chmod(directory, 0o755);
      await simulator.openFolder(directory);
      assert.equal((await stat(directory)).mode & 0o777, 0o755);
      await makePrivateFolder(directory);
      assert.equal((await stat(directory)).mode & 0o777, 0o700);
    });
  }
});
