/** Watches the bytes of an MQTT connection for a packet that claims to be too long, before it fills the memory. */

/** Bytes of one MQTT packet that the simulator reads at all. */
export const MAX_PACKET_BYTES = 1024 * 1024;

/** Gives a function that takes chunk after chunk and says whether a packet exceeds the limit. */
export function packetLimit(limit: number): (chunk: Uint8Array) => boolean {
  let body = 0;
  let header: "type" | "length" = "type";
  let shift = 0;
  let length = 0;
  return (chunk) => {
    for (let at = 0; at < chunk.length; at++) {
      if (body > 0) {
        const skipped = Math.min(body, chunk.length - at);
        body -= skipped;
        at += skipped - 1;
        continue;
      }
      const byte = chunk[at] ?? 0;
      if (header === "type") {
        header = "length";
        shift = 0;
        length = 0;
        continue;
      }
      // "Remaining Length": seven bits a byte, the eighth says that another follows; four bytes at most.
      length += (byte & 0x7f) * 2 ** shift;
      shift += 7;
      if (length > limit || shift > 28) return true;
      if ((byte & 0x80) === 0) {
        header = "type";
        body = length;
      }
    }
    return false;
  };
}
