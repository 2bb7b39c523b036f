import assert from "node:assert/strict";
import { Connection, type ConnectionState } from "../../src/client/connection";
import type { Identity } from "../../src/identity/identity";
import { IotError } from "../../src/protocol/errors";
import { FakeClock } from "../support/agent/fake-clock";
import { FakeTransport, turns } from "../support/agent/fake-session";

const AT = { host: "h", port: 1 };
const CLOSED = new IotError("ConnectionLost", {
  reason: "session",
  details: { ...AT, code: "words.closed" },
});
const REFUSED = new IotError("ConnectionRefused", { details: AT });
const RESET = new IotError("ConnectionLost", { reason: "session", details: { ...AT, code: "ECONNRESET" } });
const NOT_ALLOWED = new IotError("BrokerRefused", { reason: "credentials", details: AT });
const YEAR = 366 * 24 * 3_600_000;
const UNTRUSTED = new IotError("ServerNotTrusted", { details: AT });
const IDENTITY = { clientId: "c", certificate: "C", key: "K", validTo: new Date(4e12) } as Identity;

/** A connection with everything it has to do with. */
function make(random = 0) {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const world = {
    identity: IDENTITY as Identity | undefined,
    listens: true,
    endpointFailure: undefined as Error | undefined,
    /** What watches the files. */
    watchers: 0,
    touch: (): void => undefined,
  };
  const connection = new Connection(
    {
      endpoint: () =>
        world.endpointFailure ? Promise.reject(world.endpointFailure) : Promise.resolve({ ...AT, ca: "CA" }),
      identity: { canRegister: true, load: () => Promise.resolve(world.identity) },
      keepalive: 12,
      connectTimeout: 10_000,
      watch: (onChange) => {
        world.watchers++;
        world.touch = onChange;
        return () => void world.watchers--;
      },
    },
    (clientId) => [`/${clientId}/+`],
    {
      openSession: transport.openSession,
      isListening: () => Promise.resolve(world.listens),
      clock,
      random: () => random,
    },
  );
  const states: string[] = [];
  connection.on("state", (state: ConnectionState) => states.push(state.name));
  const pass = async (milliseconds: number) => {
    clock.advance(milliseconds);
    await turns();
  };
  return { clock, transport, world, connection, states, pass };
}

describe("Connection", () => {
  it("is connected when every subscription is confirmed, and not before", async () => {
    const { connection, transport, states } = make();
    let confirm: () => void = () => undefined;
    transport.confirm = () => new Promise((resolve) => (confirm = resolve));
    connection.on("up", () => states.push("up"));
    connection.connect();
    await turns();
    assert.deepEqual(transport.last.filters, ["/c/+"]);
    assert.deepEqual(states, ["connecting"]);
    confirm();
    await turns();
    assert.deepEqual(states, ["connecting", "connected", "up"]);
    await connection.end("idle");
  });

  it("waits for an identity, and looks again when it is told to connect", async () => {
    const { connection, world, states, pass } = make();
    world.identity = undefined;
    connection.connect();
    await turns();
    await pass(3_600_000);
    assert.deepEqual(states, ["connecting", "notRegistered"]);
    world.identity = IDENTITY;
    connection.connect();
    await turns();
    assert.equal(connection.state.name, "connected");
    await connection.end("idle");
  });

  it("tries again after a passing failure, later and later, and at once when it is told to connect", async () => {
    const { connection, transport, pass } = make(1);
    transport.failure = REFUSED;
    connection.connect();
    await turns();
    for (const wait of [1000, 2000, 4000]) {
      const { attempts } = transport;
      await pass(wait - 1);
      assert.equal(transport.attempts, attempts);
      await pass(1);
      assert.equal(transport.attempts, attempts + 1);
    }
    transport.failure = undefined;
    connection.connect();
    await turns();
    assert.equal(connection.state.name, "connected");
    await connection.end("idle");
  });

  it("says what failed and when it tries again", async () => {
    const { connection, transport, clock } = make();
    transport.failure = REFUSED;
    connection.connect();
    await turns();
    assert.deepEqual(connection.state, {
      name: "waiting",
      failure: REFUSED,
      permanent: false,
      retryAt: clock.monotonic() + 500,
    });
    await connection.end("idle");
  });

  for (const failure of [UNTRUSTED, NOT_ALLOWED]) {
    it(`tries every minute after ${failure.name}, which somebody may have mended (fault 49)`, async () => {
      const { connection, transport, pass } = make(1);
      transport.failure = failure;
      connection.connect();
      await turns();
      assert.equal(connection.state.name === "waiting" && connection.state.permanent, true);
      await pass(49_999);
      assert.equal(transport.attempts, 1);
      await pass(1);
      assert.equal(transport.attempts, 2);
      await connection.end("idle");
    });
  }

  it("tries at once when a file that it was read from has changed, also when that was during the attempt (fault 49)", async () => {
    const { connection, transport, world } = make(1);
    transport.failure = UNTRUSTED;
    connection.connect();
    await turns();
    world.touch();
    await turns();
    assert.equal(transport.attempts, 2);
    transport.failure = undefined;
    let refuse: (failure: IotError) => void = () => undefined;
    transport.confirm = () => new Promise((_, reject) => (refuse = reject));
    world.touch();
    await turns();
    assert.equal(connection.state.name, "connecting");
    world.touch();
    transport.confirm = () => Promise.resolve();
    refuse(NOT_ALLOWED);
    await turns();
    assert.equal(connection.state.name, "connected");
    assert.equal(world.watchers, 0, "nobody looks at files while all is well");
    await connection.end("idle");
  });

  for (const [name, set] of [
    ["ServerCertificateNotYetValid", YEAR],
    ["ServerCertificateExpired", -YEAR],
    ["ClientCertificateExpired", -YEAR],
    ["ClientCertificateRefused", YEAR],
  ] as const) {
    it(`tries within seconds when the clock was set that may have caused ${name} (fault 47)`, async () => {
      const { connection, transport, clock, pass } = make(1);
      transport.failure = new IotError(name, { details: { ...AT, code: "x" } });
      connection.connect();
      await turns();
      await pass(600_000);
      clock.jump(set);
      transport.failure = undefined;
      await pass(6000);
      assert.equal(connection.state.name, "connected");
      await connection.end("idle");
    });

    it(`tries ${name} again every 15 s, because the agent's clock is not seen (fault 47)`, async () => {
      const { connection, transport, pass } = make(1);
      transport.failure = new IotError(name, { details: { ...AT, code: "x" } });
      connection.connect();
      await turns();
      for (let attempts = 1; attempts < 20; attempts++) {
        assert.equal(transport.attempts, attempts);
        await pass(15_000);
      }
      await connection.end("idle");
    });
  }

  it("lets requests wait for half a minute before it believes a certificate that only a clock may speak against (fault 47)", async () => {
    const { connection, transport, pass } = make(1);
    transport.failure = new IotError("ServerCertificateNotYetValid", { details: AT });
    connection.connect();
    await turns();
    const permanent = () => connection.state.name === "waiting" && connection.state.permanent;
    for (let attempt = 1; attempt <= 2; attempt++) {
      assert.equal(permanent(), false);
      await pass(15_000);
    }
    assert.equal(permanent(), true);
    await connection.end("idle");
  });

  it("waits as long as it said when the clock is set meanwhile, and says so (fault 46)", async () => {
    const { connection, transport, clock, pass } = make(1);
    transport.failure = REFUSED;
    connection.connect();
    await turns();
    clock.jump(-YEAR);
    const { state } = connection;
    assert.equal(state.name === "waiting" && state.retryAt - clock.monotonic(), 1000);
    await pass(999);
    assert.equal(transport.attempts, 1);
    await pass(1);
    assert.equal(transport.attempts, 2);
    await connection.end("idle");
  });

  it("waits longer and longer while each session ends at once (fault 50)", async () => {
    const { connection, transport, pass } = make(1);
    connection.connect();
    await turns();
    for (const wait of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      transport.last.fail(RESET);
      await turns();
      const { attempts } = transport;
      await pass(wait - 1);
      assert.equal(transport.attempts, attempts);
      await pass(1);
      assert.equal(transport.attempts, attempts + 1);
    }
    await connection.end("idle");
  });

  it("believes what a restarting agent causes, too, only when it has lasted ten seconds", async () => {
    const { connection, transport, pass } = make();
    transport.failure = new IotError("ClientCertificateRefused", {
      details: { ...AT, code: "words.closed" },
    });
    connection.connect();
    await turns();
    const permanent = () => connection.state.name === "waiting" && connection.state.permanent;
    for (let attempt = 1; attempt <= 20; attempt++) {
      assert.equal(permanent(), false);
      await pass(500);
    }
    assert.equal(permanent(), true);
    await connection.end("idle");
  });

  it("tells settings that cannot be used as what they are, and reads them anew each time", async () => {
    const { connection, world, pass } = make();
    world.endpointFailure = new IotError("CaMissing", { reason: "unset" });
    connection.connect();
    await turns();
    const { state } = connection;
    assert.equal(state.name === "waiting" && state.failure.name, "CaMissing");
    // It may be about to be written; when it is not, somebody has to do something.
    const permanent = () => connection.state.name === "waiting" && connection.state.permanent;
    for (let attempt = 1; attempt <= 20; attempt++) {
      assert.equal(permanent(), false);
      await pass(500);
    }
    assert.equal(permanent(), true);
    world.endpointFailure = undefined;
    world.touch();
    await turns();
    assert.equal(connection.state.name, "connected");
    await connection.end("idle");
  });

  it("tells of what nobody foresaw as that, and tries again", async () => {
    const { connection, world, pass } = make();
    world.endpointFailure = new TypeError("no such thing");
    connection.connect();
    await turns();
    const { state } = connection;
    assert.ok(state.name === "waiting" && !state.permanent);
    assert.equal(state.failure.name, "Unexpected");
    assert.match(state.failure.message, /TypeError: no such thing\. If it happens again/);
    world.endpointFailure = undefined;
    await pass(state.retryAt);
    assert.equal(connection.state.name, "connected");
    await connection.end("idle");
  });

  it("comes back after a lost session, and counts its attempts anew", async () => {
    const { connection, transport, states, pass } = make();
    const failures: string[] = [];
    connection.on("down", ({ name }) => failures.push(name));
    connection.connect();
    await turns();
    transport.last.fail(CLOSED);
    await turns();
    await pass(500);
    assert.deepEqual(failures, ["ConnectionLost"]);
    assert.deepEqual(states, ["connecting", "connected", "waiting", "connecting", "connected"]);
    await connection.end("idle");
  });

  it("has one MQTT client ID for all its sessions, of at most 23 characters, and not another connection's", async () => {
    const one = make();
    const two = make();
    for (const { connection } of [one, two]) connection.connect();
    await turns();
    one.transport.last.fail(CLOSED);
    await turns();
    await one.pass(500);
    const ids = one.transport.sessions.map(({ options }) => options.mqttClientId);
    assert.equal(new Set(ids).size, 1);
    assert.ok((ids[0]?.length ?? 99) <= 23);
    assert.notEqual(ids[0], two.transport.last.options.mqttClientId);
    await Promise.all([one, two].map(({ connection }) => connection.end("idle")));
  });

  /** The broker ends session after session; gives how the connection then stands. */
  async function endOften(listens: boolean, failure = CLOSED) {
    const all = make();
    all.world.listens = listens;
    all.connection.connect();
    await turns();
    for (let i = 0; i < 5; i++) {
      all.transport.last.fail(failure);
      await turns();
      if (i < 4) await all.pass(500);
    }
    return all;
  }

  it("knows that another client takes its place, and then leaves it for a minute (fault 11)", async () => {
    const { connection, transport, pass } = await endOften(true);
    assert.equal(connection.state.name === "waiting" && connection.state.failure.name, "IdentityInUse");
    const { attempts } = transport;
    await pass(30_000);
    assert.equal(transport.attempts, attempts);
    await pass(30_000);
    assert.equal(transport.attempts, attempts + 1);
    await connection.end("idle");
  });

  it("does not take a broker that refuses large messages for another client (fault 55)", async () => {
    const { connection, transport, pass } = make();
    connection.on("up", () => connection.publish("/v1.0/c/sensor/s/metric/pushValues", "x".repeat(70_000)));
    connection.connect();
    for (let session = 1; session <= 8; session++) {
      await turns();
      await pass(20);
      transport.last.fail(CLOSED);
      await turns();
      const { state } = connection;
      const failure = state.name === "waiting" ? state.failure : undefined;
      assert.deepEqual([failure?.name, failure?.reason], ["ConnectionLost", "size"]);
      assert.match(failure?.message ?? "", /70034 bytes/);
      await pass(60_000);
    }
    await connection.end("idle");
  });

  it("tells once that nobody answers behind a broker that holds the connection, and sees when somebody does (fault 51)", async () => {
    const { connection, transport, clock, pass } = make();
    const told: string[] = [];
    connection.on("unanswered", ({ message }) => told.push(message));
    connection.connect();
    await turns();
    const ask = () => connection.publish("/v1.0/c/sensor/s/metric/pushValues", "{}");
    for (let second = 0; second < 60; second++) {
      ask();
      await pass(1000);
      transport.last.onMessage("/v1.0/c/sensor/s/info/inbox", Buffer.from("ok"));
    }
    assert.deepEqual(told, []);
    for (let second = 0; second < 300; second++) {
      ask();
      await pass(1000);
    }
    assert.equal(told.length, 1);
    assert.match(told[0] ?? "", /not answered for 30 s.*running.*allows/);
    assert.equal(connection.isUnanswered, true);
    transport.last.onMessage("/v1.0/c/sensor/s/info/inbox", Buffer.from("ok"));
    assert.equal(connection.isUnanswered, false);
    ask();
    await pass(30_000);
    assert.equal(told.length, 2);
    await connection.end("idle");
    assert.equal(clock.pending, 0);
  });

  it("does not take an agent that is killed again and again for another client", async () => {
    const { connection } = await endOften(false);
    assert.equal(connection.state.name === "waiting" && connection.state.failure.name, "ConnectionLost");
    await connection.end("idle");
  });

  it("can be told anything twice, and in any order", async () => {
    const { connection, transport, states } = make();
    await connection.end("idle");
    connection.connect();
    connection.connect();
    await turns();
    assert.equal(transport.attempts, 1);
    const ends = [connection.end("disconnected"), connection.end("disconnected")];
    connection.connect();
    await Promise.all(ends);
    await turns();
    assert.equal(connection.state.name, "connected");
    await connection.end("idle");
    await connection.end("idle");
    assert.deepEqual(states.slice(-1), ["idle"]);
  });

  it("ends while anything is under way, and leaves no timer", async () => {
    for (const stage of ["loading", "connecting", "subscribing", "connected", "waiting", "notRegistered"]) {
      const { connection, transport, world, clock } = make();
      if (stage === "subscribing") transport.confirm = () => new Promise(() => undefined);
      if (stage === "waiting") transport.failure = REFUSED;
      if (stage === "notRegistered") world.identity = undefined;
      connection.connect();
      if (stage !== "loading") await turns();
      await connection.end("idle");
      assert.equal(connection.state.name, "idle", stage);
      assert.equal(clock.pending, 0, stage);
    }
  });

  it("keeps its listeners, timers and sessions at one through an hour of flapping (fault 12)", async () => {
    const { connection, transport, clock, world, pass } = make();
    connection.connect();
    await turns();
    for (let flap = 0; flap < 500; flap++) {
      await pass(7000);
      assert.ok(world.watchers <= 1);
      if (connection.state.name === "connected") transport.last.fail(CLOSED);
      await turns();
      assert.ok(clock.pending <= 2);
    }
    assert.equal(connection.listenerCount("state"), 1);
    await connection.end("idle");
    assert.equal(clock.pending, 0);
    assert.equal(world.watchers, 0);
  });
});
