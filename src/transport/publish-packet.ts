/**
 * PUBLISH at QoS 0 as the bytes of one packet (MQTT 3.1, section 3.3). mqtt.js writes the same in five pieces, which
 * costs as much as all that the client does for a push.
 */
const PUBLISH = 0x30;
/** "Remaining Length": seven bits a byte, the eighth says that another follows. */
const MORE = 0x80;

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
