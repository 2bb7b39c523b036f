/** What a real Mosquitto says of a client certificate (fault 24, fault 25, fault 27), which in TLS 1.3 it says after the handshake. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { IotError } from "../../src/protocol/errors";
import {
  openSession,
  sessionOpener,
  type ClientCredentials,
  type Session,
} from "../../src/transport/session";
import { Authority } from "../support/agent/authority";
import { Mosquitto } from "../support/agent/mosquitto";
import { needs } from "../support/needs";

describe("opening a session with Mosquitto", function () {
  let authority: Authority;
  const brokers: Mosquitto[] = [];

  before(async function () {
    needs(this, "mosquitto");
    authority = await Authority.make();
  });
  afterEach(() => Promise.all(brokers.splice(0).map((broker) => broker.stop())));
  after(() => authority?.remove());

  for (const version of ["tlsv1.3", "tlsv1.2"]) {
    describe(`over ${version}`, () => {
      it("opens with a certificate of the agent's authority, and receives what it subscribed", async () => {
        const broker = await start();
        const session = await open(broker, await authority.issue("a".repeat(32)));
        const received = new Promise<string>((resolve) => {
          session.onMessage = (topic, payload) => resolve(`${topic} ${payload.toString()}`);
        });
        await session.subscribe(["/v1.0/+/x", "/y"]);
        session.publish("/v1.0/a/x", "värde");
        assert.equal(await received, "/v1.0/a/x värde");
        await session.close();
      });

      it("says that a certificate is missing", async () => {
        await refused(await start(), undefined, "ClientCertificateMissing");
      });

      it("says that another authority signed it", async () => {
        const broker = await start();
        for (const name of ["TeamViewerAuthority", "Stranger"]) {
          const other = await Authority.make(name);
          await refused(broker, await other.issue("a".repeat(32)), "ClientCertificateNotTrusted");
          await other.remove();
        }
      });

      it("says that it has ended", async () => {
        const dates = { notBefore: "20200101000000Z", notAfter: "20210101000000Z" };
        await refused(
          await start(),
          await authority.issue("a".repeat(32), dates),
          "ClientCertificateExpired",
        );
      });

      it("says that it was revoked", async () => {
        const issued = await authority.issue("a".repeat(32));
        const broker = await start([`crlfile ${await authority.revoke(issued)}`]);
        await refused(broker, issued, "ClientCertificateRevoked");
      });
    });

    async function start(lines: string[] = []): Promise<Mosquitto> {
      const broker = await Mosquitto.start(authority, [`tls_version ${version}`, ...lines]);
      brokers.push(broker);
      return broker;
    }
  }

  it("keeps two authorities in one CA apart from none (fault 26)", async () => {
    const other = await Authority.make();
    const broker = await Mosquitto.start(authority);
    brokers.push(broker);
    const both = other.certificate + (await readFile(authority.certificateFile, "utf8"));
    const session = await open(broker, await authority.issue("a".repeat(32)), both);
    await session.close();
    await other.remove();
  });

  it("opens each session of a client with the certificate and the authority of that moment", async () => {
    const broker = await Mosquitto.start(authority);
    brokers.push(broker);
    const other = await Authority.make("Stranger");
    const [ours, foreign] = [await authority.issue("a".repeat(32)), await other.issue("a".repeat(32))];
    const opener = sessionOpener();
    for (const { credentials, ca, name } of [
      { credentials: ours },
      { credentials: ours },
      { credentials: foreign, name: "ClientCertificateNotTrusted" },
      { credentials: ours },
      { credentials: ours, ca: other.certificate, name: "ServerNotTrusted" },
      { credentials: ours },
    ]) {
      const opening = open(broker, credentials, ca, opener);
      if (name === undefined) await (await opening).close();
      else await assert.rejects(opening, { name });
    }
    await other.remove();
  });

  function open(
    { port }: Mosquitto,
    credentials?: ClientCredentials,
    ca = authority.certificate,
    opener = openSession,
  ): Promise<Session> {
    return opener({
      endpoint: { host: "localhost", port, ca },
      credentials,
      mqttClientId: "test",
      keepalive: 10,
      connectTimeout: 5000,
    });
  }

  async function refused(
    broker: Mosquitto,
    credentials: ClientCredentials | undefined,
    name: string,
  ): Promise<void> {
    await assert.rejects(open(broker, credentials), (error: IotError) => {
      assert.equal(error.name, name, error.message);
      return true;
    });
  }
});
