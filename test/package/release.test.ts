/** A release, by the very commands of its workflow, in a folder as people name theirs; only what publishes is held back. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { needs } from "../support/needs";
import { readYaml } from "../support/yaml";
import { copyProject, temporaryFolder } from "./installation";

interface Workflow {
  jobs: Record<string, { steps: { run?: string }[] }>;
}

/** Git asks who commits. */
const SOMEBODY = {
  GIT_AUTHOR_NAME: "somebody",
  GIT_AUTHOR_EMAIL: "somebody@example.com",
  GIT_COMMITTER_NAME: "somebody",
  GIT_COMMITTER_EMAIL: "somebody@example.com",
};

describe("A release", function () {
  let home: Awaited<ReturnType<typeof temporaryFolder>>;
  let project: string;
  let tag: string;
  let commands: string[];
  const shell = async (command: string): Promise<string> => {
    const options = {
      cwd: project,
      env: { ...process.env, ...SOMEBODY, GITHUB_REF_NAME: tag },
      maxBuffer: 2 ** 26,
    };
    return (await promisify(execFile)("sh", ["-c", command], options)).stdout;
  };
  before(async function () {
    needs(this, "posix-files"); // The machine of the workflow is a Linux, with its shell.
    const workflow = readYaml(
      await readFile(join(projectRoot, ".github/workflows/release.yml"), "utf8"),
    ) as Workflow;
    commands = workflow.jobs.publish!.steps.flatMap(({ run }) => (run === undefined ? [] : [run]));
    home = await temporaryFolder();
    project = await copyProject(home.path);
    await shell("git init -q && git add -A && git commit -qm everything");
  });
  after(() => home?.remove());

  it("begins with `npm version`, which moves the changelog's sentences below the new version, and tags", async () => {
    await shell("npm version minor");
    tag = (await shell("git describe --tags")).trim();
    const changelog = await readFile(join(project, "CHANGELOG.md"), "utf8");
    assert.match(changelog, new RegExp(`## Unreleased\\n\\n## ${tag.slice(1)} - `));
  });

  it("is refused for a tag that is not the version", async () => {
    await assert.rejects(shell("node scripts/release.mjs v9.9.9"), /the tag must be v/);
  });

  it("makes the package, the bundle, the list of parts and their checksums", async () => {
    await shell(commands.find((command) => command.includes("--files"))!);
    const folder = join(project, ".tmp/release/assets");
    const names = await readdir(folder);
    assert.equal(names.length, 4, names.join(", "));
    const sums = await readFile(join(folder, "SHA256SUMS"), "utf8");
    for (const name of names.filter((other) => other !== "SHA256SUMS")) {
      const sum = createHash("sha256")
        .update(await readFile(join(folder, name)))
        .digest("hex");
      assert.ok(sums.includes(`${sum}  ${name}\n`), name);
    }
    const parts = JSON.parse(await readFile(join(folder, "sbom.cdx.json"), "utf8")) as {
      components: { name: string }[];
    };
    const listed = parts.components.map(({ name }) => name);
    for (const name of ["mqtt", "aedes", "node-forge"]) assert.ok(listed.includes(name), name);
  });

  it("gives npm and GitHub files that there are", async () => {
    const publish = commands.find((command) => command.startsWith("npm publish"))!;
    // Provenance is what only GitHub can vouch for.
    await shell(`${publish.replace("--provenance", "--no-provenance")} --dry-run`);
    const release = commands.find((command) => command.startsWith("gh release create"))!;
    for (const file of release.match(/\.tmp\/\S+/g) ?? []) await shell(`ls ${file}`);
    assert.ok((await readFile(join(project, ".tmp/release/changes.md"), "utf8")).length > 100);
  });

  it("does nothing else that is not tried here", () => {
    const others = commands.filter(
      (command) => !/scripts\/release\.mjs|^npm publish|^gh release/.test(command),
    );
    assert.deepEqual(others, ["npm ci --ignore-scripts", "npm audit --omit=dev"]);
  });
});
