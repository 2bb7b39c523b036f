import assert from "node:assert/strict";
import fc from "fast-check";
import { batchesOf, USUAL_SECONDS } from "../../scripts/shared/batches.mjs";

describe("The batches in which test files run", () => {
  it("have every file once, the longest batch first", () => {
    const durations = fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.nat(100), { maxKeys: 30 });
    fc.assert(
      fc.property(durations, fc.integer({ min: 1, max: 12 }), (known, count) => {
        const files = [...Object.keys(known), "new"].filter(
          (file, index, all) => all.indexOf(file) === index,
        );
        const batches = batchesOf(files, known, count);
        assert.deepEqual(batches.flatMap(({ files }) => files).sort(), files.sort());
        assert.ok(batches.every(({ files }) => files.length > 0));
        const seconds = batches.map(({ seconds }) => seconds);
        assert.deepEqual(
          seconds,
          [...seconds].sort((a, b) => b - a),
        );
      }),
    );
  });

  it("last about equally long, a long file by itself", () => {
    const batches = batchesOf(["a", "b", "c", "long"], { a: 3, b: 2, c: 1, long: 60 }, 2);
    assert.deepEqual(batches, [
      { files: ["long"], seconds: 60 },
      { files: ["a", "b", "c"], seconds: 6 },
    ]);
  });

  it("take a usual time for a file that nobody has measured", () => {
    assert.deepEqual(batchesOf(["new"], {}, 3), [{ files: ["new"], seconds: USUAL_SECONDS }]);
  });
});
