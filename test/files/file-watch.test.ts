import assert from "node:assert/strict";
import { appendFile, chmod, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { watchFiles } from "../../src/files/file-watch";
import { needs } from "../support/needs";

describe("A watch over files", function () {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "tviot-file-watch-"));
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));
  const at = (name: string) => join(directory, name);

  const CHANGES: readonly (readonly [title: string, change: () => Promise<unknown>])[] = [
    // Each is one step: a look between two would see two changes.
    ["is written", () => appendFile(at("file"), ", then changed")],
    [
      "is replaced by one as long",
      () => writeFile(at("new"), "before").then(() => rename(at("new"), at("file"))),
    ],
    ["is removed", () => rm(at("file"))],
    ["is given other rights", () => chmod(at("file"), 0o640)],
    [
      "that was missing is made",
      () => writeFile(at("new"), "made").then(() => rename(at("new"), at("missing"))),
    ],
    [
      "is behind a link that leads elsewhere now",
      () =>
        writeFile(at("other"), "other")
          .then(() => symlink(at("other"), at("new")))
          .then(() => rename(at("new"), at("link"))),
    ],
  ];
  for (const [title, change] of CHANGES) {
    it(`tells, once, that one ${title} (fault 49)`, async function () {
      if (/link|rights/.test(title)) needs(this, "posix-files");
      await writeFile(at("file"), "before");
      if (title.includes("link")) await symlink(at("file"), at("link"));
      const files = title.includes("link") ? [at("link")] : [at("file"), at("missing")];
      let told = 0;
      let changed: () => void = () => undefined;
      const end = watchFiles(files, () => {
        told++;
        changed();
      });
      // Its first look.
      await new Promise((resolve) => setTimeout(resolve, 800));
      assert.equal(told, 0);
      const telling = new Promise<void>((resolve) => (changed = resolve));
      await change();
      await telling;
      await new Promise((resolve) => setTimeout(resolve, 1500));
      assert.equal(told, 1);
      end();
    });
  }

  it("tells nothing once it was ended", async () => {
    await writeFile(at("file"), "before");
    const end = watchFiles([at("file")], () => assert.fail("told"));
    end();
    await writeFile(at("file"), "changed");
    await new Promise((resolve) => setTimeout(resolve, 1500));
  });
});
