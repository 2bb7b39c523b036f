/** Expectations that several tests of the identity share. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { IotError } from "../../src/protocol/errors";

/** Fails unless the error is ours, and the one whose sentence stands under `textKey`. */
export function isError(textKey: string): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof IotError, String(error));
    assert.equal(error.textKey, textKey);
    assert.doesNotMatch(error.message, /__\w+__/, "every blank of the sentence is filled");
    return true;
  };
}

/** A folder that is there for the tests of one `describe`. */
export function temporaryFolder(): { path: string } {
  const folder = { path: "" };
  beforeEach(async () => {
    folder.path = await mkdtemp(join(tmpdir(), "identity-"));
  });
  afterEach(() => rm(folder.path, { recursive: true, force: true }));
  return folder;
}
