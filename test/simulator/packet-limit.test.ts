/** The guard of an MQTT connection's memory. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { packetLimit } from "../../src/simulator/packet-limit";

describe("The limit of a packet", () => {
  it("watches packets of any length in chunks of any size", () => {
    const header = (length: number) => {
      const bytes = [0x30];
      for (let rest = length; ; rest = rest >> 7) {
        bytes.push(rest > 127 ? (rest & 127) | 128 : rest);
        if (rest <= 127) return bytes;
      }
    };
    const lengths = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1 });
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 50 }), (packets, size) => {
        const bytes = Buffer.concat(
          packets.map((length) => Buffer.from([...header(length), ...new Array<number>(length).fill(0xff)])),
        );
        const tooLong = packetLimit(300);
        let found = false;
        for (let at = 0; at < bytes.length && !found; at += size)
          found = tooLong(bytes.subarray(at, at + size));
        assert.equal(
          found,
          packets.some((length) => length > 300),
        );
      }),
    );
  });
});
