/** What a server may do to the reader of packets: any bytes, in any chunks (fault 74). */
import assert from "node:assert/strict";
import fc from "fast-check";
import { PacketRules } from "../../src/transport/packet-rules";
import { PacketReader, publishPacket } from "../../src/transport/packets";
import { FULL } from "./size";

const LIMITS = { payload: 40, topic: 10 };
const MOST_AWAITED = 70;
const TEN_MINUTES = 600_000;
const MANY = 5;

/** Every packet that may come, in every order: so that what is wrong is wrong for its bytes. */
const packet = fc.oneof(
  fc
    .tuple(fc.string({ minLength: 1, maxLength: 14 }), fc.string({ maxLength: 90 }))
    .map((message) => publishPacket(...message)),
  fc.constantFrom(
    ...[
      [0x90, 4, 0, 1, 0, 0],
      [0xd0, 0],
      [0x31, 4, 0, 1, 0x74, 0x78],
      [0x30, 0x84, 0, 0, 1, 0x74, 0x78],
    ].map((bytes) => Buffer.from(bytes)),
  ),
);
const mutated = fc
  .tuple(fc.array(packet, { maxLength: 8 }), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
  .map(([packets, changes]) => {
    const bytes = Buffer.concat(packets);
    for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
    return bytes;
  });
const random = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const chunkSizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 10 });

function* cut(bytes: Buffer, sizes: readonly number[]): Iterable<Buffer> {
  for (let at = 0, next = 0; at < bytes.length; next++) {
    const size = sizes[next % sizes.length] ?? 1;
    yield Buffer.from(bytes.subarray(at, at + size));
    at += size;
  }
}

/** All that comes out of a reader, in order; of a session that is connected and waits for some answers. */
function read(chunks: Iterable<Buffer>) {
  const rules = new PacketRules();
  rules.sent("connect");
  rules.came(0x20);
  for (let i = 0; i < MANY; i++) {
    rules.sent("subscribe", 2);
    rules.sent("pingreq");
  }
  const given: string[] = [];
  let bytes = 0;
  const reader = new PacketReader(LIMITS, rules, {
    message: (topic, payload) => {
      assert.ok(payload.length <= MOST_AWAITED);
      given.push(`message ${topic} ${payload.toString("hex")}`);
      bytes += 4 + payload.length;
    },
    large: (topic, length) => {
      given.push(`large ${topic} ${length}`);
      return length <= MOST_AWAITED;
    },
    packet: (packet) => {
      given.push(packet.toString("hex"));
      bytes += packet.length;
    },
  });
  let came = 0;
  for (const chunk of chunks) {
    const fault = reader.read(chunk);
    came += chunk.length;
    assert.ok(bytes <= came, "more comes out than went in");
    if (fault !== undefined) return [...given, `${fault.packet} ${fault.fault}`];
  }
  return given;
}

describe("The reader of packets, with any bytes in any chunks", function () {
  this.timeout(TEN_MINUTES * 1.2);

  it("never throws, never grows, always ends, and reads the same however the bytes are cut (fault 74)", () => {
    fc.assert(
      fc.property(fc.oneof(mutated, random), chunkSizes, (bytes, sizes) => {
        assert.deepEqual(read(cut(bytes, sizes)), read([bytes]));
      }),
      FULL
        ? { numRuns: Infinity, interruptAfterTimeLimit: TEN_MINUTES, markInterruptAsFailure: false }
        : { numRuns: 5000 },
    );
  });
});
