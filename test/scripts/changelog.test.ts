import assert from "node:assert/strict";
import { changesOf, released } from "../../scripts/shared/changelog.mjs";

const CHANGELOG = `# What has changed

## Unreleased

## 1.10.0

Nothing but this.

## [1.1.0] - 2026-01-02

### Added

- A node.

## 1.0.0
`;

describe("The changes of a version", () => {
  it("are what stands below its heading, with or without a date", () => {
    assert.equal(changesOf(CHANGELOG, "1.10.0"), "Nothing but this.");
    assert.equal(changesOf(CHANGELOG, "1.1.0"), "### Added\n\n- A node.");
  });

  it("are none where it has no entry, or an empty one", () => {
    assert.equal(changesOf(CHANGELOG, "1.1"), undefined);
    assert.equal(changesOf(CHANGELOG, "2.0.0"), undefined);
    assert.equal(changesOf(CHANGELOG, "1.0.0"), undefined);
  });
});

describe("A new version in the changelog", () => {
  const changelog = CHANGELOG.replace("## Unreleased\n", "## Unreleased\n\n- A thing.\n");

  it("has what was unreleased, with its date, and leaves nothing unreleased", () => {
    const after = released(changelog, "1.11.0", "2026-03-04");
    assert.equal(changesOf(after, "1.11.0"), "- A thing.");
    assert.match(after, /^## 1\.11\.0 - 2026-03-04$/m);
    assert.equal(changesOf(after, "Unreleased"), undefined);
    assert.equal(changesOf(after, "1.10.0"), "Nothing but this.");
  });

  it("is refused where nobody has written what is new", () => {
    assert.throws(() => released(CHANGELOG, "1.11.0", "2026-03-04"), /nothing under "Unreleased"/);
  });
});
