/**
 * The TLS matrix against whole agents (faults 24, 25, 27): each failure has its own name, and a server that was not
 * verified sees no MQTT. What a server receives byte by byte stands in test/transport/session.test.ts.
 */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { enrol } from "../../src/identity/enrolment";
import { FolderIdentity } from "../../src/identity/folder-identity";
import type { Identity } from "../../src/identity/identity";
import type { IotError } from "../../src/protocol/errors";
import { startSimulator, type BrokerName, type Simulator } from "../../src/simulator/index";
import { openSession, type ClientCredentials } from "../../src/transport/session";
import { Authority, type Issued } from "../support/agent/authority";
import { Mosquitto } from "../support/agent/mosquitto";
import { needs } from "../support/needs";

const KEY_THAT_IS_NONE = "-----BEGIN PRIVATE KEY-----\nbm9uZQ==\n-----END PRIVATE KEY-----\n";
const CLIENT_ID = "6d69c58223fb44a7b76ae61a18faf37c";

interface Attempt {
  port: number;
  ca: string;
  credentials?: ClientCredentials | undefined;
  host?: string;
  serverName?: string;
}

/** Opens a session and closes it; gives `connected`, or the name of the failure and the code that it was told from. */
async function attempt({
  port,
  ca,
  credentials,
  host = "localhost",
  serverName,
}: Attempt): Promise<string[]> {
  try {
    const session = await openSession({
      endpoint: { host, port, ca, ...(serverName === undefined ? {} : { serverName }) },
      ...(credentials === undefined ? {} : { credentials }),
      mqttClientId: "matrix",
      keepalive: 12,
      connectTimeout: 5000,
    });
    await session.close();
    return ["connected"];
  } catch (error) {
    const { name, details } = error as IotError;
    return [name, String(details.code ?? "")];
  }
}

describe("The TLS matrix with an agent that is not ours", function () {
  let authority: Authority;
  let namesake: Authority;
  let stranger: Authority;
  let client: Issued;
  const brokers: Mosquitto[] = [];

  before(async function () {
    needs(this, "mosquitto");
    [authority, namesake, stranger] = await Promise.all([
      Authority.make(),
      Authority.make(),
      Authority.make("Stranger"),
    ]);
    client = await authority.issue(CLIENT_ID);
  });
  afterEach(() => Promise.all(brokers.splice(0).map((broker) => broker.stop())));
  after(() => Promise.all([authority, namesake, stranger].map((made) => made?.remove())));

  /** A broker that writes down who says CONNECT to it. */
  async function start(
    by: Authority,
    lines: string[] = [],
    server?: Issued,
  ): Promise<{ port: number; log: string }> {
    const log = join(by.directory, `log-${brokers.length}-${Math.random()}`);
    const broker = await Mosquitto.start(by, [`log_dest file ${log}`, "log_type all", ...lines], server);
    brokers.push(broker);
    return { port: broker.port, log };
  }
  const hasSeenMqtt = async (log: string) => /as matrix/.test(await readFile(log, "utf8"));

  interface Row {
    title: string;
    wanted: readonly [name: string, code: RegExp];
    server: () => Promise<{ port: number; log: string }>;
    attempt?: () => Partial<Attempt> | Promise<Partial<Attempt>>;
  }
  const plain = () => start(authority);

  const UNVERIFIED: readonly Row[] = [
    {
      title: "another authority",
      wanted: ["ServerNotTrusted", /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+)$/],
      server: async () => start(stranger),
    },
    {
      title: "an authority of the same name",
      wanted: ["ServerNotTrusted", /^(SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_\w+|CERT_SIGNATURE_FAILURE)$/],
      server: async () => start(namesake),
    },
    {
      title: "another name",
      wanted: ["ServerNameMismatch", /^ERR_TLS_CERT_ALTNAME_INVALID$/],
      server: async () => start(authority, [], await authority.issue("other", { names: "DNS:other.local" })),
    },
    {
      title: "a name, where an address is asked for",
      wanted: ["ServerNameMismatch", /^ERR_TLS_CERT_ALTNAME_INVALID$/],
      server: plain,
      attempt: () => ({ host: "127.0.0.1" }),
    },
    {
      title: "a certificate that has ended",
      wanted: ["ServerCertificateExpired", /^CERT_HAS_EXPIRED$/],
      server: async () =>
        start(
          authority,
          [],
          await authority.issue("localhost", {
            names: "DNS:localhost",
            notBefore: "20200101000000Z",
            notAfter: "20210101000000Z",
          }),
        ),
    },
    {
      title: "no CA to trust it by",
      wanted: ["CaMissing", /^$/],
      server: plain,
      attempt: () => ({ ca: "" }),
    },
    {
      title: "a key of ours that does not fit the certificate",
      wanted: ["KeyMismatch", /VALUES_MISMATCH$/],
      server: plain,
      attempt: async () => {
        const { key } = await authority.issue(CLIENT_ID);
        return { credentials: { certificate: client.certificate, key } };
      },
    },
    {
      title: "a key of ours that is none",
      wanted: ["KeyUnreadable", /^ERR_OSSL_\w+$/],
      server: plain,
      attempt: () => ({ credentials: { certificate: client.certificate, key: KEY_THAT_IS_NONE } }),
    },
  ];
  for (const { title, wanted, server, attempt: more } of UNVERIFIED) {
    it(`says ${wanted[0]} to a server with ${title}, which sees no MQTT (fault 27)`, async () => {
      const { port, log } = await server();
      const credentials = { certificate: client.certificate, key: client.key };
      const [name, code] = await attempt({
        port,
        ca: authority.certificate,
        credentials,
        ...(await more?.()),
      });
      assert.equal(name, wanted[0], code);
      assert.match(code ?? "", wanted[1]);
      assert.equal(await hasSeenMqtt(log), false);
    });
  }

  const REFUSED: readonly Row[] = [
    {
      title: "no client certificate",
      wanted: ["ClientCertificateMissing", /CERTIFICATE_REQUIRED$/],
      server: plain,
      attempt: () => ({ credentials: undefined }),
    },
    {
      title: "a client certificate of another authority",
      wanted: ["ClientCertificateNotTrusted", /(UNKNOWN_CA|DECRYPT_ERROR)$/],
      server: plain,
      attempt: async () => ({ credentials: await stranger.issue(CLIENT_ID) }),
    },
    {
      title: "a client certificate of an authority of the same name",
      wanted: ["ClientCertificateNotTrusted", /(UNKNOWN_CA|DECRYPT_ERROR)$/],
      server: plain,
      attempt: async () => ({ credentials: await namesake.issue(CLIENT_ID) }),
    },
    {
      title: "a client certificate that has ended",
      wanted: ["ClientCertificateExpired", /EXPIRED$/],
      server: plain,
      attempt: async () => {
        const dates = { notBefore: "20200101000000Z", notAfter: "20210101000000Z" };
        return { credentials: await authority.issue(CLIENT_ID, dates) };
      },
    },
    {
      title: "a client certificate that was revoked",
      wanted: ["ClientCertificateRevoked", /REVOKED$/],
      server: async () => start(authority, [`crlfile ${await authority.revoke(client)}`]),
      attempt: () => ({ credentials: client }),
    },
  ];
  for (const { title, wanted, server, attempt: more } of REFUSED) {
    it(`says ${wanted[0]} where the server refuses ${title}`, async () => {
      const { port, log } = await server();
      const [name, code] = await attempt({ port, ca: authority.certificate, ...(await more?.()) });
      assert.equal(name, wanted[0], code);
      assert.match(code ?? "", wanted[1]);
      assert.equal(await hasSeenMqtt(log), false);
    });
  }

  it("connects where all is right, also by the name that is set in place of an address, and with two authorities", async () => {
    const { port, log } = await start(authority, [], await authority.issue("localhost"));
    const credentials = { certificate: client.certificate, key: client.key };
    const good = { port, ca: authority.certificate, credentials };
    assert.equal(await hasSeenMqtt(log), false);
    assert.deepEqual(await attempt(good), ["connected"]);
    assert.deepEqual(await attempt({ ...good, host: "127.0.0.1", serverName: "localhost" }), ["connected"]);
    assert.deepEqual(await attempt({ ...good, ca: stranger.certificate + good.ca }), ["connected"]);
    assert.equal(await hasSeenMqtt(log), true, "that is how it would look");
  });
});

for (const broker of ["embedded", "mosquitto"] as const satisfies readonly BrokerName[]) {
  describe(`The TLS matrix with the simulator, broker ${broker}`, function () {
    let directory: string;
    let simulator: Simulator;
    let other: Simulator;
    let ca: string;
    let identity: Identity;
    let foreign: Identity;

    before(async function () {
      if (broker === "mosquitto") needs(this, "mosquitto");
      directory = await mkdtemp(join(tmpdir(), "tviot-matrix-"));
      [simulator, other] = (await Promise.all(
        ["one", "two"].map((name) => startSimulator({ directory: join(directory, name), broker })),
      )) as [Simulator, Simulator];
      ca = await readFile(simulator.ca, "utf8");
      [identity, foreign] = (await Promise.all(
        [simulator, other].map(async (agent, index) =>
          enrol({
            endpoint: {
              host: "localhost",
              port: agent.registrationPort,
              ca: await readFile(agent.ca, "utf8"),
            },
            clientName: "matrix",
            identity: new FolderIdentity(join(directory, `identity ${index}`)),
          }),
        ),
      )) as [Identity, Identity];
    });
    after(async () => {
      await Promise.all([simulator?.stop(), other?.stop()]);
      if (directory) await rm(directory, { recursive: true, force: true });
    });

    const named = async (more: Partial<Attempt>): Promise<string | undefined> =>
      (await attempt({ port: simulator.port, ca, credentials: identity, ...more }))[0];

    it("connects where all is right", async () => {
      assert.equal(await named({}), "connected");
      assert.equal(await named({ host: "127.0.0.1", serverName: "localhost" }), "connected");
    });
    it("says ServerNotTrusted to an agent of another authority of the same name (fault 27)", async () => {
      assert.equal(await named({ ca: await readFile(other.ca, "utf8") }), "ServerNotTrusted");
    });
    it("says ServerNameMismatch to an agent of another name (fault 27)", async () => {
      assert.equal(await named({ serverName: "agent.local" }), "ServerNameMismatch");
    });
    it("says KeyMismatch and KeyUnreadable of a key that is not the certificate's (fault 27)", async () => {
      const { certificate } = identity;
      assert.equal(await named({ credentials: { certificate, key: foreign.key } }), "KeyMismatch");
      assert.equal(await named({ credentials: { certificate, key: KEY_THAT_IS_NONE } }), "KeyUnreadable");
    });
    it("says what the agent does not like about a client certificate (fault 27)", async () => {
      assert.equal(await named({ credentials: undefined }), "ClientCertificateMissing");
      assert.match((await named({ credentials: foreign })) ?? "", /^ClientCertificate(NotTrusted|Refused)$/);
    });
    it("says CaMissing without a CA, and asks nobody (fault 27)", async () => {
      assert.equal(await named({ ca: "" }), "CaMissing");
    });
  });
}
