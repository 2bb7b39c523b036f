// node scripts/release.mjs vX.Y.Z: checks that this tag may release the tree as it is, and prints its changes.
//   --files FOLDER     makes what is released, too: changes.md; package/, for npm; assets/, for people: the same
//                      package, the offline bundle, the list of parts, and the checksums of all of them
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { makeBundle } from "./shared/bundle.mjs";
import { changesOf } from "./shared/changelog.mjs";
import { prepare } from "./shared/prepare.mjs";
import { projectRoot } from "./shared/project.mjs";
import { npm } from "./shared/tools.mjs";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { files: { type: "string" } } });
const [tag = ""] = positionals;
const { version } = JSON.parse(readFileSync(join(projectRoot, "package.json"), "utf8"));
const changes = changesOf(readFileSync(join(projectRoot, "CHANGELOG.md"), "utf8"), version);

if (tag !== `v${version}`)
  refuse(`The tag is "${tag}", the version in package.json ${version}: the tag must be v${version}.`);
else if (changes === undefined)
  refuse(`CHANGELOG.md says nothing of ${version}: move what is under "Unreleased" below "## ${version}".`);
else {
  console.log(changes);
  if (values.files !== undefined) await makeFiles(resolve(values.files));
}

function refuse(sentence) {
  console.error(sentence);
  process.exitCode = 1;
}

async function makeFiles(folder) {
  await prepare();
  const [forNpm, assets] = ["package", "assets"].map((name) => join(folder, name));
  rmSync(folder, { recursive: true, force: true });
  for (const path of [forNpm, assets]) mkdirSync(path, { recursive: true });
  writeFileSync(join(folder, "changes.md"), `${changes}\n`);

  await npmDoes("pack", "--ignore-scripts", "--pack-destination", forNpm);
  for (const name of readdirSync(forNpm)) copyFileSync(join(forNpm, name), join(assets, name));
  await makeBundle(assets);
  writeFileSync(
    join(assets, "sbom.cdx.json"),
    await npmDoes("sbom", "--package-lock-only", "--omit=dev", "--sbom-format=cyclonedx"),
  );
  writeFileSync(join(assets, "SHA256SUMS"), checksumsOf(assets));
}

async function npmDoes(...args) {
  const [program, ...before] = npm;
  const options = { cwd: projectRoot, maxBuffer: 2 ** 26 };
  return (await promisify(execFile)(program, [...before, ...args], options)).stdout;
}

/** As `sha256sum --check` reads them. */
function checksumsOf(folder) {
  const lines = readdirSync(folder).map((name) => {
    const sum = createHash("sha256")
      .update(readFileSync(join(folder, name)))
      .digest("hex");
    return `${sum}  ${name}\n`;
  });
  return lines.join("");
}
