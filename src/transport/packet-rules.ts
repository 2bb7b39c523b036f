/**
 * What a server may send of each type of packet, when, and how long (MQTT 3.1, section 3). Everything here is
 * subscribed and published at QoS 0, so nearly all types have no place: whoever sends them nevertheless, at full speed
 * and without end, would fill the memory and stop the process.
 */

/** What is wrong with a packet: its name, and whether it has no place here or is not made as MQTT says. */
export interface PacketFault {
  packet: string;
  fault: "unasked" | "malformed";
}

/** Packets of ours that are answered, once each. */
export type AnsweredPacket = "connect" | "subscribe" | "pingreq";

interface AnswerRule {
  /** The answer's first byte: its type, and its flags, which all have to be 0. */
  readonly first: number;
  /** Bytes after its header: those that every such answer has, and one for each filter of a subscription. */
  readonly length: number;
}

const ANSWERS: Readonly<Record<AnsweredPacket, AnswerRule>> = {
  connect: { first: 0x20, length: 2 },
  subscribe: { first: 0x90, length: 2 },
  pingreq: { first: 0xd0, length: 0 },
};

const CONNACK = ANSWERS.connect.first;
/** PUBLISH at QoS 0, whatever its flags DUP and RETAIN. */
const PUBLISH = 0x30;
const DUP_AND_RETAIN = 0x09;
/** A topic of one character, and its length. */
const SHORTEST_MESSAGE = 3;

/** By the first four bits of a packet. */
const NAMES = [
  ...["type 0", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP"],
  ...["SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT", "AUTH"],
];

export function isMessage(first: number): boolean {
  return (first & ~DUP_AND_RETAIN) === PUBLISH;
}

export function fault(first: number, fault: PacketFault["fault"]): PacketFault {
  const name = NAMES[first >> 4] ?? "";
  const qos = (first >> 1) & 3;
  return { packet: first >> 4 === PUBLISH >> 4 && qos > 0 ? `${name}, QoS ${qos}` : name, fault };
}

/** Keeps what is still to be answered in one session. */
export class PacketRules {
  /** By first byte, the lengths of the answers that are due. */
  private readonly due = new Map<number, number[]>();
  private isOpen = false;

  /** We have sent a packet that is answered. */
  sent(packet: AnsweredPacket, filters = 0): void {
    const { first, length } = ANSWERS[packet];
    const lengths = this.due.get(first);
    if (lengths === undefined) this.due.set(first, [length + filters]);
    else lengths.push(length + filters);
  }

  /** What is wrong with a packet that begins with this byte and has so many after its header. */
  check(first: number, length: number): PacketFault | undefined {
    if (isMessage(first)) {
      if (!this.isOpen) return fault(first, "unasked");
      return length < SHORTEST_MESSAGE ? fault(first, "malformed") : undefined;
    }
    const expected = this.due.get(first)?.[0];
    if (expected === undefined) return fault(first, "unasked");
    return length === expected ? undefined : fault(first, "malformed");
  }

  /** An answer has come, whole. */
  came(first: number): void {
    this.due.get(first)?.shift();
    if (first === CONNACK) this.isOpen = true;
  }
}
