/**
 * How long a peer may be silent (faults 2 to 4): timers are the test's, so that what is measured is what is promised
 * and not how busy the machine is.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { openSession, type Session } from "../../src/transport/session";
import { Authority } from "../support/agent/authority";
import { FakeTimers } from "../support/fake-timers";

const KEEPALIVE = 12;
const CONNECT = 0x10;
const PING = 0xc0;

describe("The keepalive of a session", () => {
  let authority: Authority;
  let server: Server;
  let session: Session;
  let timers: FakeTimers;
  let pings = 0;
  let answersPings = true;
  let pinged = (): void => undefined;
  let peer: TLSSocket | undefined;

  before(async () => {
    authority = await Authority.make();
    const { certificate: cert, key } = await authority.issue("localhost");
    server = createServer({ cert, key }, (socket) => {
      peer = socket;
      socket.on("error", () => undefined);
      socket.on("data", ([packet]) => {
        if (packet === CONNECT) socket.write(Buffer.from([0x20, 2, 0, 0]));
        if (packet !== PING) return;
        pings++;
        if (answersPings) socket.write(Buffer.from([0xd0, 0]));
        pinged();
      });
    }).listen(0, "localhost");
    await once(server, "listening");
  });
  after(async () => {
    server.close();
    await authority.remove();
  });

  beforeEach(async () => {
    timers = new FakeTimers();
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
    timers.end();
    await closed;
  });

  /** A message of the peer, until it has come. */
  async function receive(): Promise<void> {
    const received = new Promise<void>((resolve) => (session.onMessage = () => resolve()));
    peer?.write(Buffer.from([0x30, 5, 0, 1, 0x61, 0x62, 0x63]));
    await received;
  }

  it("ends it after one and a half of silence, and not before; by default that is less than 20 s (faults 2 to 4)", async () => {
    answersPings = false;
    let failure: string | undefined;
    const ended = session.closed.then((error) => (failure = error?.name));
    const ping = new Promise<void>((resolve) => (pinged = resolve));
    timers.tick(KEEPALIVE * 1000);
    await ping;
    timers.tick(KEEPALIVE * 500 - 1);
    await new Promise(setImmediate);
    assert.deepEqual([pings, failure], [1, undefined]);
    timers.tick(1);
    await ended;
    assert.equal(failure, "AgentSilent");
    assert.ok(KEEPALIVE * 1.5 < 20);
  });

  it("lets it go on for as long as pings are answered", async () => {
    answersPings = true;
    for (let round = 1; round <= 20; round++) {
      const answered = new Promise<void>((resolve) => (pinged = resolve));
      timers.tick(KEEPALIVE * 1000);
      await answered;
      assert.equal(pings, round);
      // What comes behind the answer has come after it.
      await receive();
    }
  });

  it("goes on after nudges, each a packet that the broker answers, also with two of them under way", async () => {
    answersPings = true;
    const answered = new Promise<void>((resolve) => (pinged = resolve));
    session.nudge();
    session.nudge();
    await answered;
    await receive();
    await session.close();
    assert.ok(pings > 0);
    assert.equal(await session.closed, undefined);
    session.nudge();
  });

  it("pings the broker however much comes: it ends who says nothing", async () => {
    answersPings = true;
    pinged = () => undefined;
    for (let second = 1; second <= 10 * KEEPALIVE; second++) {
      await receive();
      timers.tick(1000);
    }
    // It waits for one and a half keepalives.
    assert.ok(pings >= 10 / 1.5, `${pings} pings in 10 keepalives`);
  });
});
