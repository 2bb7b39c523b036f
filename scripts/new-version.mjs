// What `npm version` runs before its commit: the sentences under "Unreleased" become those of the new version.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { released } from "./shared/changelog.mjs";
import { projectRoot } from "./shared/project.mjs";

const file = join(projectRoot, "CHANGELOG.md");
const { version } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
try {
  writeFileSync(file, released(readFileSync(file, "utf8"), version, new Date().toISOString().slice(0, 10)));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
