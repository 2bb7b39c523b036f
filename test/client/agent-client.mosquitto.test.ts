/** The client against a real Mosquitto, with an agent behind it that answers literally what the API document prints. */
import assert from "node:assert/strict";
import { connect, type MqttClient } from "mqtt";
import { AgentClient, type ConnectionState } from "../../src/client/agent-client";
import { Authority, type Issued } from "../support/agent/authority";
import { Mosquitto } from "../support/agent/mosquitto";
import { needs } from "../support/needs";

const CLIENT_ID = "6d69c58223fb44a7b76ae61a18faf37c";
const P = `/v1.0/${CLIENT_ID}`;

describe("AgentClient against Mosquitto", function () {
  let authority: Authority;
  let broker: Mosquitto;
  let issued: Issued;
  let agent: MqttClient;
  let client: AgentClient | undefined;

  before(async function () {
    needs(this, "mosquitto");
    authority = await Authority.make();
    broker = await Mosquitto.start(authority);
    issued = await authority.issue(CLIENT_ID);
    agent = await answering();
  });

  after(async () => {
    await agent?.endAsync(true);
    await broker?.stop();
    await authority?.remove();
  });

  afterEach(async () => {
    await client?.stop();
  });

  it("pings, and receives live data of what it pushes", async () => {
    client = start();
    assert.deepEqual(await client.request("ping", { request: "Some Message" }), { answer: "Some Message" });
    const echoed = new Promise((resolve) => client?.onLiveData(resolve));
    const push = () =>
      client?.request("pushValues", {
        sensorId: "weather",
        metrics: [{ metricId: "temp", value: 21.5 }],
        timestamp: 1590394246545,
      });
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.equal(await push(), "Sensor was updated.");
    assert.deepEqual(await echoed, {
      metrics: [{ metricId: "temp", value: 21.5 }],
      timestamp: 1590394246545,
      sensorId: "weather",
    });
  });

  function start(): AgentClient {
    const made = new AgentClient({
      endpoint: () => Promise.resolve({ host: "localhost", port: broker.port, ca: authority.certificate }),
      identity: {
        canRegister: false,
        load: () => Promise.resolve({ ...issued, clientId: CLIENT_ID } as never),
      },
      keepalive: 12,
      requestTimeout: 2000,
      connectTimeout: 5000,
      queue: { count: 1000, bytes: 5_000_000, age: 0, whenFull: "reject" },
      inFlight: 128,
    });
    made.on("state", (s: ConnectionState) => process.env.DEBUG_STATES && console.log(s));
    made.start();
    return made;
  }

  async function answering(): Promise<MqttClient> {
    const agentCertificate = await authority.issue("agent");
    const mqtt = connect({
      protocol: "mqtts",
      host: "localhost",
      port: broker.port,
      ca: authority.certificate,
      cert: agentCertificate.certificate,
      key: agentCertificate.key,
    });
    mqtt.on("message", (topic, payload) => {
      const message = JSON.parse(payload.toString()) as { request?: string };
      if (topic === `${P}/ping`)
        mqtt.publish(`${P}/ping/info/inbox`, JSON.stringify({ answer: message.request }));
      if (topic === `${P}/sensor/weather/metric/pushValues`) {
        mqtt.publish(`${P}/sensor/weather/info/inbox`, "Sensor was updated.");
        mqtt.publish(`${P}/sensor/weather/livedata`, payload);
      }
    });
    await mqtt.subscribeAsync([`${P}/ping`, `${P}/sensor/+/metric/pushValues`]);
    return mqtt;
  }
});
