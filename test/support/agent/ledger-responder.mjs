// An agent behind a broker, of a few lines and with none of this project's code: it writes every push that it accepts
// to a ledger before it answers. Arguments: the broker's port, CA, certificate, key, and the ledger's file.
import { appendFileSync, readFileSync } from "node:fs";
import mqtt from "mqtt";

const [port, ca, certificate, key, ledger] = process.argv.slice(2);
const client = mqtt.connect({
  protocol: "mqtts",
  host: "localhost",
  port: Number(port),
  ca: readFileSync(ca),
  cert: readFileSync(certificate),
  key: readFileSync(key),
  reconnectPeriod: 50,
});

client.on("message", (topic, payload) => {
  if (topic.endsWith("/ping")) {
    const { request } = JSON.parse(payload.toString());
    return void client.publish(`${topic}/info/inbox`, JSON.stringify({ answer: request }));
  }
  const [, version, client_, , sensor] = topic.split("/");
  const prefix = `/${version}/${client_}/sensor/${sensor}`;
  const { metrics, timestamp } = JSON.parse(payload.toString());
  appendFileSync(ledger, `${JSON.stringify({ sensor, timestamp, value: metrics[0].value })}\n`);
  client.publish(`${prefix}/info/inbox`, "Sensor was updated.");
  client.publish(`${prefix}/livedata`, JSON.stringify({ metrics, timestamp: timestamp ?? Date.now() }));
});
client.on("connect", () => {
  client.subscribe(["/v1.0/+/sensor/+/metric/pushValues", "/v1.0/+/ping"], () =>
    process.stdout.write("ready\n"),
  );
});
client.on("error", () => undefined);
