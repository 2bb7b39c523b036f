/** Messages as bytes, written and read: against the bytes of the MQTT 3.1 specification, and against each other. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { PacketReader, publishPacket } from "../../src/transport/packets";

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

describe("a stream of packets", () => {
  const LIMIT = 1000;
  const PUBACK = Buffer.from([0x40, 2, 0, 1]);
  const PINGRESP = Buffer.from([0xd0, 0]);
  const QOS_1 = Buffer.from([0x32, 6, 0, 1, 0x74, 0, 9, 0x78]);
  const RETAINED = Buffer.from([0x31, 4, 0, 1, 0x74, 0x78]);
  const DUPLICATE = Buffer.from([0x38, 4, 0, 1, 0x74, 0x78]);
  /** Its topic would reach beyond its end. */
  const BROKEN = Buffer.from([0x30, 4, 0, 9, 0x74, 0x78]);

  /** What was read of these bytes in chunks of this size, and whether all was within the limit. */
  function read(bytes: Buffer, size = bytes.length, limit = LIMIT) {
    const messages: [string, string][] = [];
    const packets: Buffer[] = [];
    const reader = new PacketReader(limit, {
      message: (topic, payload) => messages.push([topic, payload.toString()]),
      packet: (packet) => packets.push(packet),
    });
    let isWithin = true;
    for (let at = 0; at < bytes.length && isWithin; at += size) {
      isWithin = reader.read(bytes.subarray(at, at + size));
    }
    return { messages, others: Buffer.concat(packets), isWithin };
  }

  it("gives each message, and hands on everything else as it is, whatever the chunks", () => {
    const message = fc.tuple(fc.string({ maxLength: 40, unit: "binary" }), fc.string({ maxLength: 300 }));
    const other = fc.constantFrom(PUBACK, PINGRESP, QOS_1, BROKEN);
    const stream = fc.array(fc.oneof(message, other), { minLength: 1 });
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 200 }), (packets, size) => {
        const written = packets.map((packet) =>
          Buffer.isBuffer(packet) ? packet : publishPacket(...packet),
        );
        assert.deepEqual(read(Buffer.concat(written), size, 4000), {
          messages: packets.filter((packet) => !Buffer.isBuffer(packet)),
          others: Buffer.concat(packets.filter((packet) => Buffer.isBuffer(packet))),
          isWithin: true,
        });
      }),
    );
  });

  it("leaves out what the broker kept for late subscribers: it answers nothing that was asked", () => {
    const { messages, others } = read(Buffer.concat([RETAINED, DUPLICATE]));
    assert.deepEqual(messages, [["t", "x"]]);
    assert.equal(others.length, 0);
  });

  it("refuses a packet as soon as it says that it is too long", () => {
    const long = publishPacket("t", "x".repeat(LIMIT));
    for (const size of [1, 3, long.length]) assert.equal(read(long.subarray(0, 3), size).isWithin, false);
    assert.equal(read(publishPacket("t", "x".repeat(LIMIT - 3))).isWithin, true);
  });

  it("refuses a length of more than four bytes", () => {
    assert.equal(read(Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])).isWithin, false);
  });
});
