/** What the workflows of the public CI may do. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../scripts/shared/project.mjs";

const FOLDER = join(projectRoot, ".github/workflows");
const workflows = readdirSync(FOLDER).map((file) => ({
  file,
  text: readFileSync(join(FOLDER, file), "utf8"),
}));

describe("The workflows", () => {
  for (const { file, text } of workflows) {
    it(`${file} names each action by its commit, and its version beside it`, () => {
      for (const [, used] of text.matchAll(/uses: (.*)$/gm)) {
        assert.match(used ?? "", /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
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

  it("release what was tested and audited, with provenance and a list of its parts", () => {
    const release = workflows.find(({ file }) => file === "release.yml")?.text ?? "";
    const steps = ["needs: test", "npm audit", "npm sbom", "scripts/release.mjs", "npm publish --provenance"];
    const places = steps.map((step) => release.indexOf(step, release.indexOf("publish:\n")));
    assert.ok(places.every((place) => place > 0));
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
  });
});
