/** Registering, against an agent that answers everything a forger could. */
import assert from "node:assert/strict";
import { mkdirSync, readdirSync } from "node:fs";
import { readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { enrol, type EnrolmentOptions } from "../../src/identity/enrolment";
import { FolderIdentity } from "../../src/identity/folder-identity";
import { IotError } from "../../src/protocol/errors";
import type { Identity } from "../../src/identity/identity";
import type { OpenSession } from "../../src/transport/session";
import { Authority, newKey } from "./authority";
import { isError, temporaryFolder } from "./expect";
import { FakeSession } from "./fake-session";

const authority = new Authority();
const key = newKey();
const certificate = authority.issue(key);

describe("Registering", () => {
  const folder = temporaryFolder();
  const good = (session: FakeSession, csr: string) => session.say(authority.answer(csr));
  const silent = () => undefined;

  function optionsFor(session: FakeSession, more: Partial<EnrolmentOptions> = {}): EnrolmentOptions {
    return {
      endpoint: { host: "localhost", port: 18883, ca: authority.certificate },
      clientName: "line-3",
      identity: new FolderIdentity(join(folder.path, "identity")),
      openSession: session.open,
      ...more,
    };
  }

  /** The folder with an identity in it. */
  async function registered(): Promise<FolderIdentity> {
    const identity = new FolderIdentity(join(folder.path, "identity"));
    await identity.save({ key, certificate });
    return identity;
  }

  it("listens before it publishes, on both topics of the request's hash, and goes", async () => {
    const session = new FakeSession(good);
    await enrol(optionsFor(session));
    assert.deepEqual(session.steps, ["subscribed", "published /v1.0/createClient", "closed"]);
    assert.deepEqual([...session.filters].sort(), [
      `/certBack/${session.hash}`,
      `/certBack/${session.hash}/error`,
    ]);
  });

  it("connects without a client certificate, under a name of its own that MQTT 3.1 allows", async () => {
    const session = new FakeSession(good);
    const options = optionsFor(session, { timeout: 5000 });
    const { key: secret } = await enrol(options);
    assert.equal(session.options?.credentials, undefined);
    assert.equal(session.options?.endpoint, options.endpoint);
    assert.equal(session.options.connectTimeout, 5000);
    assert.match(session.options.mqttClientId, /^[a-z0-9-]{1,23}$/);
    assert.match(session.csr, /^-----BEGIN CERTIFICATE REQUEST-----\n/);
    assert.ok(!session.csr.includes(secret.slice(800, 840)), "the private key stays here");
  });

  it("gives the identity and keeps it", async () => {
    const options = optionsFor(new FakeSession(good));
    const identity = await enrol(options);
    assert.equal(identity.clientId, "06a9d9219eb497c995216e130ab67480");
    const kept = await new FolderIdentity(options.identity.directory).load();
    assert.equal(kept?.fingerprint, identity.fingerprint);
    assert.equal(kept.key, identity.key);
  });

  it("asks for a client name that the agent accepts, before anything is made", async () => {
    const session = new FakeSession(good);
    await assert.rejects(
      enrol(optionsFor(session, { clientName: "Linie 3" })),
      isError("InvalidInput.characters"),
    );
    assert.deepEqual(session.steps, []);
    assert.deepEqual(await readdir(folder.path), []);
  });

  it("does not register again over an identity", async () => {
    await registered();
    const session = new FakeSession(good);
    await assert.rejects(
      enrol(optionsFor(session)),
      (error: Error) =>
        isError("AlreadyRegistered")(error) && error.message.includes("06a9d9219eb497c995216e130ab67480"),
    );
    assert.deepEqual(session.steps, []);
  });

  it("replaces an identity when told to, and keeps the old one aside", async () => {
    const identity = await registered();
    const before = await identity.load();
    const answer = (session: FakeSession, csr: string) =>
      session.say(authority.answer(csr, { clientId: "renewed" }));
    await enrol(optionsFor(new FakeSession(answer), { replace: true }));
    assert.equal((await identity.load())?.clientId, "renewed");
    const [kept] = (await readdir(identity.directory)).filter((name) => name !== "identity.pem");
    assert.match(kept ?? "", /^identity-\d{4}-.*\.pem$/);
    assert.equal(before?.clientId, "06a9d9219eb497c995216e130ab67480");
  });

  it("does not take an identity that cannot be read for none, but replaces it when told to", async () => {
    const identity = await registered();
    await writeFile(join(identity.directory, "identity.pem"), "damaged");
    const session = new FakeSession(good);
    await assert.rejects(enrol(optionsFor(session)), isError("IdentityUnreadable.content"));
    assert.deepEqual(session.steps, []);
    assert.ok(await enrol(optionsFor(session, { replace: true })));
  });

  it("makes no client when its folder cannot be written", async () => {
    const file = join(folder.path, "file");
    await writeFile(file, "");
    const session = new FakeSession(good);
    const identity = new FolderIdentity(join(file, "identity"));
    await assert.rejects(
      enrol(optionsFor(session, { identity, replace: true })),
      isError("IdentityUnwritable"),
    );
    assert.deepEqual(session.steps, []);
  });

  if (process.platform !== "win32") {
    it("makes no client when the identity that it would replace is a link to somewhere", async () => {
      const identity = await registered();
      const elsewhere = join(folder.path, "elsewhere.pem");
      await rename(join(identity.directory, "identity.pem"), elsewhere);
      await symlink(elsewhere, join(identity.directory, "identity.pem"));
      const session = new FakeSession(good);
      await assert.rejects(enrol(optionsFor(session, { replace: true })), isError("IdentityUnwritable"));
      assert.deepEqual(session.steps, []);
    });
  }

  it("leaves nothing but the identity in its folder", async () => {
    const options = optionsFor(new FakeSession(good));
    await enrol(options);
    assert.deepEqual(await readdir(options.identity.directory), ["identity.pem"]);
  });

  it("runs once at a time for one folder", async () => {
    const session = new FakeSession(silent);
    const first = enrol(optionsFor(session));
    await assert.rejects(enrol(optionsFor(new FakeSession(good))), isError("RegistrationRunning"));
    session.end(
      new IotError("ConnectionLost", { reason: "session", details: { host: "localhost", port: 1 } }),
    );
    await assert.rejects(first);
    assert.ok(await enrol(optionsFor(new FakeSession(good))), "and again after its end");
  });

  it("runs at the same time for different folders", async () => {
    const identities = ["a", "b"].map((name) => new FolderIdentity(join(folder.path, name)));
    const all = identities.map((identity) => enrol(optionsFor(new FakeSession(good), { identity })));
    const [a, b] = await Promise.all(all);
    assert.notEqual(a?.fingerprint, b?.fingerprint);
  });

  it("leaves the old identity as it was when the new certificate is not to be believed", async () => {
    const identity = await registered();
    const fake = new Authority();
    const session = new FakeSession((to, csr) => to.say(fake.answer(csr)));
    await assert.rejects(enrol(optionsFor(session, { replace: true, timeout: 50 })), (error: Error) => {
      assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /PRIVATE KEY/);
      return isError("CertificateRejected.issuer")(error);
    });
    assert.equal((await identity.load())?.key, key);
    const [own, kept, ...others] = (await readdir(identity.directory)).sort();
    assert.deepEqual([own, others], ["identity.pem", []]);
    assert.match(kept ?? "", /^refused-[0-9a-f]{16}\.pem$/);
    assert.equal(session.steps.at(-1), "closed");
  });

  it("leaves the old identity as it was when the agent answers with an error", async () => {
    const identity = await registered();
    const session = new FakeSession((to) => to.sayError('{"errorMessage":"no","errorcode":25}'));
    const options = optionsFor(session, { replace: true, timeout: 50 });
    await assert.rejects(enrol(options), isError("AgentAnswer"));
    assert.equal((await identity.load())?.key, key);
    assert.equal(session.steps.at(-1), "closed");
  });

  it("keeps the identity that comes after an error that was told: it was forged, or not the last word (fault 79)", async () => {
    const wrong = JSON.stringify({ errorMessage: "no", errorcode: 1 });
    const session = new FakeSession((to) => to.sayError(wrong));
    let came!: (identity: Identity) => void;
    const late = new Promise<Identity>((resolve) => (came = resolve));
    const options = optionsFor(session, { grace: 1, late: came });
    await assert.rejects(enrol(options), (error: IotError) => error.name === "NoBackendConnection");
    assert.ok(!session.steps.includes("closed"));
    session.say(authority.answer(session.csr));
    const { fingerprint } = await late;
    assert.equal((await options.identity.load())?.fingerprint, fingerprint);
    assert.deepEqual(session.steps, ["subscribed", "published /v1.0/createClient", "closed"]);
  });

  it("replaces no identity that was made after an error that was told (fault 79)", async () => {
    const wrong = JSON.stringify({ errorMessage: "no", errorcode: 1 });
    const session = new FakeSession((to) => to.sayError(wrong));
    const options = optionsFor(session, { grace: 1, late: () => assert.fail("it was taken") });
    await assert.rejects(enrol(options), (error: IotError) => error.name === "NoBackendConnection");
    const other = await registered();
    session.say(authority.answer(session.csr, { clientId: "late" }));
    const outcome = () =>
      enrol(options).then(
        () => "",
        (error: IotError) => error.name,
      );
    let name = await outcome();
    while (name === "RegistrationRunning") {
      await new Promise(setImmediate);
      name = await outcome();
    }
    assert.equal(name, "AlreadyRegistered");
    assert.equal((await other.load())?.clientId, "06a9d9219eb497c995216e130ab67480");
  });

  it("tells why it could not connect", async () => {
    const refused = new IotError("ConnectionRefused", { details: { host: "localhost", port: 18883 } });
    const openSession: OpenSession = () => Promise.reject(refused);
    await assert.rejects(
      enrol({ ...optionsFor(new FakeSession(silent)), openSession }),
      isError("ConnectionRefused"),
    );
  });

  it("that is broken off before it connects opens nothing", async () => {
    const session = new FakeSession(good);
    const signal = AbortSignal.abort();
    await assert.rejects(enrol(optionsFor(session, { signal })), isError("Closed.unsent"));
    assert.equal(session.options, undefined);
  });

  it("that is broken off while it waits goes, and says that the request was sent", async () => {
    const abort = new AbortController();
    const session = new FakeSession(() => abort.abort());
    await assert.rejects(enrol(optionsFor(session, { signal: abort.signal })), isError("Closed.sent"));
    assert.equal(session.steps.at(-1), "closed");
  });

  it("that is broken off after the certificate came keeps it: the agent has made the client", async () => {
    const abort = new AbortController();
    const session = new FakeSession((to, csr) => {
      good(to, csr);
      abort.abort();
    });
    const options = optionsFor(session, { signal: abort.signal });
    await enrol(options);
    assert.ok(await options.identity.load());
  });
});

describe("An agent that has made a client (fault 48)", () => {
  const folder = temporaryFolder();
  const YEAR = 365 * 24 * 60 * 60_000;
  const stranger = new Authority("Stranger");
  const optionsFor = (session: FakeSession, more: Partial<EnrolmentOptions> = {}): EnrolmentOptions => ({
    endpoint: { host: "localhost", port: 18883, ca: authority.certificate },
    clientName: "line-3",
    // As after a restart: what is remembered is on the disk.
    identity: new FolderIdentity(join(folder.path, "identity")),
    openSession: session.open,
    unattended: true,
    timeout: 50,
    ...more,
  });
  const good = (session: FakeSession, csr: string) => session.say(authority.answer(csr));
  const asked = (session: FakeSession) => session.steps.filter((step) => step.startsWith("published")).length;

  for (const [how, from] of [
    ["behind", Date.now() + YEAR],
    ["ahead of", Date.now() - 2 * YEAR],
  ] as const) {
    it(`is believed though our clock is ${how} its own`, async () => {
      const validity = { from: new Date(from), to: new Date(from + YEAR) };
      const session = new FakeSession((to, csr) => to.say(authority.answer(csr, validity)));
      const { fingerprint } = await enrol(optionsFor(session));
      assert.equal((await optionsFor(session).identity.load())?.fingerprint, fingerprint);
      await assert.rejects(enrol(optionsFor(session)), isError("AlreadyRegistered"));
      assert.equal(asked(session), 1);
    });
  }

  const refusals: [string, (session: FakeSession, csr: string) => void, string][] = [
    ["names no client", (to, csr) => to.say(authority.answer(csr, { clientId: "line 3" })), "name"],
    ["is an authority's", (to, csr) => to.say(authority.answer(csr, { authority: true })), "authority"],
    ["is of another authority", (to, csr) => to.say(stranger.answer(csr)), "issuer"],
    ["is for another key", (to) => to.say(authority.issue(key)), "key"],
    [
      "cannot be read",
      (to) => to.say("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"),
      "format",
    ],
  ];
  for (const [what, answer, reason] of refusals) {
    it(`whose certificate ${what} is asked for another one by a person only`, async () => {
      const first = new FakeSession(answer);
      await assert.rejects(enrol(optionsFor(first)), isError(`CertificateRejected.${reason}`));
      const again = new FakeSession(good);
      for (let attempt = 0; attempt < 3; attempt++) {
        await assert.rejects(enrol(optionsFor(again)), isError(`CertificateRejected.${reason}`));
      }
      assert.deepEqual([asked(first), asked(again)], [1, 0]);
      const options = optionsFor(again, { unattended: false });
      assert.ok(await enrol(options));
      assert.deepEqual(await readdir(options.identity.directory), ["identity.pem"]);
    });
  }

  it("is not asked again when somebody gives the CA that its certificate fits", async () => {
    const first = new FakeSession((to, csr) => to.say(stranger.answer(csr, { clientId: "kept" })));
    await assert.rejects(enrol(optionsFor(first)), isError("CertificateRejected.issuer"));
    const ca = authority.certificate + stranger.certificate;
    const options = optionsFor(new FakeSession(good), { endpoint: { host: "localhost", port: 18883, ca } });
    assert.equal((await enrol(options)).clientId, "kept");
    assert.deepEqual(await readdir(options.identity.directory), ["identity.pem"]);
  });

  it("is no other agent's hindrance", async () => {
    const first = new FakeSession((to, csr) => to.say(stranger.answer(csr)));
    await assert.rejects(enrol(optionsFor(first)), isError("CertificateRejected.issuer"));
    const other = new Authority("Other");
    const endpoint = { host: "localhost", port: 18883, ca: other.certificate };
    const session = new FakeSession((to, csr) => to.say(other.answer(csr)));
    assert.ok(await enrol(optionsFor(session, { endpoint })));
  });

  it("and answers late is believed in the next attempt, which asks for the same", async () => {
    const silent = new FakeSession(() => undefined);
    await assert.rejects(enrol(optionsFor(silent)), isError("ReplyTimeout"));
    const session = new FakeSession((to) => good(to, silent.csr));
    assert.ok(await enrol(optionsFor(session)));
    assert.equal(session.csr, silent.csr);
  });

  it("is not asked again when its certificate could not be written", async () => {
    const options = optionsFor(new FakeSession(() => undefined));
    const obstacle = join(options.identity.directory, "identity.pem", "obstacle");
    const session = new FakeSession((to, csr) => {
      mkdirSync(obstacle, { recursive: true });
      good(to, csr);
    });
    await assert.rejects(enrol({ ...options, openSession: session.open }), isError("IdentityUnwritable"));
    await rm(join(options.identity.directory, "identity.pem"), { recursive: true });
    const again = new FakeSession(good);
    assert.ok(await enrol(optionsFor(again)));
    assert.deepEqual([asked(session), asked(again)], [1, 0]);
  });

  it("finds room on the disk for what it answers, which is given back when it does not", async () => {
    const files: string[][] = [];
    const options = optionsFor(new FakeSession(() => undefined));
    const look = () => files.push(readdirSync(options.identity.directory));
    const session = new FakeSession(() => look());
    await assert.rejects(enrol({ ...options, openSession: session.open }), isError("ReplyTimeout"));
    look();
    assert.deepEqual(files, [["reserve"], []]);
  });
});
