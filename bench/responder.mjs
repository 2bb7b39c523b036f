// An agent behind the broker, of a few lines and with none of this project's code: it confirms every push, answers every
// ping, and repeats as live data what one client pushes. Arguments: the broker's port, CA, certificate, key, that client.
import { readFileSync } from "node:fs";
import mqtt from "mqtt";

const [port, ca, certificate, key, clientWithLiveData] = process.argv.slice(2);
const client = mqtt.connect({
  protocol: "mqtts",
  host: "localhost",
  port: Number(port),
  ca: readFileSync(ca),
  cert: readFileSync(certificate),
  key: readFileSync(key),
});

const PUSH = "/metric/pushValues";
const liveSensors = `/v1.0/${clientWithLiveData}/`;

client.on("message", (topic, payload) => {
  if (topic.endsWith(PUSH)) {
    const sensor = topic.slice(0, -PUSH.length);
    client.publish(`${sensor}/info/inbox`, "Sensor was updated.");
    if (topic.startsWith(liveSensors)) client.publish(`${sensor}/livedata`, payload);
  } else {
    client.publish(`${topic}/info/inbox`, payload.toString().replace("request", "answer"));
  }
});
client.on("connect", () => {
  client.subscribe(["/v1.0/+/sensor/+/metric/pushValues", "/v1.0/+/ping"], () => console.log("ready"));
});
