/** Messages as bytes, written and read: against the bytes of the MQTT 3.1 specification, and against each other. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { PacketRules, type PacketFault } from "../../src/transport/packet-rules";
import { PacketReader, publishPacket } from "../../src/transport/packets";

/** The types of packets by number (MQTT 3.1, section 2.1). */
const NAMES = [
  ...["type 0", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP"],
  ...["SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"],
];

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
  const LIMITS = { payload: 1000, topic: 100 };
  const CONNACK = Buffer.from([0x20, 2, 0, 0]);
  const SUBACK = Buffer.from([0x90, 4, 0, 1, 0, 0]);
  const PINGRESP = Buffer.from([0xd0, 0]);
  const RETAINED = Buffer.from([0x31, 4, 0, 1, 0x74, 0x78]);
  const DUPLICATE = Buffer.from([0x38, 4, 0, 1, 0x74, 0x78]);

  /** A session that has sent what it sends at first, and is connected unless it `isNew`. */
  function rulesOf({ isNew = false, pings = 0, subscribes = 0 } = {}): PacketRules {
    const rules = new PacketRules();
    rules.sent("connect");
    if (!isNew) rules.came(0x20);
    for (let i = 0; i < subscribes; i++) rules.sent("subscribe", 2);
    for (let i = 0; i < pings; i++) rules.sent("pingreq");
    return rules;
  }

  interface Reading {
    rules?: PacketRules;
    /** Topics on which any length is awaited. */
    awaited?: readonly string[];
  }

  function readChunks(chunks: Iterable<Buffer>, { rules = rulesOf(), awaited = [] }: Reading) {
    const messages: [string, string][] = [];
    const large: [string, number][] = [];
    const packets: Buffer[] = [];
    const reader = new PacketReader(LIMITS, rules, {
      message: (topic, payload) => messages.push([topic, payload.toString()]),
      large: (topic, bytes) => {
        large.push([topic, bytes]);
        return awaited.includes(topic);
      },
      packet: (packet) => packets.push(packet),
    });
    let fault: PacketFault | undefined;
    for (const chunk of chunks) fault = reader.read(chunk);
    return { messages, large, others: Buffer.concat(packets), fault };
  }

  function* cut(bytes: Buffer, size: number): Iterable<Buffer> {
    // A copy each: what was read must not depend on a chunk that is gone.
    for (let at = 0; at < bytes.length; at += size) yield Buffer.from(bytes.subarray(at, at + size));
  }

  function read(bytes: Buffer, size = Math.max(1, bytes.length), reading: Reading = {}) {
    return readChunks(cut(bytes, size), reading);
  }

  it("gives each message, and hands on what was asked for as it is, whatever the chunks", () => {
    const message = fc.tuple(
      fc.string({ minLength: 1, maxLength: 25, unit: "binary" }),
      fc.string({ maxLength: 300 }),
    );
    const stream = fc.array(fc.oneof(message, fc.constantFrom(SUBACK, PINGRESP)), { minLength: 1 });
    fc.assert(
      fc.property(stream, fc.integer({ min: 1, max: 200 }), (packets, size) => {
        const written = packets.map((packet) =>
          Buffer.isBuffer(packet) ? packet : publishPacket(...packet),
        );
        const rules = rulesOf({ pings: packets.length, subscribes: packets.length });
        assert.deepEqual(read(Buffer.concat(written), size, { rules }), {
          messages: packets.filter((packet) => !Buffer.isBuffer(packet)),
          large: [],
          others: Buffer.concat(packets.filter((packet) => Buffer.isBuffer(packet))),
          fault: undefined,
        });
      }),
    );
  });

  it("leaves out what the broker kept for late subscribers: it answers nothing that was asked", () => {
    const { messages, others } = read(Buffer.concat([RETAINED, DUPLICATE]));
    assert.deepEqual(messages, [["t", "x"]]);
    assert.equal(others.length, 0);
  });

  it("passes over a message that is longer than is taken, tells of it once, and goes on (fault 53)", () => {
    const long = publishPacket("long", "x".repeat(1001));
    const next = publishPacket("t", "y".repeat(1000));
    for (const size of [1, 7, 500, 5000]) {
      assert.deepEqual(read(Buffer.concat([long, next, long]), size), {
        messages: [["t", "y".repeat(1000)]],
        large: [
          ["long", 1001],
          ["long", 1001],
        ],
        others: Buffer.alloc(0),
        fault: undefined,
      });
    }
  });

  it("gives a long message that is awaited, whole (fault 53)", () => {
    const text = Array.from({ length: 5000 }, (_, index) => index).join();
    const bytes = Buffer.concat([publishPacket("list", text), publishPacket("t", "x")]);
    for (const size of [1, 1000, bytes.length]) {
      const { messages } = read(bytes, size, { awaited: ["list"] });
      assert.deepEqual(messages, [
        ["list", text],
        ["t", "x"],
      ]);
    }
  });

  it("passes over a message on a topic that is too long to be one of ours, even where all is awaited (fault 74)", () => {
    const long = publishPacket("x".repeat(101), "payload");
    for (const size of [1, 50, 200]) {
      const { messages, large } = read(Buffer.concat([long, publishPacket("t", "x")]), size, {
        awaited: [""],
      });
      assert.deepEqual(messages, [["t", "x"]]);
      assert.deepEqual(large, [["", 108]]);
    }
  });

  it("keeps nothing of 256 MB that are announced (fault 41)", () => {
    const announced = Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1, 0x74]);
    assert.deepEqual(read(announced).large, [["t", 0x0fff_ffff - 3]]);
    assert.equal(read(announced).fault, undefined);
  });

  const message = (first: number) => Buffer.from([first, 6, 0, 1, 0x74, 0, 9, 0x78]);
  for (const [what, bytes, packet, fault, rules] of [
    ["QoS 1 (fault 73)", message(0x32), "PUBLISH, QoS 1", "unasked", {}],
    ["QoS 2 (fault 73)", message(0x34), "PUBLISH, QoS 2", "unasked", {}],
    ["QoS 3 (fault 73)", message(0x36), "PUBLISH, QoS 3", "unasked", {}],
    ["a second CONNACK (fault 74)", CONNACK, "CONNACK", "unasked", {}],
    ["SUBACK without SUBSCRIBE (fault 74)", SUBACK, "SUBACK", "unasked", {}],
    ["a second SUBACK (fault 74)", Buffer.concat([SUBACK, SUBACK]), "SUBACK", "unasked", { subscribes: 1 }],
    [
      "SUBACK for more filters than were asked for",
      [0x90, 5, 0, 1, 0, 0, 0],
      "SUBACK",
      "malformed",
      { subscribes: 1 },
    ],
    ["PINGRESP without PINGREQ (fault 74)", PINGRESP, "PINGRESP", "unasked", {}],
    ["PINGRESP with flags", [0xd1, 0], "PINGRESP", "unasked", { pings: 1 }],
    ["a message before CONNACK", message(0x30), "PUBLISH", "unasked", { isNew: true }],
    ["CONNACK of 256 MB", [0x20, 0xff, 0xff, 0xff, 0x7f], "CONNACK", "malformed", { isNew: true }],
    ["a length of five bytes", [0x30, 0x80, 0x80, 0x80, 0x80, 0x01], "PUBLISH", "malformed", {}],
    ["a message without a topic", [0x30, 2, 0, 0], "PUBLISH", "malformed", {}],
    ["a message whose topic is empty", [0x30, 3, 0, 0, 0x78], "PUBLISH", "malformed", {}],
    ["a topic that is longer than its message", [0x30, 4, 0, 9, 0x74, 0x78], "PUBLISH", "malformed", {}],
    ...[0x00, 0x10, 0x40, 0x50, 0x62, 0x70, 0x82, 0xa2, 0xb0, 0xc0, 0xe0, 0xf0].map(
      (first) => [`type ${first >> 4}`, [first, 2, 0, 1], NAMES[first >> 4] ?? "", "unasked", {}] as const,
    ),
  ] as const) {
    it(`ends with ${what}, and nothing is read from then on`, () => {
      for (const size of [1, bytes.length + 6]) {
        const all = Buffer.concat([Buffer.from(bytes), publishPacket("t", "x")]);
        const result = read(all, size, { rules: rulesOf(rules) });
        assert.deepEqual(result.fault, { packet, fault });
        assert.deepEqual(result.messages, []);
      }
    });
  }
});
