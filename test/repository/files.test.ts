/** What must not stand in any file of the project: where somebody's machine keeps it, or where it fetched from. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { extname, join } from "node:path";
import { projectRoot } from "../../scripts/shared/project.mjs";

const NOT_OURS = new Set([".git", "node_modules", "dist", "coverage", ".runtimes", ".tmp"]);
const BINARY = new Set([".png", ".tgz"]);

/** Written so that this file does not match them. */
const MACHINE_PATH = /(?<![\w.~])\/(?:work|root|Users)\/[\w.]/;
const REGISTRY = /registry\.npmjs|registry\.yarnpkg|npm\.pkg\.github/;

function filesOf(folder: string): string[] {
  return readdirSync(join(projectRoot, folder), { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.has(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesOf(path) : [path];
    });
}

const files = filesOf("").filter((file) => !BINARY.has(extname(file)));
const contents = files.map((file) => ({ file, content: readFileSync(join(projectRoot, file), "utf8") }));

describe("the files of the project", () => {
  it("say nothing of the machine that they were written on", () => {
    const found = contents.filter(({ content }) => MACHINE_PATH.test(content)).map(({ file }) => file);
    assert.deepEqual(found, []);
  });

  it("name no package registry", () => {
    const found = contents.filter(({ content }) => REGISTRY.test(content)).map(({ file }) => file);
    assert.deepEqual(found, []);
  });

  it("lock versions and checksums, not the hosts that they came from", () => {
    const locks = contents.filter(({ file }) => file.endsWith("package-lock.json"));
    assert.ok(locks.length >= 2);
    for (const { file, content } of locks) {
      assert.match(content, /"integrity": "sha512-/, file);
      assert.doesNotMatch(content, /"resolved":/, file);
    }
  });
});
