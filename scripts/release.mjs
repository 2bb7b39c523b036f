// node scripts/release.mjs vX.Y.Z: checks that this tag may release the tree as it is, and prints its changes.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { changesOf } from "./shared/changelog.mjs";
import { projectRoot } from "./shared/project.mjs";

const [tag = ""] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
const changes = changesOf(readFileSync(join(projectRoot, "CHANGELOG.md"), "utf8"), version);

if (tag !== `v${version}`)
  refuse(`The tag is "${tag}", the version in package.json ${version}: the tag must be v${version}.`);
else if (changes === undefined)
  refuse(`CHANGELOG.md says nothing of ${version}: move what is under "Unreleased" below "## ${version}".`);
else console.log(changes);

function refuse(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}
