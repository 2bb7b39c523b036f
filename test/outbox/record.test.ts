/** A push as a line of the store: what is read is what was written, and its size is known from its text alone. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeRecord, encodeRecord, sizeOf, sizeOfMessage } from "../../src/outbox/record";
import { OPERATIONS } from "../../src/protocol/operations";

const value = fc.oneof(
  fc.string(),
  fc.constantFrom('"metrics":', ',"acceptedAt":1}', "ü€😀"),
  fc.boolean(),
  fc.integer(),
);
const metric = fc
  .tuple(fc.constantFrom("metrics", "acceptedAt", "a b"), value)
  .map(([metricId, value]) => ({ metricId, value }));

describe("A stored push", () => {
  it("comes back as it was, whatever its texts look like, and counts as many bytes as it did when it came", () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(metric, { minLength: 1, maxLength: 3, selector: ({ metricId }) => metricId }),
        fc.nat(),
        fc.constantFrom("s", "press-12"),
        (metrics, timestamp, sensorId) => {
          const message = OPERATIONS.pushValues.write({ sensorId, metrics, timestamp });
          const own = { sequence: 7, owner: 'a "node"', sensorId, acceptedAt: 12, clock: 5 };
          const text = encodeRecord(own, message);
          const record = decodeRecord(text);
          assert.deepEqual(record, { ...own, metrics, timestamp });
          assert.equal(sizeOf(record, text), sizeOfMessage(message, sensorId));
        },
      ),
    );
  });

  it("counts the bytes of its message, of its sensor, and as many more as the rest takes", () => {
    assert.equal(sizeOfMessage("{}", "s"), 2 + 1 + 128);
    assert.equal(sizeOfMessage('{"ü":1}', "press-12"), 8 + 8 + 128);
  });

  it("is nothing where a byte was changed", () => {
    const text = encodeRecord({ sequence: 1, owner: "n", sensorId: "s", acceptedAt: 1, clock: 5 }, "{}");
    for (const at of [0, 5, text.length - 1])
      assert.equal(decodeRecord(`${text.slice(0, at)}#${text.slice(at + 1)}`), undefined);
  });
});
