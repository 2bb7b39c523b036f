/** Registering over real TLS and MQTT, with the simulated agent. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readCa } from "../../src/identity/ca";
import { enrol, type EnrolmentOptions } from "../../src/identity/enrolment";
import { FolderIdentity } from "../../src/identity/folder-identity";
import type { IotError } from "../../src/protocol/errors";
import { NO_FAULTS, startSimulator, type Simulator } from "../../src/simulator/index";
import { openSession } from "../../src/transport/session";
import { Authority } from "./authority";
import { isError, temporaryFolder } from "./expect";

describe("Registering with the simulated agent", () => {
  const folder = temporaryFolder();
  let directory: string;
  let simulator: Simulator;
  let ca: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "simulator-"));
    simulator = await startSimulator({ directory, port: 0, registrationPort: 0 });
    ca = await readCa({ file: simulator.ca });
  });
  afterEach(() => simulator.setFaults(NO_FAULTS));
  after(async () => {
    await simulator.stop();
    await rm(directory, { recursive: true });
  });

  const options = (more: Partial<EnrolmentOptions> = {}): EnrolmentOptions => ({
    endpoint: { host: "localhost", port: simulator.registrationPort, ca },
    clientName: "line-3",
    identity: new FolderIdentity(join(folder.path, "identity")),
    timeout: 60_000,
    ...more,
  });

  it("gives an identity that the agent then lets in", async () => {
    const identity = await enrol(options());
    const { certificate, key, clientId } = identity;
    const endpoint = { host: "localhost", port: simulator.port, ca };
    const session = await openSession({
      endpoint,
      credentials: { certificate, key },
      mqttClientId: "test",
      keepalive: 12,
      connectTimeout: 60_000,
    });
    const answer = new Promise((resolve) => {
      session.onMessage = (topic, payload) => resolve([topic, String(payload)]);
    });
    await session.subscribe([`/v1.0/${clientId}/ping/info/inbox`]);
    session.publish(`/v1.0/${clientId}/ping`, '{"request":"hello"}');
    assert.deepEqual(await answer, [`/v1.0/${clientId}/ping/info/inbox`, '{"answer":"hello"}']);
    await session.close();
  });

  const errors: [number, string][] = [
    [20, "CertificateFormatError"],
    [21, "CertificateIsEmptyError"],
    [22, "CertificateWithoutCommonName"],
    [25, "InvalidClientName"],
  ];
  for (const [code, name] of errors) {
    it(`ends with ${name} when it answers error ${code}, and keeps nothing`, async () => {
      simulator.setFaults({ answerWith: code });
      const enrolment = options({ timeout: 1500 });
      await assert.rejects(enrol(enrolment), (error: IotError) => error.name === name && error.code === code);
      assert.equal(await enrolment.identity.load(), undefined);
    });
  }

  it("takes its certificate once when the answer comes twice", async () => {
    simulator.setFaults({ repeat: 1 });
    const enrolment = options();
    const { fingerprint } = await enrol(enrolment);
    assert.equal((await enrolment.identity.load())?.fingerprint, fingerprint);
  });

  it("says that there was no answer when the answer is lost", async () => {
    simulator.setFaults({ lose: 1 });
    await assert.rejects(enrol(options({ timeout: 1000 })), isError("ReplyTimeout"));
  });

  it("sends nothing to a server of another authority", async () => {
    const { requests } = simulator.counts;
    const endpoint = { ...options().endpoint, ca: new Authority().certificate };
    await assert.rejects(enrol(options({ endpoint })), isError("ServerNotTrusted"));
    assert.equal(simulator.counts.requests, requests);
  });

  it("tells the port for clients from the port for registering", async () => {
    const endpoint = { ...options().endpoint, port: simulator.port };
    await assert.rejects(enrol(options({ endpoint })), isError("ClientCertificateMissing"));
  });

  it("makes a new client when the identity is replaced", async () => {
    const { clients } = simulator.counts;
    const first = await enrol(options());
    await assert.rejects(enrol(options()), isError("AlreadyRegistered"));
    const second = await enrol(options({ replace: true }));
    assert.notEqual(second.clientId, first.clientId);
    assert.equal(simulator.counts.clients, clients + 2);
  });
});
