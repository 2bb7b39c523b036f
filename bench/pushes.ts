/** Confirmed pushes, by our client and by the least that mqtt.js needs for the same. */
import { connectAsync } from "mqtt";
import type { BenchClient } from "./agent";
import { AgentClient, FileIdentity } from "./product";

/** Pushes so many times in all, and waits for every answer. */
export interface Pusher {
  /** To one sensor each, with one in flight in each of them. */
  toEach(count: number, sensors: number): Promise<void>;
  stop(): Promise<unknown>;
}

export interface ClientPusher extends Pusher {
  readonly client: InstanceType<typeof AgentClient>;
  /** To so many sensors in turn, with so many in flight. */
  inTurn(count: number, sensors: number, inFlight: number): Promise<void>;
  /** All to one sensor, with so many waiting at a time. */
  toOne(count: number, waiting: number): Promise<void>;
}

const METRIC_ID = "94c2c5e193bb437195368c08f0bd86ab";

/** As long as those of a real agent. */
const sensorId = (number: number) => number.toString(16).padStart(32, "0");
export const SENSOR_IDS = Array.from({ length: 64 }, (_, number) => sensorId(number));

export function startClient({ port, ca, certificateFile, keyFile }: BenchClient): ClientPusher {
  const client = new AgentClient({
    endpoint: () => Promise.resolve({ host: "localhost", port, ca }),
    identity: new FileIdentity(certificateFile, keyFile),
    keepalive: 12,
    requestTimeout: 2000,
    connectTimeout: 5000,
    queue: { count: 1000, bytes: 5_000_000, age: 0, whenFull: "reject" },
    inFlight: 128,
  });
  client.start();
  const push = (sensor: number, value: number) =>
    client.request("pushValues", {
      sensorId: SENSOR_IDS[sensor] ?? sensorId(sensor),
      metrics: [{ metricId: METRIC_ID, value }],
    });
  return {
    client,
    inTurn: (count, sensors, inFlight) => share(count, inFlight, (_, value) => push(value % sensors, value)),
    toEach: (count, sensors) => share(count, sensors, push),
    toOne: (count, waiting) => share(count, waiting, (_, value) => push(0, value)),
    stop: () => client.stop(),
  };
}

/** No queue, no time-out, no errors: a message that comes sends the next. */
export async function startBareLoop(identity: BenchClient): Promise<Pusher> {
  const { clientId, port, ca, certificate, key } = identity;
  const mqtt = await connectAsync(`mqtts://localhost:${port}`, { ca, cert: certificate, key });
  const prefix = `/v1.0/${clientId}/sensor`;
  await mqtt.subscribeAsync(`${prefix}/+/info/inbox`);
  const send = (sensor: string, value: number) =>
    void mqtt.publish(
      `${prefix}/${sensor}/metric/pushValues`,
      JSON.stringify({ metrics: [{ value, metricId: METRIC_ID }], timestamp: Date.now() }),
    );
  const toEach = (count: number, sensors: number) =>
    new Promise<void>((resolve) => {
      let sent = 0;
      let answered = 0;
      mqtt.removeAllListeners("message");
      mqtt.on("message", (topic) => {
        if (++answered === count) resolve();
        else if (sent < count) send(topic.split("/")[4] ?? "", sent++);
      });
      for (const sensor of SENSOR_IDS.slice(0, Math.min(sensors, count))) send(sensor, sent++);
    });
  return { toEach, stop: () => mqtt.endAsync() };
}

/** Does it so often in all, in so many places at a time. */
export async function share(
  count: number,
  places: number,
  work: (place: number, number: number) => Promise<unknown>,
): Promise<void> {
  let next = 0;
  const workIn = async (place: number) => {
    while (next < count) await work(place, next++);
  };
  await Promise.all(Array.from({ length: places }, (_, place) => workIn(place)));
}
