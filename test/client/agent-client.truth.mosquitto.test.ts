/**
 * No wrong verdict (faults 13 to 18): an agent behind a real Mosquitto that loses, delays and repeats answers and
 * sends some that nobody asked for, and two clients that share one certificate and its sensors.
 */
import assert from "node:assert/strict";
import { connectAsync, type MqttClient } from "mqtt";
import type { AgentClient } from "../../src/client/agent-client";
import type { IotError } from "../../src/protocol/errors";
import { size } from "../faults/size";
import { Authority, type Issued } from "../support/agent/authority";
import { clientOf } from "../support/agent/client-of";
import { Mosquitto } from "../support/agent/mosquitto";
import { needs } from "../support/needs";

const P = "/v1.0/6d69c58223fb44a7b76ae61a18faf37c";
const REQUESTS = size(2000, 10_000);
const SENSORS = 20;
const TIMEOUT = 400;

/** What the agent did with each push, by its value: it is another one for each. */
type Ledger = Map<string, "accepted" | "rejected">;

describe("The verdicts on requests of two clients with one certificate", function () {
  this.timeout(size(300_000, 600_000));
  let authority: Authority;
  let broker: Mosquitto;
  let identity: Issued;
  let agent: MqttClient;
  const ledger: Ledger = new Map();

  before(async function () {
    needs(this, "mosquitto");
    authority = await Authority.make();
    broker = await Mosquitto.start(authority);
    identity = await authority.issue("6d69c58223fb44a7b76ae61a18faf37c");
    agent = await unreliableAgent();
  });
  after(async () => {
    await agent?.endAsync(true);
    await broker?.stop();
    await authority?.remove();
  });

  it("are never wrong: what cannot be known is told as such (faults 13 to 18)", async () => {
    const clients = [await start(), await start()];
    const verdicts = new Map<string, string>();
    await Promise.all(clients.map((client, number) => push(client, number, verdicts)));
    const counters = clients.map((client) => client.counters);
    await Promise.all(clients.map((client) => client.stop()));

    assert.equal(verdicts.size, REQUESTS, "each request ended");
    const counts = new Map<string, number>();
    for (const [value, verdict] of verdicts) {
      counts.set(verdict, (counts.get(verdict) ?? 0) + 1);
      const truth = ledger.get(value);
      if (verdict === "ok") assert.equal(truth, "accepted", `${value} is called ok`);
      else if (verdict === "OutOfRange") assert.equal(truth, "rejected", `${value} is called rejected`);
      else assert.equal(verdict, "ReplyTimeout", `${value}`);
    }
    const known = REQUESTS - (counts.get("ReplyTimeout") ?? 0);
    assert.ok(
      known > REQUESTS * 0.85,
      `only ${known} of ${REQUESTS} verdicts: ${JSON.stringify([...counts])}`,
    );
    assert.ok(
      counters.every(({ unasked }) => unasked > 0),
      "each has seen answers that were not its own",
    );
  });

  /** Requests in 16 places at a time, pings among them. */
  async function push(client: AgentClient, number: number, verdicts: Map<string, string>): Promise<void> {
    let next = 0;
    const work = async () => {
      while (next < REQUESTS / 2) {
        const value = `${number}.${next++}`;
        const sensorId = `s${Math.floor(Math.random() * SENSORS)}`;
        const request =
          Math.random() < 0.1
            ? client.request("ping", { request: value })
            : client.request("pushValues", { sensorId, metrics: [{ metricId: "m", value }] });
        verdicts.set(
          value,
          await request.then(
            () => "ok",
            ({ name }: IotError) => name,
          ),
        );
      }
    };
    await Promise.all(Array.from({ length: 16 }, work));
  }

  async function start(): Promise<AgentClient> {
    const { port } = broker;
    const settings = { requestTimeout: TIMEOUT };
    const client = await clientOf({ port, ca: authority.certificateFile, client: identity }, settings);
    client.start();
    return client;
  }

  /** Of what it says 2 % are lost, 2 % late, 2 % repeated, live data too; 2 % more are sent to nobody; a tenth are errors. */
  async function unreliableAgent(): Promise<MqttClient> {
    const own = await authority.issue("agent");
    const mqtt = await connectAsync(`mqtts://localhost:${broker.port}`, {
      ca: authority.certificate,
      cert: own.certificate,
      key: own.key,
    });
    const say = (topic: string, message: string) => void mqtt.publish(topic, message);
    /** What it has to say of a request: late with all of it, or some of it lost or twice. */
    const answer = (...messages: readonly (readonly [topic: string, message: string])[]) => {
      const late = Math.random() < 0.02 ? TIMEOUT * (1 + Math.random()) : 0;
      for (const [topic, message] of messages) {
        const chance = Math.random();
        if (chance < 0.02) continue;
        if (late > 0) setTimeout(say, late, topic, message);
        else say(topic, message);
        if (chance < 0.04) setTimeout(say, late + Math.random() * 50, topic, message);
      }
    };
    mqtt.on("message", (topic, payload) => {
      if (topic === `${P}/ping`) {
        const { request } = JSON.parse(payload.toString()) as { request: string };
        if (!request.includes("-")) ledger.set(request, "accepted");
        return answer([`${P}/ping/info/inbox`, JSON.stringify({ answer: request })]);
      }
      const sensor = topic.slice(0, topic.indexOf("/metric/"));
      const { metrics } = JSON.parse(payload.toString()) as { metrics: { value: string }[] };
      const value = metrics[0]?.value ?? "";
      // The same each time that it comes: it can be sent again.
      const isRejected = value.endsWith("7");
      ledger.set(value, isRejected ? "rejected" : "accepted");
      if (isRejected) answer([`${sensor}/error/inbox`, '{"errorcode":19,"errorMessage":"out of range"}']);
      else
        answer([`${sensor}/info/inbox`, "Sensor was updated."], [`${sensor}/livedata`, payload.toString()]);
      if (Math.random() < 0.02) say(`${sensor}/info/inbox`, "Sensor was updated.");
    });
    await mqtt.subscribeAsync([`${P}/ping`, `${P}/sensor/+/metric/pushValues`]);
    return mqtt;
  }
});
