/** What becomes of requests and of the next attempt when connecting fails, or a request breaks what there was. */
import assert from "node:assert/strict";
import { AgentClient } from "../../src/client/agent-client";
import { Connection } from "../../src/client/connection";
import type { Identity } from "../../src/identity/identity";
import { IotError, type ClientErrorName } from "../../src/protocol/errors";
import { classifyFailure } from "../../src/transport/failures";
import { FakeClock } from "../support/agent/fake-clock";
import { FakeTransport, turns, type FakeSession } from "../support/agent/fake-session";

const AT = { host: "h", port: 1 };
const IDENTITY = { clientId: "c", certificate: "C", key: "K", validTo: new Date(4e12) } as Identity;
const HOUR = 3_600_000;

function make(random: () => number = () => 1) {
  const clock = new FakeClock();
  const transport = new FakeTransport();
  const client = new AgentClient(
    {
      endpoint: () => Promise.resolve({ ...AT, ca: "CA" }),
      identity: { canRegister: false, load: () => Promise.resolve(IDENTITY) },
      keepalive: 12,
      requestTimeout: 1000,
      connectTimeout: 10_000,
      queue: { count: 1000, bytes: 1e6, age: 0, whenFull: "reject" },
      inFlight: 128,
    },
    { openSession: transport.openSession, isListening: () => Promise.resolve(false), clock, random },
  );
  const pass = async (milliseconds: number) => {
    clock.advance(milliseconds);
    await turns();
  };
  return { client, clock, transport, pass };
}

describe("A connection that fails", () => {
  /** What a person has to repair, and what ends by itself. */
  const KINDS: readonly (readonly [name: ClientErrorName, permanent: boolean])[] = [
    ["HostNotFound", false],
    ["HostUnreachable", false],
    ["ConnectionRefused", false],
    ["ConnectTimeout", false],
    ["AgentSilent", false],
    ["BrokerUnavailable", false],
    ["NotTls", true],
    ["TlsVersion", true],
    ["ServerNotTrusted", true],
    ["ServerNameMismatch", true],
    ["ClientCertificateMissing", true],
    ["ClientCertificateNotTrusted", true],
    ["ClientCertificateRevoked", true],
    ["KeyMismatch", true],
    ["KeyUnreadable", true],
    ["BrokerRefused", true],
  ];
  for (const [name, permanent] of KINDS) {
    it(`with ${name} is tried again ${permanent ? "as what somebody has to mend, and yet" : "as what passes:"} every minute at least, and at once when it is told to (fault 49)`, async () => {
      const { client, transport, pass } = make();
      transport.failure = new IotError(name, { details: { ...AT, code: "x" } });
      client.start();
      await turns();
      assert.equal(client.state.name === "waiting" && client.state.permanent, permanent);
      // The client's own look at the time is every second, as a person's would be.
      for (let second = 0; second < HOUR / 1000; second++) await pass(1000);
      assert.ok(transport.attempts >= HOUR / 60_000, `${transport.attempts} attempts`);
      assert.ok(transport.attempts <= HOUR / 30_000, `${transport.attempts} attempts`);
      const { attempts } = transport;
      client.connect();
      await turns();
      assert.equal(transport.attempts, attempts + 1);
      await client.stop();
    });
  }

  it("because the broker says so is permanent for CONNACK 1, 2, 4 and 5, and passing for 3 (fault 8)", () => {
    const permanent = [1, 2, 3, 4, 5].filter(
      (code) => !classifyFailure({ code }, AT, { secured: true, withCredentials: true }).retryable,
    );
    assert.deepEqual(permanent, [1, 2, 4, 5]);
  });

  for (const [what, confirm] of [
    [
      "refused",
      () => Promise.reject(new IotError("SubscriptionRefused", { details: { ...AT, topic: "/v1.0/c/x" } })),
    ],
    ["not confirmed", () => new Promise<void>(() => undefined)],
  ] as const) {
    it(`sends no request while a subscription is ${what} (fault 9)`, async () => {
      const { client, transport, pass } = make();
      transport.confirm = confirm;
      client.start();
      for (let count = 0; count < 10; count++) {
        client.request("ping", { request: `${count}` }).catch(() => undefined);
        await pass(1000);
      }
      assert.ok(transport.sessions.length > 0);
      assert.deepEqual(
        transport.sessions.flatMap(({ published }) => published),
        [],
      );
      await client.stop();
    });
  }

  it("is tried by 50 clients of one agent without a rush: no second has more than a fifth of their attempts (fault 10)", async () => {
    const clock = new FakeClock();
    const times: number[] = [];
    const connections = Array.from({ length: 50 }, () => {
      const connection = new Connection(
        {
          endpoint: () => Promise.resolve({ ...AT, ca: "CA" }),
          identity: { canRegister: false, load: () => Promise.resolve(IDENTITY) },
          keepalive: 12,
          connectTimeout: 10_000,
        },
        () => [],
        {
          openSession: () => {
            times.push(clock.monotonic());
            return Promise.reject(new IotError("ConnectionRefused", { details: AT }));
          },
          isListening: () => Promise.resolve(false),
          clock,
          random: Math.random,
        },
      );
      connection.connect();
      return connection;
    });
    await turns();
    times.length = 0;
    for (let tenth = 0; tenth < 1200; tenth++) {
      clock.advance(100);
      await turns();
    }
    const seconds = new Map<number, number>();
    for (const time of times)
      seconds.set(Math.floor(time / 1000), (seconds.get(Math.floor(time / 1000)) ?? 0) + 1);
    assert.ok(times.length >= 250, `${times.length} attempts in two minutes`);
    assert.ok(Math.max(...seconds.values()) <= times.length / 5, JSON.stringify([...seconds]));
    await Promise.all(connections.map((connection) => connection.end("idle")));
    assert.equal(clock.pending, 0);
  });
});

describe("A push that breaks every connection on which it is sent", () => {
  it("ends as what breaks connections, and the hundred after it arrive (fault 38)", async () => {
    const { client, transport, pass } = make(() => 0);
    const accepted: string[] = [];
    /** The agent answers what it gets; what is poison ends the session. */
    const answer = (session: FakeSession, topic: string, payload: string): void => {
      if (topic.endsWith("/ping")) {
        const { request } = JSON.parse(payload) as { request: string };
        session.onMessage(`${topic}/info/inbox`, Buffer.from(JSON.stringify({ answer: request })));
      } else if (payload.includes('"poison"')) {
        const details = { ...AT, code: "words.closed" };
        session.fail(new IotError("ConnectionLost", { reason: "session", details }));
      } else {
        accepted.push((JSON.parse(payload) as { metrics: { value: string }[] }).metrics[0]?.value ?? "");
        session.onMessage(
          topic.replace("metric/pushValues", "info/inbox"),
          Buffer.from("Sensor was updated."),
        );
      }
    };
    const serve = (): void => {
      for (const session of transport.sessions) {
        for (const { topic, payload } of session.published.splice(0)) answer(session, topic, payload);
      }
    };
    // Live data is of no use here: there is an answer to everything.
    transport.confirm = (filters) =>
      filters.some((filter) => filter.endsWith("/livedata"))
        ? new Promise(() => undefined)
        : Promise.resolve();
    client.start();
    await turns();
    const ended: string[] = [];
    const values = ["poison", ...Array.from({ length: 100 }, (_, count) => `good ${count}`)];
    for (const value of values) {
      client.request("pushValues", { sensorId: "s", metrics: [{ metricId: "m", value }] }).then(
        () => ended.push(value),
        (error: IotError) => ended.push(`${value}: ${error.name}`),
      );
    }
    for (let step = 0; step < 5000 && ended.length < values.length; step++) {
      serve();
      await pass(100);
    }
    assert.deepEqual(ended[0], "poison: RequestBreaksConnection");
    assert.deepEqual(ended.slice(1), values.slice(1));
    assert.deepEqual(accepted, values.slice(1));
    await client.stop();
  });
});
