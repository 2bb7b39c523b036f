import assert from "node:assert/strict";
import { AgentClient, type AgentSettings } from "../../src/client/agent-client";
import type { Identity } from "../../src/identity/identity";
import { IotError } from "../../src/protocol/errors";
import { FakeClock } from "../support/agent/fake-clock";
import { FakeTransport, turns, type FakeSession } from "../support/agent/fake-session";

const AT = { host: "h", port: 1 };
const LOST = new IotError("ConnectionLost", { reason: "session", details: { ...AT, code: "ECONNRESET" } });

function make(settings: Partial<AgentSettings> = {}) {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const world = { identity: { clientId: "c" } as Identity | undefined };
  const client = new AgentClient(
    {
      endpoint: () => Promise.resolve({ ...AT, ca: "CA" }),
      identity: { canRegister: true, load: () => Promise.resolve(world.identity) },
      keepalive: 12,
      requestTimeout: 1000,
      connectTimeout: 10_000,
      queue: { count: 10, bytes: 10_000, age: 0, whenFull: "reject" },
      inFlight: 128,
      ...settings,
    },
    { openSession: transport.openSession, isListening: () => Promise.resolve(false), clock, random: () => 0 },
  );
  /** The sessions that receive answers, and live data. */
  const sessions = (kind: "answers" | "live"): FakeSession[] =>
    transport.sessions.filter(
      ({ filters }) => filters.some((filter) => filter.endsWith("livedata")) === (kind === "live"),
    );
  const pass = async (milliseconds: number) => {
    clock.advance(milliseconds);
    await turns();
  };
  return { client, clock, transport, world, sessions, pass };
}

const ends = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    (result) => JSON.stringify(result),
    (error: IotError) => [error.name, error.reason].filter(Boolean).join("."),
  );

describe("AgentClient", () => {
  it("sends what waited as soon as it is connected, and gives the answer", async () => {
    const { client, sessions, pass } = make();
    client.start();
    const answer = ends(client.request("ping", { request: "x" }));
    await turns();
    await pass(0);
    const [session] = sessions("answers");
    assert.deepEqual(session?.published, [{ topic: "/v1.0/c/ping", payload: '{"request":"x"}' }]);
    session.onMessage("/v1.0/c/ping/info/inbox", Buffer.from('{"answer":"x"}'));
    assert.equal(await answer, '{"answer":"x"}');
    await client.stop();
  });

  it("fails requests at once where no connection is to be expected, and says why", async () => {
    const { client, world, transport } = make();
    assert.equal(await ends(client.request("listSensors", {})), "Closed.unsent", "not started");
    world.identity = undefined;
    client.start();
    const waited = ends(client.request("listSensors", {}));
    await turns();
    assert.equal(await waited, "NotRegistered.never");
    assert.equal(await ends(client.request("listSensors", {})), "NotRegistered.never");
    world.identity = { clientId: "c" } as Identity;
    transport.failure = new IotError("ServerNotTrusted", { details: AT });
    client.connect();
    await turns();
    await assert.rejects(client.request("listSensors", {}), (error: IotError) => {
      assert.equal(error.name, "NotConnected");
      assert.equal((error.cause as IotError).name, "ServerNotTrusted");
      return error.message.includes("TeamViewerAuthority");
    });
    await client.disconnect();
    assert.equal(await ends(client.request("listSensors", {})), "Disconnected");
    await client.stop();
  });

  it("lets requests wait while it registers by itself, connects then, and says why that failed", async () => {
    const attempts: { succeed(): void; fail(error: IotError): void }[] = [];
    const register = () => new Promise<void>((succeed, fail) => attempts.push({ succeed, fail }));
    const { client, world, sessions, pass } = make({ register });
    const shown = () => client.status;
    world.identity = undefined;
    client.start();
    const first = ends(client.request("ping", { request: "first" }));
    await turns();
    const second = ends(client.request("ping", { request: "second" }));
    assert.deepEqual([client.status.name, client.counters.queued], ["registering", 2]);
    world.identity = { clientId: "c" } as Identity;
    attempts[0]?.succeed();
    await turns();
    await turns();
    await pass(0);
    for (const word of ["first", "second"]) {
      sessions("answers")[0]?.onMessage("/v1.0/c/ping/info/inbox", Buffer.from(`{"answer":"${word}"}`));
      await pass(0);
    }
    assert.deepEqual(await Promise.all([first, second]), ['{"answer":"first"}', '{"answer":"second"}']);
    assert.equal(shown().name, "connected");

    world.identity = undefined;
    await client.reconnect();
    await turns();
    const third = ends(client.request("listSensors", {}));
    attempts[1]?.fail(new IotError("ServerNotTrusted", { details: AT }));
    assert.equal(await third, "NotRegistered.failed");
    const waiting = shown();
    assert.ok(waiting.name === "waiting" && waiting.permanent);
    await assert.rejects(client.request("listSensors", {}), /TeamViewerAuthority/);
    await client.stop();
    assert.equal(shown().name, "idle");
  });

  it("shows what a node does about the identity, and why it failed, and lets requests wait for a registration", async () => {
    const { client, world } = make();
    world.identity = undefined;
    client.start();
    await turns();
    assert.equal(client.status.name, "notRegistered");
    client.noteRegistration({ occupation: "registering", failure: undefined });
    const waiting = ends(client.request("listSensors", {}));
    assert.deepEqual([client.status.name, client.counters.queued], ["registering", 1]);
    const failure = new IotError("ServerNotTrusted", { details: AT });
    client.noteRegistration({ occupation: undefined, failure });
    assert.equal(await waiting, "NotRegistered.failed");
    assert.deepEqual(client.status, { name: "notRegistered", failure });
    await client.stop();
  });

  it("is connecting when it is started while it still stops, and requests wait for the new connection", async () => {
    const { client, sessions, pass } = make();
    client.start();
    await turns();
    const stopped = client.stop();
    client.start();
    assert.equal(client.state.name, "connecting");
    const answer = ends(client.request("ping", { request: "x" }));
    await stopped;
    await turns();
    await pass(0);
    assert.deepEqual([client.state.name, sessions("answers").length], ["connected", 2]);
    sessions("answers")[1]?.onMessage("/v1.0/c/ping/info/inbox", Buffer.from('{"answer":"x"}'));
    assert.equal(await answer, '{"answer":"x"}');
    await client.stop();
  });

  it("ends every request once when it stops", async () => {
    const { client } = make();
    client.start();
    await turns();
    const sent = ends(client.request("listSensors", {}));
    const waiting = ends(client.request("listSensors", {}));
    await client.stop();
    assert.deepEqual(await Promise.all([sent, waiting]), ["Closed.sent", "Closed.unsent"]);
    assert.equal(client.state.name, "idle");
    assert.equal(await ends(client.request("listSensors", {})), "Closed.unsent");
  });

  it("receives live data on a connection of its own, only while somebody wants it", async () => {
    const { client, sessions } = make();
    client.start();
    await turns();
    assert.equal(sessions("live").length, 0);
    const taken: unknown[] = [];
    const bad: string[] = [];
    const off = client.onLiveData(
      (data) => taken.push(data),
      (error, sensorId) => bad.push(`${sensorId} ${error.name}`),
    );
    await turns();
    const [live] = sessions("live");
    live?.onMessage(
      "/v1.0/c/sensor/s/livedata",
      Buffer.from('{"metrics":[{"metricId":"m","value":1}],"timestamp":5}'),
    );
    live?.onMessage("/v1.0/c/sensor/s/livedata", Buffer.from("no JSON"));
    live?.onMessage("/v1.0/c/sensor/s/livedata", Buffer.alloc(300_000));
    assert.deepEqual(taken, [{ metrics: [{ metricId: "m", value: 1 }], timestamp: 5, sensorId: "s" }]);
    assert.deepEqual(bad, ["s BadReply", "s BadReply"]);
    off();
    assert.equal(await live?.closed, undefined);
    await client.stop();
  });

  it("comes back with live data after a lost connection (fault 23)", async () => {
    const { client, sessions, pass } = make();
    client.start();
    client.onLiveData(() => undefined);
    await turns();
    await turns();
    for (const session of [...sessions("answers"), ...sessions("live")]) session.fail(LOST);
    await turns();
    await pass(500);
    await turns();
    assert.equal(sessions("answers").length, 2);
    assert.equal(sessions("live").length, 2);
    await client.stop();
  });

  it("waits a moment for live data before it repeats a push: its echo tells more than its answer", async () => {
    const { client, sessions, transport, pass } = make();
    client.start();
    await turns();
    const pushed = ends(
      client.request("pushValues", { sensorId: "s", metrics: [{ metricId: "m", value: 1 }] }),
    );
    transport.confirm = (filters) =>
      filters.length === 1 ? new Promise(() => undefined) : Promise.resolve();
    sessions("answers")[0]?.fail(LOST);
    await turns();
    await pass(500);
    const again = sessions("answers")[1];
    assert.equal(again?.published.length, 0);
    await pass(5000);
    assert.equal(again.published.length, 1, "but not for long");
    again.onMessage("/v1.0/c/sensor/s/info/inbox", Buffer.from("Sensor was updated."));
    assert.equal(await pushed, '"Sensor was updated."');
    await client.stop();
  });

  describe("deleting the client, which has no answer", () => {
    async function deleting() {
      const all = make();
      all.client.start();
      await turns();
      const outcome = ends(all.client.request("deleteClient", {}));
      const pass = async (milliseconds: number) => {
        await all.pass(milliseconds);
        for (let count = 0; count < 10; count++) await all.pass(0);
      };
      await pass(0);
      return { ...all, pass, outcome };
    }

    it("is done when the certificate is no longer accepted", async () => {
      const { client, transport, outcome, pass } = await deleting();
      assert.deepEqual(transport.last.published, [{ topic: "/v1.0/c/delete", payload: "{}" }]);
      transport.failure = new IotError("ClientCertificateRevoked", { details: AT });
      await pass(2000);
      assert.equal(await outcome, '""');
      await client.stop();
    });

    it("has failed when the certificate is still accepted, and the agent still serves it", async () => {
      const { client, outcome, pass } = await deleting();
      await pass(2000);
      assert.equal(await outcome, "NotDeleted");
      await client.stop();
    });

    it("is done when an agent that sends nothing leaves the next ping without an answer (fault 52)", async () => {
      const { client, transport, outcome, pass } = await deleting();
      transport.answersPings = false;
      await pass(2000);
      await pass(2500);
      assert.equal(await outcome, '""');
      await client.stop();
    });

    it("is unknown when no connection comes up any more", async () => {
      const { client, transport, outcome, pass } = await deleting();
      transport.failure = new IotError("ConnectionRefused", { details: AT });
      await pass(2000);
      await pass(5000);
      assert.equal(await outcome, "ReplyTimeout");
      await client.stop();
    });

    it("is not asked of an agent that does not answer (fault 52)", async () => {
      const all = make();
      all.transport.answersPings = false;
      all.client.start();
      await turns();
      const outcome = ends(all.client.request("deleteClient", {}));
      await all.pass(60_000);
      assert.equal(await outcome, "ReplyTimeout");
      assert.deepEqual(all.transport.last.published, []);
      await all.client.stop();
    });

    it("is done when the agent does not serve it any more", async () => {
      const { client, transport, outcome, pass } = await deleting();
      transport.answersPings = false;
      await pass(2000);
      // To the ping that looks whether it is there, and to the one that asks.
      for (let times = 0; times < 2; times++) {
        const refused = Buffer.from('{"errorcode":18,"errorMessage":"x"}');
        transport.last.onMessage("/v1.0/c/ping/error/inbox", refused);
        await pass(0);
      }
      assert.equal(await outcome, '""');
      await client.stop();
    });

    it("has failed when the agent says so", async () => {
      const { client, transport, outcome } = await deleting();
      transport.last.onMessage(
        "/v1.0/c/delete/error/inbox",
        Buffer.from('{"errorcode":1,"errorMessage":"x"}'),
      );
      assert.equal(await outcome, "NoBackendConnection");
      await client.stop();
    });
  });
});
