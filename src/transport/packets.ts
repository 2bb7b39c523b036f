/**
 * MQTT packets as bytes (MQTT 3.1). Messages (PUBLISH at QoS 0, section 3.3) are written and read here: they are nearly
 * all that goes either way, and with mqtt.js they cost more than everything else that the client does. The other packets
 * are left to it.
 */

/** PUBLISH at QoS 0; beside it stand the flags DUP and RETAIN. */
const PUBLISH = 0x30;
const FLAGS = 0x09;
const RETAIN = 0x01;
/** "Remaining Length": seven bits a byte, the eighth says that another follows; four bytes at most. */
const MORE = 0x80;
const LONGEST = MORE ** 4;

export function publishPacket(topic: string, payload: string): Buffer {
  const topicBytes = Buffer.byteLength(topic);
  const remaining = 2 + topicBytes + Buffer.byteLength(payload);
  const packet = Buffer.allocUnsafe(5 + remaining);
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

/** Who gets what was read. */
export interface PacketTaker {
  /** A published message that is new, not one that was kept for late subscribers. */
  message(topic: string, payload: Buffer): void;
  /** Any other packet, whole. */
  packet(bytes: Buffer): void;
}

/** Puts packets together from chunks of any size. */
export class PacketReader {
  private readonly chunks: Buffer[] = [];
  private size = 0;
  /** So many bytes make the packet whole that has begun, as far as is known. */
  private needed = 0;

  constructor(
    private readonly limit: number,
    private readonly taker: PacketTaker,
  ) {}

  /** False when a packet says that it is longer than the limit: nothing of it is kept. */
  read(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    this.size += chunk.length;
    if (this.size < this.needed) return true;
    const bytes = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    const rest = this.readAll(bytes);
    if (rest === undefined) return false;
    this.chunks.length = 0;
    if (rest < bytes.length) this.chunks.push(bytes.subarray(rest));
    this.size = bytes.length - rest;
    return true;
  }

  /** Where the packet begins that is not whole; `undefined` when it would be too long. */
  private readAll(bytes: Buffer): number | undefined {
    let start = 0;
    for (;;) {
      let body = start + 1;
      let length = 0;
      let scale = 1;
      for (let more = true; more; scale *= MORE) {
        const byte = bytes[body++];
        if (byte === undefined) {
          this.needed = body - start;
          return start;
        }
        length += (byte % MORE) * scale;
        more = byte >= MORE;
        if (length > this.limit || (more && scale * MORE === LONGEST)) return undefined;
      }
      const end = body + length;
      if (end > bytes.length) {
        this.needed = end - start;
        return start;
      }
      this.take(bytes, start, body, end);
      start = end;
    }
  }

  private take(bytes: Buffer, start: number, body: number, end: number): void {
    const first = bytes[start] ?? 0;
    const isMessage = (first & ~FLAGS) === PUBLISH && end - body >= 2;
    const payload = isMessage ? body + 2 + bytes.readUInt16BE(body) : Infinity;
    // What is broken is for mqtt.js to refuse.
    if (payload > end) this.taker.packet(bytes.subarray(start, end));
    else if ((first & RETAIN) === 0) {
      this.taker.message(bytes.toString("utf8", body + 2, payload), bytes.subarray(payload, end));
    }
  }
}
