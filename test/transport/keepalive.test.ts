/**
 * How long a peer may be silent (faults 2 to 4): timers are the test's, so that what is measured is what is promised
 * and not how busy the machine is.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { mock } from "node:test";
import { createServer, type Server } from "node:tls";
import { publishPacket } from "../../src/transport/packets";
import { openSession, type Session } from "../../src/transport/session";
import { Authority } from "../support/agent/authority";

const KEEPALIVE = 12;
const CONNECT = 0x10;
const PING = 0xc0;

describe("A session whose peer falls silent", () => {
  let authority: Authority;
  let server: Server;
  let session: Session;
  let pings = 0;
  let answersPings = true;
  let pinged = (): void => undefined;
  let heardFrom = (): void => undefined;
  /** Makes the server send a message. */
  let talk = (): void => undefined;

  before(async () => {
    authority = await Authority.make();
    const { certificate: cert, key } = await authority.issue("localhost");
    server = createServer({ cert, key }, (socket) => {
      socket.on("error", () => undefined);
      talk = () => void socket.write(publishPacket("t", "x"));
      socket.on("data", (data: Buffer) => {
        const [packet] = data;
        if (data.includes(publishPacket("t", "x"))) heardFrom();
        if (packet === CONNECT) socket.write(Buffer.from([0x20, 2, 0, 0]));
        if (packet !== PING) return;
        pings++;
        if (answersPings) socket.write(Buffer.from([0xd0, 0]), () => setImmediate(pinged));
        else pinged();
      });
    }).listen(0, "localhost");
    await once(server, "listening");
  });
  after(async () => {
    server.close();
    await authority.remove();
  });

  beforeEach(async () => {
    mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
    pings = 0;
    session = await openSession({
      endpoint: {
        host: "localhost",
        port: (server.address() as AddressInfo).port,
        ca: authority.certificate,
      },
      mqttClientId: "test",
      keepalive: KEEPALIVE,
      connectTimeout: 5000,
    });
  });
  afterEach(async () => {
    const closed = session.close();
    mock.timers.reset();
    await closed;
  });

  it("ends after one and a half keepalives, and not before; by default that is less than 20 s (faults 2 to 4)", async () => {
    answersPings = false;
    let failure: string | undefined;
    const ended = session.closed.then((error) => (failure = error?.name));
    const ping = new Promise<void>((resolve) => (pinged = resolve));
    mock.timers.tick(KEEPALIVE * 1000);
    await ping;
    mock.timers.tick(KEEPALIVE * 500 - 1);
    await new Promise(setImmediate);
    assert.deepEqual([pings, failure], [1, undefined]);
    mock.timers.tick(1);
    await ended;
    assert.equal(failure, "AgentSilent");
    assert.ok(KEEPALIVE * 1.5 < 20);
  });

  it("pings a broker that keeps on talking, too: it ends a session that it does not hear", async () => {
    const published = new Promise<void>((resolve) => (heardFrom = resolve));
    for (let part = 0; part < 4; part++) {
      const heard = new Promise<void>((resolve) => (session.onMessage = () => resolve()));
      talk();
      await heard;
      mock.timers.tick(KEEPALIVE * 250);
    }
    // What is sent after the ping tells that it has come.
    await new Promise(setImmediate);
    session.publish("t", "x");
    await published;
    assert.equal(pings, 1);
  });

  it("goes on for as long as its pings are answered", async () => {
    answersPings = true;
    for (let round = 1; round <= 20; round++) {
      const answered = new Promise<void>((resolve) => (pinged = resolve));
      mock.timers.tick(KEEPALIVE * 1000);
      await answered;
      // The answer is on its way through TLS.
      for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate);
      assert.equal(pings, round);
    }
  });
});
