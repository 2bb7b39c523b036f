/**
 * MQTT packets as bytes (MQTT 3.1). Messages (PUBLISH at QoS 0, section 3.3) are written and read here: they are nearly
 * all that goes either way, and with mqtt.js they cost more than everything else that the client does. The other packets
 * are left to it.
 */
import { fault, isMessage, type PacketFault, type PacketRules } from "./packet-rules";

/** PUBLISH at QoS 0; beside it stand the flags DUP and RETAIN. */
const PUBLISH = 0x30;
const RETAIN = 0x01;
/** "Remaining Length": seven bits a byte, the eighth says that another follows; four bytes at most. */
const MORE = 0x80;
const LONGEST = MORE ** 4;
const LONGEST_HEADER = 5;
const TOPIC_LENGTH = 2;

export function publishPacket(topic: string, payload: string): Buffer {
  const topicBytes = Buffer.byteLength(topic);
  const remaining = TOPIC_LENGTH + topicBytes + Buffer.byteLength(payload);
  const packet = Buffer.allocUnsafe(LONGEST_HEADER + remaining);
  let at = packet.writeUInt8(PUBLISH);
  let length = remaining;
  for (; length >= MORE; length = Math.floor(length / MORE)) {
    at = packet.writeUInt8((length % MORE) | MORE, at);
  }
  at = packet.writeUInt8(length, at);
  at = packet.writeUInt16BE(topicBytes, at);
  at += packet.write(topic, at);
  at += packet.write(payload, at);
  return packet.subarray(0, at);
}

export interface ReaderLimits {
  /** Bytes of a payload that are taken of any message. */
  payload: number;
  /** Bytes of a topic; nothing that was asked for comes on a longer one. */
  topic: number;
}

/** Who gets what was read. */
export interface PacketTaker {
  /** A published message that is new, not one that was kept for late subscribers. */
  message(topic: string, payload: Buffer): void;
  /**
   * A message begins whose payload is longer than is taken of any. True to get it all the same; of one that is not
   * wanted nothing is kept, and this was all there is to hear of it. The topic is "" where it is too long.
   */
  large(topic: string, bytes: number): boolean;
  /** Any other packet that may come, whole. */
  packet(bytes: Buffer): void;
}

/**
 * Takes packets out of chunks of any size. It keeps the head of a packet that is not whole, or the payload of one
 * message, and never more; what is not wanted is passed over byte by byte.
 */
export class PacketReader {
  /** The beginning of a packet that is not whole: the header and topic of a message, or another packet. */
  private readonly head: Buffer;
  private headBytes = 0;
  /** So many bytes of the packet at hand are needed to go on, as far as is known. */
  private needed = 0;
  private topicAt = 0;
  private payloadBytes = 0;
  /** The message whose payload is being put together; none while a payload is passed over. */
  private message: { topic: string; payload: Buffer } | undefined;
  /** Bytes of its payload that are still to come. */
  private missing = 0;
  private fault: PacketFault | undefined;

  constructor(
    private readonly limits: ReaderLimits,
    private readonly rules: PacketRules,
    private readonly taker: PacketTaker,
  ) {
    this.head = Buffer.allocUnsafe(LONGEST_HEADER + TOPIC_LENGTH + limits.topic);
  }

  /** What is wrong with a packet that must not come, or not so: nothing is read from then on. */
  read(chunk: Buffer): PacketFault | undefined {
    let at = 0;
    while (at < chunk.length && this.fault === undefined) {
      if (this.missing > 0) at = this.continuePayload(chunk, at);
      else if (this.headBytes > 0) at = this.continueHead(chunk, at);
      else at = this.begin(chunk, at);
    }
    return this.fault;
  }

  private begin(chunk: Buffer, at: number): number {
    const end = this.findHeadEnd(chunk, at, chunk.length);
    if (end !== undefined) return this.take(chunk, at, end, chunk, end);
    if (this.fault === undefined) this.headBytes = chunk.copy(this.head, 0, at);
    return chunk.length;
  }

  private continueHead(chunk: Buffer, at: number): number {
    const next = Math.min(chunk.length, at + this.needed - this.headBytes);
    this.headBytes += chunk.copy(this.head, this.headBytes, at, next);
    if (this.headBytes < this.needed) return next;
    const end = this.findHeadEnd(this.head, 0, this.headBytes);
    if (end === undefined) return next;
    this.headBytes = 0;
    return this.take(this.head, 0, end, chunk, next);
  }

  private continuePayload(chunk: Buffer, at: number): number {
    const next = Math.min(chunk.length, at + this.missing);
    const { message } = this;
    message?.payload.set(chunk.subarray(at, next), message.payload.length - this.missing);
    this.missing -= next - at;
    if (this.missing === 0 && message !== undefined) {
      this.message = undefined;
      this.taker.message(message.topic, message.payload);
    }
    return next;
  }

  /** Where the payload of a message begins, or another packet ends; `undefined` when that is not there yet, or faulty. */
  private findHeadEnd(bytes: Buffer, start: number, end: number): number | undefined {
    const first = bytes[start] ?? 0;
    let at = start + 1;
    let length = 0;
    for (let scale = 1, more = true; more; scale *= MORE) {
      if (scale === LONGEST) return this.refuse(fault(first, "malformed"));
      if (at >= end) return this.await(at + 1 - start);
      const byte = bytes[at++] ?? 0;
      length += (byte % MORE) * scale;
      more = byte >= MORE;
    }
    const wrong = this.rules.check(first, length);
    if (wrong !== undefined) return this.refuse(wrong);
    let headEnd = at + length;
    if (isMessage(first)) {
      if (at + TOPIC_LENGTH > end) return this.await(at + TOPIC_LENGTH - start);
      const topicBytes = bytes.readUInt16BE(at);
      this.payloadBytes = length - TOPIC_LENGTH - topicBytes;
      if (topicBytes === 0 || this.payloadBytes < 0) return this.refuse(fault(first, "malformed"));
      this.topicAt = headEnd = at + TOPIC_LENGTH;
      if (topicBytes > this.limits.topic) this.payloadBytes += topicBytes;
      else headEnd += topicBytes;
    }
    return headEnd > end ? this.await(headEnd - start) : headEnd;
  }

  /** The head is whole, in `bytes`; what follows it begins at `at` in the chunk. Gives how far the chunk is read. */
  private take(bytes: Buffer, start: number, end: number, chunk: Buffer, at: number): number {
    const first = bytes[start] ?? 0;
    if (!isMessage(first)) {
      this.rules.came(first);
      this.taker.packet(Buffer.from(bytes.subarray(start, end)));
      return at;
    }
    const { payloadBytes } = this;
    const topic = bytes.toString("utf8", this.topicAt, end);
    if ((first & RETAIN) !== 0 || !this.isTaken(topic)) {
      this.missing = payloadBytes;
      return at;
    }
    const next = at + payloadBytes;
    if (next <= chunk.length) {
      this.taker.message(topic, chunk.subarray(at, next));
      return next;
    }
    this.message = { topic, payload: Buffer.allocUnsafe(payloadBytes) };
    this.missing = payloadBytes;
    return at;
  }

  private isTaken(topic: string): boolean {
    if (topic !== "" && this.payloadBytes <= this.limits.payload) return true;
    return this.taker.large(topic, this.payloadBytes) && topic !== "";
  }

  private await(needed: number): undefined {
    this.needed = needed;
  }

  private refuse(wrong: PacketFault): undefined {
    this.fault = wrong;
  }
}
