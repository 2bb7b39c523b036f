/**
 * MQTT 5 for aedes, which speaks 3.1 and 3.1.1. Its parser reads MQTT 5 when it is told the version; what it writes is
 * rewritten on its way out: properties (none) and MQTT 5's reason codes are what the versions differ in.
 */
import { TLSSocket } from "node:tls";
import type { Client, ConnectPacket } from "aedes";

/** What aedes does not show of its client. */
interface Inner {
  _parser: {
    settings: object;
    prependListener(event: "packet", listener: (packet: IncomingPacket) => void): void;
  };
}
interface IncomingPacket {
  cmd: string;
  messageId?: number;
  unsubscriptions?: readonly string[];
}

const CONNACK = 2;
const PUBLISH = 3;
const SUBACK = 9;
const UNSUBACK = 11;
/** "Properties" of length 0. */
const NO_PROPERTIES = Buffer.of(0);
const ASSIGNED_CLIENT_ID = 0x12;
const NOT_AUTHORIZED = 0x87;
const REFUSED_SUBSCRIPTION = 0x80;
/** Return codes of MQTT 3.1.1's CONNACK as MQTT 5's reason codes. */
const REASONS = [0, 0x84, 0x85, 0x88, 0x86, NOT_AUTHORIZED];

/**
 * Has aedes take a client that connected over MQTT 5 for one of 3.1.1, and speak MQTT 5 to it. `assignedId` is the MQTT
 * client ID that it was given because it had none.
 */
export function speakMqtt5(
  client: Client,
  socket: TLSSocket,
  packet: ConnectPacket,
  assignedId: string | undefined,
): void {
  const { _parser: parser } = client as unknown as Inner;
  parser.settings = { ...packet };
  packet.protocolVersion = 4;
  const topics = new Map<number, number>();
  parser.prependListener("packet", ({ cmd, messageId = 0, unsubscriptions = [] }) => {
    if (cmd === "unsubscribe") topics.set(messageId, unsubscriptions.length);
  });
  const take = wholePackets();
  const send = (bytes: Buffer): boolean => TLSSocket.prototype.write.call(socket, bytes);
  socket.write = ((chunk: Buffer | string, encoding?: BufferEncoding) => {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, encoding) : Buffer.from(chunk);
    return take(bytes)
      .map((whole) => send(rewrite(whole, assignedId, topics)))
      .every(Boolean);
  }) as typeof socket.write;
}

function rewrite(
  { type, flags, body }: Packet,
  assignedId: string | undefined,
  topics: Map<number, number>,
): Buffer {
  const header = type * 16 + flags;
  switch (type) {
    case CONNACK: {
      const reason = Buffer.of(body[0] ?? 0, REASONS[body[1] ?? 0] ?? NOT_AUTHORIZED);
      return write(header, reason, assignedId === undefined ? NO_PROPERTIES : assigned(assignedId));
    }
    case PUBLISH: {
      const isNumbered = (flags & 0b0110) !== 0;
      const at = 2 + body.readUInt16BE(0) + (isNumbered ? 2 : 0);
      return write(header, body.subarray(0, at), NO_PROPERTIES, body.subarray(at));
    }
    case SUBACK: {
      const granted = body.subarray(2).map((code) => (code === REFUSED_SUBSCRIPTION ? NOT_AUTHORIZED : code));
      return write(header, body.subarray(0, 2), NO_PROPERTIES, granted);
    }
    case UNSUBACK: {
      const messageId = body.readUInt16BE(0);
      const count = topics.get(messageId) ?? 0;
      topics.delete(messageId);
      return write(header, body.subarray(0, 2), NO_PROPERTIES, Buffer.alloc(count));
    }
    default:
      return write(header, body);
  }
}

function assigned(clientId: string): Buffer {
  const id = Buffer.from(clientId);
  return Buffer.concat([Buffer.of(3 + id.length, ASSIGNED_CLIENT_ID, 0, id.length), id]);
}

function write(header: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest % 128) + (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.concat([Buffer.of(header, ...length), body]);
}

interface Packet {
  type: number;
  flags: number;
  body: Buffer;
}

/** Gives a function that takes bytes, piece after piece, and gives the packets that are whole now. */
function wholePackets(): (bytes: Buffer) => Packet[] {
  let rest: Buffer = Buffer.alloc(0);
  return (bytes) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
    const packets: Packet[] = [];
    for (let end = endOfFirst(rest); end !== undefined; end = endOfFirst(rest)) {
      const [first = 0] = rest;
      const start = end.body;
      packets.push({ type: first >> 4, flags: first & 15, body: rest.subarray(start, end.packet) });
      rest = rest.subarray(end.packet);
    }
    return packets;
  };
}

/** Where the body of the first packet begins and the packet ends; undefined while that has not come. */
function endOfFirst(bytes: Buffer): { body: number; packet: number } | undefined {
  let length = 0;
  for (let at = 1; at <= 4; at++) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 2 ** (7 * (at - 1));
    if (byte < 0x80)
      return bytes.length > at + length ? { body: at + 1, packet: at + 1 + length } : undefined;
  }
  return undefined;
}
