/** Each test that the threat model names is there, and each threat names one. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../scripts/shared/project.mjs";

const whole = readFileSync(join(projectRoot, "docs/threat-model.md"), "utf8");
/** After assets and boundaries. */
const text = whole.slice(whole.indexOf("\n## The agent\n"));
/** A sentence may go over the end of a line. */
const threats = text
  .split(/\n- (?=\*\*)/)
  .slice(1)
  .map((threat) => threat.split(/\n\n/)[0]!.replace(/\s+/g, " "));
const namedIn = (threat: string) =>
  [...threat.matchAll(/`(test\/[\w./-]+\.test\.ts)` “([^”]*)”/g)].map(([, file = "", title = ""]) => ({
    file,
    title,
  }));

describe("docs/threat-model.md", () => {
  for (const threat of threats) {
    const what = /\*\*(.*?)\*\*/.exec(threat)?.[1] ?? "";
    it(`names tests that there are: ${what}`, () => {
      const named = namedIn(threat);
      assert.ok(named.length > 0, "no test is named");
      for (const { file, title } of named) {
        assert.ok(existsSync(join(projectRoot, file)), file);
        const source = readFileSync(join(projectRoot, file), "utf8");
        assert.ok(title !== "" && source.includes(title), `${file} has no test “${title}”`);
      }
    });
  }

  it("says of each boundary what does not hold", () => {
    const boundaries = text.split(/^## /m).filter((part) => /^- \*\*/m.test(part) && part.includes("Test"));
    assert.ok(boundaries.length >= 7);
    for (const boundary of boundaries)
      assert.match(boundary, /^What does not hold: /m, boundary.slice(0, 40));
  });
});
