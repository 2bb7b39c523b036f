/** The bytes of PUBLISH, against those that the MQTT 3.1 specification prints. */
import assert from "node:assert/strict";
import { publishPacket } from "../../src/transport/publish-packet";

describe("the packet of a published message", () => {
  it("is PUBLISH at QoS 0, with topic and payload", () => {
    assert.deepEqual(publishPacket("a/b", "{}"), Buffer.from([0x30, 7, 0, 3, ...Buffer.from("a/b{}")]));
  });

  it("counts bytes, not characters", () => {
    const [topic, payload] = ["ä", "21 °C – 😀"].map((text) => Buffer.from(text)) as [Buffer, Buffer];
    const length = 2 + topic.length + payload.length;
    assert.deepEqual(
      publishPacket("ä", "21 °C – 😀"),
      Buffer.concat([Buffer.from([0x30, length, 0, 2]), topic, payload]),
    );
  });

  it("may have an empty payload", () => {
    assert.deepEqual(publishPacket("t", ""), Buffer.from([0x30, 3, 0, 1, 0x74]));
  });

  for (const [remaining, bytes] of [
    [127, [0x7f]],
    [128, [0x80, 0x01]],
    [16_383, [0xff, 0x7f]],
    [16_384, [0x80, 0x80, 0x01]],
    [2_097_151, [0xff, 0xff, 0x7f]],
    [2_097_152, [0x80, 0x80, 0x80, 0x01]],
  ] as const) {
    it(`writes a remaining length of ${remaining} in ${bytes.length} bytes`, () => {
      const packet = publishPacket("t", "x".repeat(remaining - 3));
      assert.deepEqual([...packet.subarray(0, 1 + bytes.length)], [0x30, ...bytes]);
      assert.equal(packet.length, 1 + bytes.length + remaining);
    });
  }
});
