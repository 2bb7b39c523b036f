// An agent behind the broker, of a few lines and with none of this project's code: it confirms every push, answers every
// ping, repeats as live data what some clients push, sends live data at a pace where it is asked to, and has as many
// sensors and metrics as it is told. As the real one it is beside its broker; it costs little, so that what is compared costs most. Arguments: the broker's port,
// what the IDs of these clients begin with.
import mqtt from "mqtt";

const [port, livePrefix] = process.argv.slice(2);
const client = mqtt.connect({ host: "localhost", port: Number(port) });

const PUSH = "/metric/pushValues";
const LIVE = "/sendLiveData";
const SIZE = "/setInventory";
const LIST = "/sensor/list";
const DESCRIBE = /\/metric\/([^/]+)\/inventory$/;
/** By client: the list that it gets. */
const lists = new Map();
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
  } else if (topic.endsWith(SIZE)) {
    lists.set(topic.slice(0, -SIZE.length), makeList(topic.slice(0, -SIZE.length), JSON.parse(payload)));
  } else if (topic.endsWith(LIST)) {
    const sender = topic.slice(0, -LIST.length);
    client.publish(`${sender}/inventory/inbox`, lists.get(sender) ?? "[]");
  } else if (DESCRIBE.test(topic)) {
    const [, metricId] = DESCRIBE.exec(topic);
    const metric = { metricId, name: "Temperature", value: "21.5", valueUnit: "SI.TMP.C", lastUpdated: "0" };
    client.publish(`${topic}/inbox`, JSON.stringify(metric));
  } else {
    client.publish(`${topic}/info/inbox`, payload.toString().replace("request", "answer"));
  }
});
client.on("connect", () => {
  // It is the broker whose waiting is measured.
  client.stream.setNoDelay(true);
  const ofSensors = ["sensor/list", "sensor/+/metric/pushValues", "sensor/+/metric/+/inventory"];
  const topics = [...ofSensors, "ping", "sendLiveData", "setInventory"];
  client.subscribe(
    topics.map((topic) => `/v1.0/+/${topic}`),
    () => console.log("ready"),
  );
});

/** As the real one writes it: with a link for each metric. */
function makeList(sender, { sensors, metrics }) {
  const id = (number) => number.toString(16).padStart(32, "0");
  const metricOf = (sensorId) => (_, number) => ({
    link: `${sender}/sensor/${sensorId}/metric/${id(number)}`,
    metricId: id(number),
  });
  const sensorOf = (_, number) => ({
    metrics: Array.from({ length: metrics }, metricOf(id(number))),
    name: `Sensor ${number}`,
    sensorId: id(number),
  });
  return JSON.stringify(Array.from({ length: sensors }, sensorOf));
}

function sendLiveData(sender, { topic, message, count, rate }) {
  const start = Date.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(count, ((Date.now() - start) * rate) / 1000);
    for (; sent < due; sent++) client.publish(`${sender}/${topic}`, message);
    if (sent === count) clearInterval(timer);
  }, TICK_MS);
}
