/** Registering, against an agent that answers everything a forger could. */
import assert from "node:assert/strict";
import { readdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { inspect } from "node:util";
import { enrol, type EnrolmentOptions } from "../../src/identity/enrolment";
import { FolderIdentity } from "../../src/identity/folder-identity";
import { IotError } from "../../src/protocol/errors";
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
    assert.deepEqual(await readdir(identity.directory), ["identity.pem"]);
    assert.equal(session.steps.at(-1), "closed");
  });

  it("leaves the old identity as it was when the agent answers with an error", async () => {
    const identity = await registered();
    const session = new FakeSession((to) => to.sayError('{"errorMessage":"no","errorcode":25}'));
    await assert.rejects(enrol(optionsFor(session, { replace: true })), isError("AgentAnswer"));
    assert.equal((await identity.load())?.key, key);
    assert.equal(session.steps.at(-1), "closed");
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
