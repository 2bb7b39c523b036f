// An agent behind the broker, of a few lines and with none of this project's code: it confirms every push, answers every
// ping, repeats as live data what some clients push, and sends live data at a pace where it is asked to. As the real one it
// is beside its broker; it costs little, so that what is compared costs most. Arguments: the broker's port,
// what the IDs of these clients begin with.
import mqtt from "mqtt";

const [port, livePrefix] = process.argv.slice(2);
const client = mqtt.connect({ host: "localhost", port: Number(port) });

const PUSH = "/metric/pushValues";
const LIVE = "/sendLiveData";
const TICK_MS = 5;
const liveSensors = `/v1.0/${livePrefix}`;

client.on("message", (topic, payload) => {
  // All answers of a turn are one write.
  if (client.stream.writableCorked === 0) {
    client.stream.cork();
    setImmediate(() => client.stream.uncork());
  }
  if (topic.endsWith(PUSH)) {
    const sensor = topic.slice(0, -PUSH.length);
    client.publish(`${sensor}/info/inbox`, "Sensor was updated.");
    if (topic.startsWith(liveSensors)) client.publish(`${sensor}/livedata`, payload);
  } else if (topic.endsWith(LIVE)) {
    sendLiveData(topic.slice(0, -LIVE.length), JSON.parse(payload));
  } else {
    client.publish(`${topic}/info/inbox`, payload.toString().replace("request", "answer"));
  }
});
client.on("connect", () => {
  const topics = ["sensor/+/metric/pushValues", "ping", "sendLiveData"].map((topic) => `/v1.0/+/${topic}`);
  client.subscribe(topics, () => console.log("ready"));
});

function sendLiveData(sender, { topic, message, count, rate }) {
  const start = Date.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(count, ((Date.now() - start) * rate) / 1000);
    for (; sent < due; sent++) client.publish(`${sender}/${topic}`, message);
    if (sent === count) clearInterval(timer);
  }, TICK_MS);
}
