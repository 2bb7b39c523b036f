/** The connection test, against the simulator on both of its brokers: where each kind of mistake shows, and how. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  testConnection,
  type StepName,
  type TestEvent,
  type TestSubject,
} from "../../src/client/connection-test";
import { readCa } from "../../src/identity/ca";
import { enrol } from "../../src/identity/enrolment";
import { FolderIdentity } from "../../src/identity/folder-identity";
import { startSimulator } from "../../src/simulator/index";
import { Authority } from "../support/agent/authority";
import { freePorts } from "../support/ports";
import { useSimulator } from "../support/simulator";

type Ended = Exclude<TestEvent, { outcome: "begun" }>;

describe("The connection test", () => {
  for (const broker of ["embedded", "mosquitto"] as const) {
    describe(`of an agent on the ${broker} broker`, () => {
      const simulator = useSimulator({ broker });
      let folder: string;
      let unknown: FolderIdentity;
      let registered: FolderIdentity;

      before(async () => {
        folder = await mkdtemp(join(tmpdir(), "tviot-test-"));
        unknown = new FolderIdentity(join(folder, "unknown"));
        registered = new FolderIdentity(join(folder, "registered"));
        const { registrationPort: port, ca } = simulator.current;
        const endpoint = { host: "localhost", port, ca: await readCa({ file: ca }) };
        await enrol({ endpoint, clientName: "press", identity: registered });
      });
      after(() => rm(folder, { recursive: true, force: true }));

      function subject(
        changes: Partial<Record<"host" | "ca", string> & Record<"port" | "registrationPort", number>> = {},
      ): TestSubject {
        const { port, registrationPort, ca } = {
          ...simulator.current,
          port: simulator.current.port,
          registrationPort: simulator.current.registrationPort,
          ca: simulator.current.ca,
          ...changes,
        };
        const { host = "localhost" } = changes;
        const to = (port: number) => async () => ({ host, port, ca: await readCa({ file: ca }) });
        return {
          endpoint: to(port),
          registration: to(registrationPort),
          identity: registered,
          patience: 30_000,
        };
      }

      it("goes through all steps, and says what it saw", async () => {
        const events = await ended(subject());
        assert.deepEqual(
          events.map(({ step, outcome }) => `${step} ${outcome}`),
          ["settings", "name", "network", "encryption", "identity", "answer"].map((step) => `${step} passed`),
        );
        const facts = Object.assign({}, ...events.map(({ facts }) => facts)) as Ended["facts"];
        assert.equal(facts.port, simulator.current.port);
        assert.match(facts.protocol ?? "", /^TLSv1\.[23]$/);
        assert.equal(facts.certificate?.issuer, "TeamViewerAuthority");
        assert.match(facts.certificate?.names ?? "", /localhost/);
        assert.equal(facts.clientId, (await registered.load())?.clientId);
      });

      it("ends well with a port for registering that lets us in, when there is no client yet", async () => {
        const events = await ended({ ...subject(), identity: unknown });
        assert.deepEqual([events.at(-1)?.step, events.at(-1)?.outcome], ["identity", "passed"]);
        assert.equal(events.at(-1)?.facts.clientId, undefined);
      });

      for (const [who, identity] of [
        ["a client", () => registered],
        ["nobody yet", () => unknown],
      ] as const) {
        it(`recognises swapped ports as such, for ${who}`, async () => {
          const { port, registrationPort } = simulator.current;
          const last = await failure({
            ...subject({ port: registrationPort, registrationPort: port }),
            identity: identity(),
          });
          assert.equal(last.error.name, "PortsSwapped");
          assert.deepEqual(
            [last.error.details.port, last.error.details.registrationPort],
            [registrationPort, port],
          );
        });
      }

      it("shows the certificate of a server that another authority has signed", async () => {
        const other = await otherAuthority(folder);
        const last = await failure(subject({ ca: other }));
        assert.deepEqual([last.step, last.error.name], ["encryption", "ServerNotTrusted"]);
        assert.equal(last.facts.certificate?.issuer, "TeamViewerAuthority");
      });
    });
  }

  describe("without an agent", () => {
    it("ends at the step that fails", async () => {
      const [closed = 0] = await freePorts(1);
      const silent = createServer((socket) => socket.on("error", () => undefined)).listen(0, "localhost");
      await new Promise((listening) => silent.once("listening", listening));
      const { port } = silent.address() as AddressInfo;
      const cases: [step: StepName, name: string, host: string, port: number, patience?: number][] = [
        ["name", "HostNotFound", "no-such-host.invalid", closed],
        ["network", "ConnectionRefused", "localhost", closed],
        ["encryption", "ConnectTimeout", "localhost", port, 700],
      ];
      for (const [step, name, host, port, patience = 60_000] of cases) {
        const to = () => Promise.resolve({ host, port, ca: "-----" });
        const identity = { load: () => Promise.resolve(undefined), canRegister: true };
        const last = await failure({ endpoint: to, registration: to, identity, patience });
        assert.deepEqual([last.step, last.error.name], [step, name]);
      }
      silent.close();
    });

    it("survives a server whose certificate has no date and a name that commands a terminal", async () => {
      const authority = await Authority.make("evil\u202e\u001b[2J");
      const { certificate, key } = await authority.issue("evil\u202e", { names: "DNS:localhost" });
      const server = createTlsServer({ key, cert: withoutDate(certificate) }).listen(0, "localhost");
      server.on("tlsClientError", () => undefined);
      await new Promise((listening) => server.once("listening", listening));
      const { port } = server.address() as AddressInfo;
      const to = () => Promise.resolve({ host: "localhost", port, ca: authority.certificate });
      const identity = { load: () => Promise.resolve(undefined), canRegister: true };
      const last = await failure({ endpoint: to, registration: to, identity, patience: 30_000 });
      assert.equal(last.step, "encryption");
      assert.equal(last.facts.certificate?.validTo, "");
      for (const text of Object.values<string>({ ...last.facts.certificate }))
        assert.doesNotMatch(text, /\p{Cc}|\p{Cf}/u);
      server.close();
      await authority.remove();
    });
  });
});

/** Its last date becomes one that no calendar has; the signature does not fit any more. */
function withoutDate(pem: string): string {
  const bytes = Buffer.from(pem.replace(/-----.*-----|\s/g, ""), "base64");
  // UTCTime of 13 characters: when it begins, and when it ends.
  const last = bytes.lastIndexOf(Buffer.from([0x17, 13]));
  bytes.write("269999999999Z", last + 2, "latin1");
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

async function ended(subject: TestSubject): Promise<Ended[]> {
  const events: Ended[] = [];
  for await (const event of testConnection(subject, new AbortController().signal)) {
    if (event.outcome !== "begun") events.push(event);
  }
  return events;
}

async function failure(subject: TestSubject): Promise<Ended & { outcome: "failed" }> {
  const last = (await ended(subject)).at(-1);
  assert.ok(last?.outcome === "failed", JSON.stringify(last));
  return last;
}

async function otherAuthority(folder: string): Promise<string> {
  const other = await startSimulator({ directory: join(folder, "other") });
  await other.stop();
  return other.ca;
}
