/** What the Flow Library asks of a package, by its own check. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { runtime } from "../../scripts/shared/runtimes.mjs";
import { temporaryFolder } from "./installation";

type Scorecard = Record<string, { test?: boolean }>;

/** D03, every dependency at its newest version, is left out: it changes with the day, not with the project. */
const RULES = ["P01", "P03", "P04", "P05", "P06", "P07", "P08", "N01", "N02", "D01", "D02"];

describe("the Flow Library's check", function () {
  this.timeout(600_000); // npm may have to install it first.

  it("finds nothing to complain of", async () => {
    const { path, remove } = await temporaryFolder();
    try {
      const checker = await runtime("node-red-dev");
      const program = join(checker, "node_modules/node-red-dev/bin/run");
      const preload = join(projectRoot, "test/runtimes/node-red-dev/empty-catalogue.cjs");
      const scorecard = join(path, "scorecard.json");
      const args = ["--require", preload, program, "validate", "-p", projectRoot, "-o", scorecard];
      await promisify(execFile)(process.execPath, args);

      const results = JSON.parse(await readFile(scorecard, "utf8")) as Scorecard;
      const failed = RULES.filter((rule) => results[rule]?.test !== true);
      assert.deepEqual(failed, [], JSON.stringify(results, null, 2));
    } finally {
      await remove();
    }
  });
});
