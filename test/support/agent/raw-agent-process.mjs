// An agent behind TLS, packets by hand, with none of this project's code: it lists as many sensors as it is told, or
// sends what no agent would, as fast as it can. Arguments: key, certificate; on its standard input what it does,
// as JSON:
//   sensors, metrics   so many are listed, and described
//   keys               the list is one object of so many keys
//   flood              hexadecimal bytes, sent again and again
//   isEarly            the flood begins before CONNACK
//   bytes              how much the flood is; then the connection ends
import { readFileSync } from "node:fs";
import { createServer } from "node:tls";

const [key, cert] = process.argv.slice(2);
const {
  sensors = 0,
  keys = 0,
  metrics = 0,
  flood,
  isEarly = false,
  bytes = 0,
} = JSON.parse(readFileSync(0, "utf8"));
const BLOCK = 256 * 1024;

const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (socket) => {
  socket.on("error", () => undefined);
  let kept = Buffer.alloc(0);
  socket.on("data", (chunk) => {
    kept = Buffer.concat([kept, chunk]);
    for (let packet; (packet = firstPacket(kept)) !== undefined;) {
      kept = kept.subarray(packet.end);
      answer(socket, packet);
    }
  });
});
server.listen(0, "localhost", () => console.log(server.address().port));

function answer(socket, { type, body }) {
  if (type === 1 && isEarly) send(socket, Buffer.from(flood, "hex"));
  else if (type === 1) socket.write(Buffer.from([0x20, 2, 0, 0]));
  else if (type === 12) socket.write(Buffer.from([0xd0, 0]));
  else if (type === 8) {
    socket.write(
      Buffer.concat([header(0x90, 2 + filtersOf(body)), body.subarray(0, 2), Buffer.alloc(filtersOf(body))]),
    );
    if (flood === undefined) return;
    // It subscribes in several packets; the flood comes when it has all.
    clearTimeout(socket.flood);
    socket.flood = setTimeout(() => send(socket, Buffer.from(flood, "hex")), 300);
  } else if (type === 3) {
    const end = 2 + body.readUInt16BE(0);
    respond(socket, body.toString("utf8", 2, end), body.toString("utf8", end));
  }
}

function respond(socket, topic, message) {
  if (topic.endsWith("/ping")) publish(socket, `${topic}/info/inbox`, message.replace("request", "answer"));
  else if (topic.endsWith("/sensor/list"))
    publish(socket, topic.replace("sensor/list", "inventory/inbox"), list(topic));
  else if (topic.endsWith("/inventory")) {
    const metricId = topic.split("/").at(-2);
    const description = {
      lastUpdated: 1.7e15,
      metricId,
      name: `n${metricId}`,
      value: 21.5,
      valueUnit: "SI.Temperature.CELSIUS",
    };
    publish(socket, `${topic}/inbox`, JSON.stringify(description));
  }
}

/** As the API document prints it. */
function list(topic) {
  if (keys > 0) return `[{${Array.from({ length: keys }, (_, index) => `"${index}":{}`).join()}}]`;
  const prefix = topic.slice(0, -"/list".length);
  const id = (...parts) => parts.map((part) => `${part}`.padStart(16, "0")).join("");
  const entries = Array.from({ length: sensors }, (_, sensor) => ({
    metrics: Array.from({ length: metrics }, (_, metric) => ({
      link: `${prefix}/${id(sensor, 0)}/metric/${id(sensor, metric)}/inventory`,
      metricId: id(sensor, metric),
    })),
    name: `sensor ${sensor}`,
    sensorId: id(sensor, 0),
    store: true,
  }));
  return JSON.stringify(entries);
}

function publish(socket, topic, message) {
  const [name, payload] = [Buffer.from(topic), Buffer.from(message)];
  const length = Buffer.from([name.length >> 8, name.length & 255]);
  socket.write(Buffer.concat([header(0x30, 2 + name.length + payload.length), length, name, payload]));
}

/** The unit again and again, whenever there is room for more. */
function send(socket, unit) {
  const block = Buffer.concat(new Array(Math.max(1, Math.floor(BLOCK / unit.length))).fill(unit));
  let left = Math.ceil(bytes / block.length);
  const more = () => {
    while (left > 0) {
      left--;
      if (!socket.write(block)) return socket.once("drain", more);
    }
    socket.end();
  };
  more();
}

function header(first, length) {
  const bytes = [first];
  for (let rest = length; bytes.length === 1 || rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(rest >= 128 ? (rest % 128) | 128 : rest);
  }
  return Buffer.from(bytes);
}

function firstPacket(bytes) {
  let length = 0;
  for (let at = 1, scale = 1; at < bytes.length; at++, scale *= 128) {
    length += (bytes[at] & 127) * scale;
    if (bytes[at] >= 128) continue;
    const end = at + 1 + length;
    return end <= bytes.length ? { type: bytes[0] >> 4, body: bytes.subarray(at + 1, end), end } : undefined;
  }
  return undefined;
}

function filtersOf(body) {
  let count = 0;
  for (let at = 2; at < body.length; at += 3 + body.readUInt16BE(at)) count++;
  return count;
}
