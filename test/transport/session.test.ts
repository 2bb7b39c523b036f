/** The TLS matrix (faults 8, 24, 25, 27, 28) against real servers: each failure its own name, and no byte of MQTT to one that was not verified. */
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from "node:net";
import { createServer, type TlsOptions } from "node:tls";
import { isCertain } from "../../src/transport/failures";
import { publishPacket } from "../../src/transport/packets";
import { openSession, type Session, type SessionOptions } from "../../src/transport/session";
import type { IotError } from "../../src/protocol/errors";
import { Authority, type Issued } from "../support/agent/authority";
import { freePort } from "../support/ports";

interface Listening {
  port: number;
  /** Bytes that came through TLS, or over plain TCP. */
  received(): number;
  stop(): Promise<void>;
}

describe("opening a session", () => {
  let authority: Authority;
  let other: Authority;
  let server: Issued;
  let client: Issued;
  const open: Listening[] = [];

  before(async function () {
    [authority, other] = await Promise.all([Authority.make(), Authority.make()]);
    [server, client] = await Promise.all([authority.issue("localhost"), authority.issue("c".repeat(32))]);
  });
  afterEach(() => Promise.all(open.splice(0).map((listening) => listening.stop())));
  after(() => Promise.all([authority.remove(), other.remove()]));

  it("refuses a server of an authority of the same name", async () => {
    const fake = await other.issue("localhost");
    await refused({ server: fake }, "ServerNotTrusted");
  });

  it("refuses a server whose authority is not the pinned one (fault 27)", async () => {
    const stranger = await Authority.make("Stranger");
    try {
      const certificate = await stranger.issue("localhost");
      await refused(
        { server: { ...certificate, certificate: certificate.certificate + stranger.certificate } },
        "ServerNotTrusted",
      );
    } finally {
      await stranger.remove();
    }
  });

  it("refuses a server of another name, and says which it has", async () => {
    const error = await refused(
      { server: await authority.issue("other", { names: "DNS:agent.local" }) },
      "ServerNameMismatch",
    );
    assert.match(error.message, /agent\.local/);
  });

  it("refuses an address where the certificate has only a name", async () => {
    await refused({ server }, "ServerNameMismatch", { host: "127.0.0.1" });
  });

  it("verifies the server name that was set in place of the host", async () => {
    const listening = await listen({ server });
    // The server says nothing once it was trusted.
    const error = await failure({
      ...{ listening, host: "127.0.0.1", serverName: "localhost" },
      connectTimeout: 2000,
    });
    assert.equal(error.name, "ConnectTimeout");
    assert.ok(listening.received() > 0, "MQTT began");
  });

  it("refuses a server whose certificate has ended", async () => {
    const old = await authority.issue("localhost", {
      notBefore: "20200101000000Z",
      notAfter: "20210101000000Z",
    });
    await refused({ server: old }, "ServerCertificateExpired");
  });

  it("refuses a server whose certificate is not valid yet", async () => {
    const early = await authority.issue("localhost", {
      notBefore: "20450101000000Z",
      notAfter: "20460101000000Z",
    });
    await refused({ server: early }, "ServerCertificateNotYetValid");
  });

  it("refuses a server that speaks nothing newer than TLS 1.1 (fault 28)", async () => {
    const tls = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;
    await refused({ server, tls }, "TlsVersion");
  });

  for (const [how, hangUp] of [
    ["at once", (socket: Socket) => socket.destroy()],
    ["at the first byte", (socket: Socket) => socket.once("data", () => socket.resetAndDestroy())],
    ["after the first byte", (socket: Socket) => socket.once("data", () => socket.end())],
  ] as const) {
    it(`does not pretend to know why a server hangs up ${how} (fault 57)`, async () => {
      const error = await refused({ tcp: hangUp }, "ClosedAtOnce", {}, true);
      assert.equal(error.retryable, true);
    });
  }

  it("says OpenSSL's reason where it has no code of its own: a certificate signed with SHA-1 (fault 56)", async () => {
    const weak = await authority.issue("localhost", { names: "DNS:localhost", digest: "sha1" });
    const tls = { ciphers: "DEFAULT@SECLEVEL=0" };
    const error = await refused({ server: weak, tls }, "ServerCertificateRefused");
    assert.match(error.message, /too weak/);
    assert.equal(error.retryable, false);
  });

  it("says OpenSSL's reason of a certificate that is not for servers (fault 56)", async () => {
    const wrong = await authority.issue("localhost", { names: "DNS:localhost", purpose: "clientAuth" });
    const error = await refused({ server: wrong }, "ServerCertificateRefused");
    assert.match(error.message, /purpose/);
  });

  it("says OpenSSL's reason of a certificate of ours that is too weak, and asks nobody (fault 56)", async () => {
    const weak = await authority.issue("c".repeat(32), { digest: "sha1" });
    const error = await refused({ server, credentials: weak }, "CertificateUnreadable", {}, true);
    assert.match(error.message, /too weak/);
  });

  it("takes a plain TCP port that talks for one without TLS", async () => {
    await refused({ tcp: (socket) => socket.write("220 ready\r\n") }, "NotTls", {}, true);
  });

  for (const maxVersion of ["TLSv1.3", "TLSv1.2"] as const) {
    const mutual = { requestCert: true, rejectUnauthorized: true, maxVersion } as const;

    it(`says that a client certificate is wanted (${maxVersion})`, async () => {
      await named({ server, tls: mutual, credentials: null }, "ClientCertificateMissing");
    });

    it(`says that another authority signed the client certificate (${maxVersion})`, async () => {
      const { certificate, key } = await other.issue("c".repeat(32));
      // A Node server hangs up without an alert: that the authority is the reason cannot be known.
      const error = await named(
        { server, tls: mutual, credentials: { certificate, key } },
        "ClientCertificateRefused",
      );
      assert.equal(isCertain(error), false);
    });
  }

  it("refuses a key that is not the certificate's", async () => {
    await refused(
      { server, credentials: { certificate: client.certificate, key: server.key } },
      "KeyMismatch",
    );
  });

  it("refuses a key that is none", async () => {
    const key = "-----BEGIN PRIVATE KEY-----\nbm9uZQ==\n-----END PRIVATE KEY-----\n";
    await refused({ server, credentials: { certificate: client.certificate, key } }, "KeyUnreadable");
  });

  it("refuses a key whose passphrase is wrong, without showing either", async () => {
    const { privateKey } = generateKeyPairSync("ec", {
      namedCurve: "prime256v1",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "right" },
    });
    const credentials = { certificate: client.certificate, key: privateKey, passphrase: "wrong-sentinel" };
    const error = await refused({ server, credentials }, "KeyUnreadable");
    assert.doesNotMatch(JSON.stringify(error) + error.stack, /wrong-sentinel/);
  });

  it("refuses to trust the public authorities for want of a CA", async () => {
    await refused({ server }, "CaMissing", { ca: " \n" });
  });

  it("says that nothing listens", async () => {
    const port = await freePort();
    await assert.rejects(openSession(options({ port })), { name: "ConnectionRefused" });
  });

  it("says that a host is not known", async () => {
    await assert.rejects(openSession(options({ port: 1, host: "no-such-host.invalid" })), {
      name: "HostNotFound",
    });
  });

  it("gives up on a server that accepts and says nothing, before TLS and after (fault 7)", async () => {
    await refused({ tcp: () => undefined, connectTimeout: 150 }, "ConnectTimeout", {}, true);
    await named({ server, connectTimeout: 300 }, "ConnectTimeout");
  });

  for (const [code, name, reason] of [
    [1, "BrokerRefused", "protocol"],
    [2, "BrokerRefused", "identifier"],
    [3, "BrokerUnavailable", undefined],
    [4, "BrokerRefused", "credentials"],
    [5, "BrokerRefused", "credentials"],
  ] as const) {
    it(`maps CONNACK ${code} (fault 8)`, async () => {
      const error = await named({ server, reply: () => [0x20, 2, 0, code] }, name);
      assert.equal(error.reason, reason);
    });
  }

  it("survives garbage in place of CONNACK", async () => {
    await failure({ server, reply: () => [0xff, 0xff, 0xff, 0xff, 0xff, 0xff] });
  });

  it("speaks MQTT 3.1 with a client ID of at most 23 characters", async () => {
    let connect = Buffer.alloc(0);
    const listening = await listen({ server, onData: (data) => (connect = Buffer.concat([connect, data])) });
    await failure({ listening, connectTimeout: 2000 });
    assert.equal(connect.subarray(4, 10).toString(), "MQIsdp");
    assert.equal(connect[10], 3);
  });

  it("ends the attempt at once when it is not wanted any more", async () => {
    const listening = await listen({ tcp: () => undefined });
    const abort = new AbortController();
    const attempt = openSession(options({ port: listening.port }), abort.signal);
    setImmediate(() => abort.abort());
    await assert.rejects(attempt, { name: "Closed" });
    await assert.rejects(openSession(options({ port: listening.port }), abort.signal), { name: "Closed" });
  });

  it("names a subscription that is refused (fault 9)", async () => {
    const ids: number[][] = [];
    const session = await accepted((id) => [0x90, 3, ...id, ids.push(id) === 2 ? 0x80 : 0]);
    await assert.rejects(session.subscribe(["/a", "/b/+"]), (error: IotError) => {
      assert.equal(error.name, "SubscriptionRefused");
      return error.message.includes("/b/+");
    });
    await session.close();
  });

  it("names a subscription that is never confirmed (fault 9)", async () => {
    const session = await accepted(() => [], { connectTimeout: 3000 });
    await assert.rejects(session.subscribe(["/a"]), { name: "SubscriptionTimeout" });
    await session.close();
  });

  it("tells of a silent peer, and destroys the socket (faults 3 and 4)", async () => {
    const session = await accepted(() => [], { keepalive: 1 });
    assert.equal((await session.closed)?.name, "AgentSilent");
  });

  it("ends when a packet is longer than it can be, or was not asked for, and says so (faults 41, 73 and 74)", async () => {
    const long = [0xff, 0xff, 0xff, 0x7f];
    await named({ server, reply: () => [0x20, ...long] }, "ProtocolViolation");
    for (const [reply, packet, reason] of [
      [[0x90, ...long], "SUBACK", "malformed"],
      [[0x34, 6, 0, 1, 0x74, 0, 9, 0x78], "PUBLISH, QoS 2", "unasked"],
      [[0xd0, 0], "PINGRESP", "unasked"],
      [[0x20, 2, 0, 0], "CONNACK", "unasked"],
    ] as const) {
      const session = await accepted(() => [...reply]);
      await assert.rejects(session.subscribe(["/a"]), { name: "ProtocolViolation" });
      const error = await session.closed;
      assert.equal(error?.textKey, `ProtocolViolation.${reason}`);
      assert.equal(error.details.packet, packet);
    }
  });

  it("asks its owner for what is long, keeps nothing of what is not wanted, and goes on (faults 41 and 53)", async () => {
    const text = "x".repeat(300 * 1024);
    const packets = ["/other", "/list", "/short"].map((topic) => [
      ...publishPacket(topic, topic === "/short" ? "x" : text),
    ]);
    const session = await accepted((id) => [...packets.flat(), 0x90, 3, ...id, 0]);
    const asked: [string, number][] = [];
    const came: [string, number][] = [];
    session.onLarge = (topic, bytes) => {
      asked.push([topic, bytes]);
      return topic === "/list";
    };
    session.onMessage = (topic, { length }) => came.push([topic, length]);
    await session.subscribe(["/#"]);
    assert.deepEqual(asked, [
      ["/other", text.length],
      ["/list", text.length],
    ]);
    assert.deepEqual(came, [
      ["/list", text.length],
      ["/short", 1],
    ]);
    await session.close();
  });

  it("closes for good, twice without harm, and publishes nothing afterwards", async () => {
    const session = await accepted(() => []);
    await Promise.all([session.close(), session.close()]);
    assert.equal(await session.closed, undefined);
    session.publish("/a", "b");
  });

  // ---- what the tests are made of

  interface Case {
    listening?: Listening;
    server?: Issued;
    tls?: TlsOptions;
    tcp?: (socket: Socket) => void;
    onData?: (data: Buffer) => void;
    /** What is sent back to a packet. */
    reply?: (packet: Buffer) => number[];
    credentials?: { certificate: string; key: string; passphrase?: string } | null;
    connectTimeout?: number;
    host?: string;
    serverName?: string;
    ca?: string;
    keepalive?: number;
  }

  async function listen({ server, tls, tcp, onData, reply }: Case): Promise<Listening> {
    let received = 0;
    const sockets = new Set<Socket>();
    const take = (socket: Socket) => {
      socket.on("error", () => undefined);
      socket.on("data", (data) => {
        received += data.length;
        onData?.(data);
        const answer = reply?.(data) ?? [];
        if (answer.length > 0) socket.write(Buffer.from(answer));
      });
    };
    const made: Server =
      tcp === undefined
        ? createServer(
            { cert: server?.certificate, key: server?.key, ca: authority.certificate, ...tls },
            take,
          )
        : createTcpServer((socket) => {
            take(socket);
            tcp(socket);
          });
    made.on("connection", (socket: Socket) => {
      sockets.add(socket);
      socket.on("error", () => undefined);
    });
    made.on("tlsClientError", () => undefined);
    await new Promise<void>((resolve) => made.listen(0, "localhost", resolve));
    const listening: Listening = {
      port: (made.address() as AddressInfo).port,
      received: () => received,
      stop: async () => {
        for (const socket of sockets) socket.destroy();
        if (made.listening) await new Promise((resolve) => made.close(resolve));
      },
    };
    open.push(listening);
    return listening;
  }

  function options(wanted: Case & { port: number }): SessionOptions {
    const { port, host = "localhost", ca = authority.certificate, serverName, credentials = client } = wanted;
    return {
      endpoint: { host, port, ca, serverName },
      credentials: credentials ?? undefined,
      mqttClientId: "test",
      keepalive: wanted.keepalive ?? 10,
      connectTimeout: wanted.connectTimeout ?? 5000,
    };
  }

  async function failure(wanted: Case): Promise<IotError> {
    const listening = wanted.listening ?? (await listen(wanted));
    return openSession(
      options({ ...wanted, connectTimeout: wanted.connectTimeout ?? 20_000, port: listening.port }),
    ).then(
      async (session) => {
        await session.close();
        assert.fail("it connected");
      },
      (error: IotError) => error,
    );
  }

  async function named(wanted: Case, name: string): Promise<IotError> {
    const error = await failure(wanted);
    assert.equal(error.name, name, error.message);
    return error;
  }

  /** Fails with this name, and the server got no byte of MQTT; over plain TCP it does get the first of TLS. */
  async function refused(wanted: Case, name: string, more: Case = {}, isPlain = false): Promise<IotError> {
    const listening = await listen(wanted);
    const error = await named({ ...wanted, ...more, listening }, name);
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (!isPlain) assert.equal(listening.received(), 0, "bytes of MQTT were sent");
    return error;
  }

  /** A session with a server that answers CONNECT, and SUBSCRIBE as told. */
  async function accepted(subscribed: (packetId: number[]) => number[], more: Case = {}): Promise<Session> {
    const reply = (packets: Buffer): number[] => {
      if (packets[0] === 0x10) return [0x20, 2, 0, 0];
      if (packets[0] !== 0x82) return [];
      const end = 2 + (packets[1] ?? 0);
      return [...subscribed([...packets.subarray(2, 4)]), ...reply(packets.subarray(end))];
    };
    const { port } = await listen({ server, reply });
    return openSession(options({ connectTimeout: 5000, ...more, port }));
  }
});
