/** The site as `npm run docs` makes it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LANGUAGES, TRANSLATIONS } from "../../scripts/shared/languages.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";

describe("npm run docs", function () {
  this.timeout(300_000); // npm may have to install VitePress first.

  it("makes pages that need no server, in every language, and a search over all of them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "teamviewer-iot-site-"));
    try {
      const args = [join(projectRoot, "scripts/docs.mjs"), "--to", folder, "--base", "/somewhere/"];
      const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
      assert.equal(stdout.trim().split("\n").at(-1), folder);

      const push = await readFile(join(folder, "nodes/push.html"), "utf8");
      assert.match(push, /<h2 id="properties"/);
      assert.match(push, /href="\/somewhere\/recipes\/modbus\.html"/);
      assert.match(await readFile(join(folder, "de/nodes/push.html"), "utf8"), /<h2 id="eigenschaften"/);
      for (const language of TRANSLATIONS) {
        const errors = await readFile(join(folder, language, "errors.html"), "utf8");
        assert.match(errors, new RegExp(`lang="${language}"`));
        assert.match(errors, /<h2 id="replytimeout"/);
      }
      assert.ok((await readdir(join(folder, "images"))).includes("demo-flow.png"));

      const indexes = (await readdir(join(folder, "assets/chunks"))).filter((name) =>
        /localSearch/.test(name),
      );
      assert.equal(indexes.length, LANGUAGES.length, "one a language");
      const index = await Promise.all(
        indexes.map((name) => readFile(join(folder, "assets/chunks", name), "utf8")),
      );
      for (const word of ["ReplyTimeout", "heartbeat", "Eigenschaften"])
        assert.ok(index.join("").includes(word), word);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
