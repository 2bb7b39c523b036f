/** What a real Mosquitto limits is told as what is known of it, and no more. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { AgentClient, ConnectionState } from "../../src/client/agent-client";
import type { IotError } from "../../src/protocol/errors";
import { openSession, type Session } from "../../src/transport/session";
import { Authority, type Issued } from "../support/agent/authority";
import { clientOf, stateOf } from "../support/agent/client-of";
import { Mosquitto } from "../support/agent/mosquitto";
import { SkippingClock } from "../support/skipping-clock";
import { needs } from "../support/needs";

const CLIENT_ID = "6d69c58223fb44a7b76ae61a18faf37c";

describe("A broker with limits", function () {
  let authority: Authority;
  let issued: Issued;
  let broker: Mosquitto | undefined;
  let client: AgentClient | undefined;

  before(async function () {
    needs(this, "mosquitto");
    authority = await Authority.make();
    issued = await authority.issue(CLIENT_ID);
  });
  afterEach(async () => {
    await client?.stop();
    await broker?.stop();
    client = broker = undefined;
  });
  after(() => authority?.remove());

  const clock = new SkippingClock();

  async function start(lines: string[], server?: Issued): Promise<AgentClient> {
    broker = await Mosquitto.start(authority, lines, server);
    const agent = { port: broker.port, ca: authority.certificateFile, client: issued };
    client = await clientOf(agent, { requestTimeout: 500 }, { random: () => 0, clock });
    return client;
  }
  function failuresOf(of: AgentClient): IotError[] {
    const failures: IotError[] = [];
    of.on("state", (state: ConnectionState) => {
      if (state.name === "waiting") failures.push(state.failure);
    });
    return failures;
  }

  for (const version of ["tlsv1.2", "tlsv1.3"]) {
    it(`of connections hangs up without a word, and lets us in when there is room (fault 57, ${version})`, async () => {
      const waiting = await start([`tls_version ${version}`, "max_connections 1"]);
      const others: Session[] = [];
      // It counts a connection a moment after it has let it in.
      for (let full = false; !full;) {
        await openSession({
          endpoint: { host: "localhost", port: broker!.port, ca: authority.certificate },
          credentials: issued,
          mqttClientId: `other${others.length}`,
          keepalive: 10,
          connectTimeout: 5000,
        }).then(
          (session) => others.push(session),
          () => (full = true),
        );
      }
      waiting.start();
      const { failure, permanent } = await stateOf(waiting, "waiting");
      assert.deepEqual([failure.name, permanent], ["ClosedAtOnce", false]);
      await Promise.all(others.map((other) => other.close()));
      await stateOf(waiting, "connected");
    });
  }

  it("of the size of a message is told as what was seen, and never as another client (fault 55)", async () => {
    const pushing = await start(["max_packet_size 2000"]);
    const failures = failuresOf(pushing);
    pushing.start();
    await stateOf(pushing, "connected");
    const metrics = [{ metricId: "m", value: "x".repeat(5000) }];
    for (const sensorId of ["one", "two"]) {
      await assert.rejects(pushing.request("pushValues", { sensorId, metrics }));
    }
    assert.ok(failures.length >= 5, `${failures.length} sessions have ended`);
    for (const { name, reason, message } of failures) {
      assert.deepEqual([name, reason], ["ConnectionLost", "size"]);
      assert.match(message, /right after a message of 5\d\d\d bytes/);
    }
  });

  it("so small that all subscriptions together are too large still gets them (fault 55)", async () => {
    const small = await start(["max_packet_size 300"]);
    small.start();
    await stateOf(small, "connected");
  });

  it("too small for one subscription is told as what was seen (fault 55)", async () => {
    const smaller = await start(["max_packet_size 60"]);
    smaller.start();
    const { failure, permanent } = await stateOf(smaller, "waiting");
    assert.deepEqual([failure.name, failure.reason, permanent], ["ConnectionLost", "subscribing", false]);
    assert.match(failure.message, /while it subscribed to \/v1\.0\//);
  });

  it("of rights, which takes everything and passes on nothing, is told as both that it can be, once (fault 58)", async () => {
    const rights = join(authority.directory, "rights");
    await writeFile(rights, "user somebody\ntopic readwrite #\n");
    const deaf = await start([`acl_file ${rights}`]);
    const told: IotError[] = [];
    deaf.on("unanswered", (error) => told.push(error));
    deaf.start();
    await stateOf(deaf, "connected");
    await assert.rejects(deaf.request("ping", { request: "anybody" }), ({ name, message }: IotError) => {
      assert.equal(name, "ReplyTimeout");
      assert.match(message, /running, and that its broker allows/);
      return true;
    });
    clock.skip(60_000);
    assert.deepEqual(
      told.map(({ name }) => name),
      ["AgentAway"],
    );
    assert.match(told[0]?.message ?? "", /still allows this client to publish and to subscribe/);
    assert.equal(deaf.isUnanswered, true);
  });

  it("whose certificate is not valid yet is connected to within 30 s of its becoming so (fault 47)", async () => {
    const from = new Date(Date.now() + 12_000);
    const notBefore = from.toISOString().replace(/[-:T]|\.\d+/g, "");
    const server = await authority.issue("localhost", { names: "DNS:localhost", notBefore });
    const early = await start([], server);
    early.start();
    const { failure, permanent } = await stateOf(early, "waiting");
    assert.deepEqual([failure.name, permanent], ["ServerCertificateNotYetValid", false]);
    await stateOf(early, "connected");
    assert.ok(Date.now() - from.getTime() < 30_000);
  });
});
