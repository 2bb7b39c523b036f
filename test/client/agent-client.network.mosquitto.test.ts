/** The client over a network that fails as networks do (faults 2 to 6), with a real Mosquitto at its other end. */
import assert from "node:assert/strict";
import { connectAsync, type MqttClient } from "mqtt";
import { AgentClient, type ConnectionState } from "../../src/client/agent-client";
import type { IotError } from "../../src/protocol/errors";
import { Authority, type Issued } from "../support/agent/authority";
import { Mosquitto, needsMosquitto } from "../support/agent/mosquitto";
import { TcpProxy } from "../support/tcp-proxy";

const CLIENT_ID = "6d69c58223fb44a7b76ae61a18faf37c";
const P = `/v1.0/${CLIENT_ID}`;

describe("AgentClient over a failing network", function () {
  this.timeout(60_000);
  let authority: Authority;
  let broker: Mosquitto;
  let identity: Issued;
  let agent: MqttClient;
  let proxy: TcpProxy;
  let client: AgentClient;

  before(async function () {
    needsMosquitto(this);
    authority = await Authority.make();
    broker = await Mosquitto.start(authority);
    identity = await authority.issue(CLIENT_ID);
    const own = await authority.issue("agent");
    agent = await connectAsync(`mqtts://localhost:${broker.port}`, {
      ca: authority.certificate,
      cert: own.certificate,
      key: own.key,
    });
    agent.on("message", (topic, payload) => {
      const { request } = JSON.parse(payload.toString()) as { request: string };
      agent.publish(`${topic}/info/inbox`, JSON.stringify({ answer: request }));
    });
    await agent.subscribeAsync(`${P}/ping`);
  });
  after(async () => {
    await agent?.endAsync(true);
    await broker?.stop();
    await authority?.remove();
  });

  beforeEach(async () => {
    proxy = await TcpProxy.start({ host: "localhost", port: broker.port });
    client = new AgentClient({
      endpoint: () => Promise.resolve({ host: "localhost", port: proxy.port, ca: authority.certificate }),
      identity: {
        canRegister: false,
        load: () => Promise.resolve({ ...identity, clientId: CLIENT_ID } as never),
      },
      keepalive: 2,
      requestTimeout: 1000,
      connectTimeout: 2000,
      queue: { count: 1000, bytes: 5_000_000, age: 0, whenFull: "reject" },
      inFlight: 128,
    });
    client.start();
    await state("connected");
  });
  afterEach(async () => {
    await client?.stop();
    await proxy?.stop();
  });

  for (const mode of ["blackHole", "halfOpen"] as const) {
    it(`notices a ${mode} within 1.5 keepalives, and comes back when it is over (faults 3, 4)`, async () => {
      proxy.mode = mode;
      const asked = ping("into the dark");
      const waiting = await state("waiting");
      assert.equal(waiting.name === "waiting" && waiting.failure.name, "AgentSilent");
      assert.equal(await asked, "ReplyTimeout");
      proxy.mode = "pass";
      proxy.cut();
      await state("connected");
      assert.equal(await ping("again"), "again");
    });
  }

  it("repeats what a reset cut off, where that does no harm (fault 5)", async () => {
    proxy.resetAfter = 0;
    const asked = ping("cut off");
    const waiting = await state("waiting");
    assert.equal(waiting.name === "waiting" && waiting.failure.name, "ConnectionLost");
    proxy.resetAfter = Infinity;
    assert.equal(await asked, "cut off");
    assert.equal(client.counters.repeated, 1);
  });

  it("reads answers that come a byte at a time (fault 6)", async () => {
    proxy.mode = "slices";
    const texts = Array.from({ length: 20 }, (_, i) => `${i} äöü`);
    assert.deepEqual(await Promise.all(texts.map(ping)), texts);
  });

  it("is ready again after a broker that stood still goes on, and takes no late answer for another's (fault 2)", async () => {
    broker.signal("SIGSTOP");
    const asked = ping("stopped");
    const waiting = await state("waiting");
    assert.equal(waiting.name === "waiting" && waiting.failure.name, "AgentSilent");
    assert.equal(await asked, "ReplyTimeout");
    broker.signal("SIGCONT");
    await state("connected");
    assert.equal(await ping("goes on"), "goes on");
    assert.equal(client.counters.answered, 1);
  });

  it("stops at once in the middle of everything, and every request ends once", async () => {
    proxy.mode = "blackHole";
    const all = Array.from({ length: 50 }, (_, i) => ping(`${i}`));
    await client.stop();
    for (const outcome of await Promise.all(all)) assert.equal(outcome, "Closed");
    assert.equal(client.state.name, "idle");
  });

  function ping(request: string): Promise<string> {
    return client.request("ping", { request }).then(
      ({ answer }) => answer,
      ({ name }: IotError) => name,
    );
  }

  function state(name: ConnectionState["name"]): Promise<ConnectionState> {
    return new Promise((resolve) => {
      const look = (current: ConnectionState) => {
        if (current.name !== name) return;
        client.off("state", look);
        resolve(current);
      };
      client.on("state", look);
      look(client.state);
    });
  }
});
