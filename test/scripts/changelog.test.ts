import assert from "node:assert/strict";
import { changesOf } from "../../scripts/shared/changelog.mjs";

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
