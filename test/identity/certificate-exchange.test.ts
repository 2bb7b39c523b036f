/** The exchange of a signing request for a certificate, where anybody can answer. */
import assert from "node:assert/strict";
import { certificateCheck } from "../../src/identity/certificate";
import { requestCertificate } from "../../src/identity/certificate-exchange";
import { createSigningRequest, type SigningRequest } from "../../src/identity/signing-request";
import { IotError } from "../../src/protocol/errors";
import { Authority, newKey } from "./authority";
import { isError } from "./expect";
import { FakeSession } from "./fake-session";

describe("The exchange of a signing request for a certificate", () => {
  const authority = new Authority();
  const fake = new Authority();
  const key = newKey();
  const otherKey = newKey();
  let request: SigningRequest;
  before(async () => {
    request = await createSigningRequest("line-3", key);
  });
  const certificate = authority.issue(key);

  const exchange = (session: FakeSession, timeout = 240_000, signal?: AbortSignal) =>
    requestCertificate(session, request, {
      check: certificateCheck({ key, ca: authority.certificate }),
      timeout,
      signal,
    });

  const right = (session: FakeSession) => session.say(certificate);
  const error = (code: number) => JSON.stringify({ errorMessage: "no", errorcode: code });

  it("publishes exactly the bytes whose hash names the topics", async () => {
    const session = new FakeSession(right);
    assert.equal(await exchange(session), certificate);
    assert.equal(session.csr, request.csr);
    assert.deepEqual([...session.filters], [`/certBack/${request.hash}`, `/certBack/${request.hash}/error`]);
    assert.deepEqual(session.steps, ["subscribed", "published /v1.0/createClient"]);
  });

  it("takes the certificate with text and bytes around it, and on one line as the document prints it", async () => {
    for (const answer of [`Yours:\n${certificate}\u0000bye`, certificate.replaceAll("\n", " ")]) {
      assert.equal(await exchange(new FakeSession((to) => to.say(answer))), certificate);
    }
  });

  it("takes the first of two right certificates", async () => {
    const session = new FakeSession((to) => {
      to.say(certificate);
      to.say(authority.issue(key, { clientId: "second" }));
    });
    assert.equal(await exchange(session), certificate);
  });

  const errors: [number, string][] = [
    [20, "CertificateFormatError"],
    [21, "CertificateIsEmptyError"],
    [22, "CertificateWithoutCommonName"],
    [25, "InvalidClientName"],
    [1, "NoBackendConnection"],
    [99, "UnknownError"],
  ];
  for (const [code, name] of errors) {
    it(`ends with ${name} when the agent answers error ${code} and nothing better in time`, async () => {
      await assert.rejects(
        exchange(new FakeSession((to) => to.sayError(error(code))), 20),
        (thrown: IotError) => {
          assert.equal(thrown.name, name);
          assert.equal(thrown.code, code);
          assert.equal(thrown.operation, "createClient");
          return true;
        },
      );
    });
  }

  const forgeries: [string, (session: FakeSession) => void, string][] = [
    ["a certificate for another key", (to) => to.say(authority.issue(otherKey)), "CertificateRejected.key"],
    [
      "a certificate of a fake authority of the same name",
      (to) => to.say(fake.issue(key)),
      "CertificateRejected.issuer",
    ],
    ["an error", (to) => to.sayError(error(22)), "AgentAnswer"],
    ["two errors", (to) => [20, 22].forEach((code) => to.sayError(error(code))), "AgentAnswer"],
    [
      "a certificate that names no client ID",
      (to) => to.say(authority.issue(key, { clientId: "line 3" })),
      "CertificateRejected.name",
    ],
    [
      "an authority's certificate",
      (to) => to.say(authority.issue(key, { authority: true })),
      "CertificateRejected.authority",
    ],
    [
      "a broken certificate",
      (to) => to.say("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
      "CertificateRejected.format",
    ],
    ["text", (to) => to.say("hello"), "BadReply"],
    ["an empty message", (to) => to.say(""), "BadReply"],
    ["an error that is no error", (to) => to.sayError("hello"), "BadReply"],
    ["5 MB", (to) => to.say(certificate + "#".repeat(5_000_000)), "ReplyTimeout"],
    ["5 MB of error", (to) => to.sayError(error(20) + " ".repeat(5_000_000)), "ReplyTimeout"],
    [
      "the certificate on another request's topic",
      (to) => to.onMessage(`/certBack/${"0".repeat(64)}`, Buffer.from(certificate)),
      "ReplyTimeout",
    ],
    ["silence", () => undefined, "ReplyTimeout"],
  ];

  for (const [what, answer, textKey] of forgeries) {
    it(`does not take ${what}, and says so when the time is up`, async () => {
      await assert.rejects(exchange(new FakeSession(answer), 20), isError(textKey));
    });

    it(`takes the right certificate that comes after ${what}`, async () => {
      const session = new FakeSession((to) => {
        answer(to);
        setImmediate(() => right(to));
      });
      assert.equal(await exchange(session), certificate);
    });
  }

  it("takes the right certificate after 3,000 forged ones and 3,000 errors (fault 79)", async () => {
    const forged = Array.from({ length: 30 }, (_, index) =>
      (index % 2 === 0 ? fake : authority).issue(index % 3 === 0 ? key : otherKey, {
        clientId: `forged${index}`,
      }),
    ).map((pem, index) => (index % 3 === 0 && index % 2 === 1 ? fake.issue(key) : pem));
    let checked = 0;
    const check = certificateCheck({ key, ca: authority.certificate });
    const session = new FakeSession((to) => {
      for (let count = 0; count < 3000; count++) {
        to.say(forged[count % forged.length]!);
        to.sayError(error(20 + (count % 3)));
      }
      right(to);
    });
    const answer = await requestCertificate(session, request, {
      check: (text) => {
        checked++;
        return check(text);
      },
      timeout: 240_000,
    });
    assert.equal(answer, certificate);
    assert.equal(checked, 3001);
  });

  it("does little for a message of many certificates, and nothing for one that is longer than PEM is (fault 79)", async () => {
    const texts: string[] = [];
    const check = certificateCheck({ key, ca: authority.certificate });
    const session = new FakeSession((to) => {
      to.say(authority.issue(otherKey).repeat(40) + certificate);
      to.say(certificate + " ".repeat(65 * 1024));
      right(to);
    });
    const options = { check: (text: string) => (texts.push(text), check(text)), timeout: 240_000 };
    assert.equal(await requestCertificate(session, request, options), certificate);
    assert.equal(texts.length, 2);
  });

  it("tells of all that was wrong what says most: that the agent made a client, then its error (fault 79)", async () => {
    const noClient = authority.issue(key, { clientId: "line 3" });
    const all: [string, (session: FakeSession) => void, string][] = [
      ["all", (to) => to.say(noClient), "CertificateRejected.name"],
      ["no certificate of ours", () => undefined, "AgentAnswer"],
    ];
    for (const [, more, textKey] of all) {
      const session = new FakeSession((to) => {
        to.say(authority.issue(otherKey));
        to.sayError(error(22));
        more(to);
        to.say("hello");
      });
      await assert.rejects(exchange(session, 20), isError(textKey));
    }
  });

  it("tells an error soon to who takes a certificate that comes after it, and gives that to it (fault 79)", async () => {
    let session!: FakeSession;
    const late = new Promise<string>((resolve) => {
      session = new FakeSession((to) => to.sayError(error(1)));
      const asking = requestCertificate(session, request, {
        check: certificateCheck({ key, ca: authority.certificate }),
        timeout: 240_000,
        grace: 20,
        late: resolve,
      });
      asking.catch((thrown: IotError) => {
        assert.equal(thrown.name, "NoBackendConnection");
        session.say(fake.issue(key));
        right(session);
      });
    });
    assert.equal(await late, certificate);
    // And then there is nobody who listens.
    right(session);
  });

  it("listens no longer than its time after an error that was told (fault 79)", async () => {
    const ended = new Promise<void>((resolve) => {
      const asking = requestCertificate(new FakeSession((to) => to.sayError(error(1))), request, {
        check: certificateCheck({ key, ca: authority.certificate }),
        timeout: 60,
        grace: 1,
        late: () => assert.fail("nothing came"),
        ended: resolve,
      });
      asking.catch(() => undefined);
    });
    await ended;
  });

  it("sends nothing when the broker refuses the subscription", async () => {
    const details = { host: "localhost", port: 1, topic: "/certBack" };
    const session = new FakeSession(right);
    session.subscribe = () => Promise.reject(new IotError("SubscriptionRefused", { details }));
    await assert.rejects(exchange(session), isError("SubscriptionRefused"));
    assert.deepEqual(session.steps, []);
  });

  it("does not wait for ever for the subscription", async () => {
    const session = new FakeSession(right);
    session.subscribe = () => new Promise(() => undefined);
    await assert.rejects(exchange(session, 20), isError("ReplyTimeout"));
    assert.deepEqual(session.steps, []);
  });

  it("ends when the connection is lost, with an outcome that is not known", async () => {
    const details = { host: "localhost", port: 1 };
    const lost = new IotError("ConnectionLost", { reason: "session", details });
    await assert.rejects(exchange(new FakeSession((to) => to.end(lost))), isError("ConnectionLost.request"));
  });

  it("can be broken off while it subscribes: nothing was sent", async () => {
    const abort = new AbortController();
    const session = new FakeSession(right);
    session.subscribe = () => {
      abort.abort();
      return new Promise(() => undefined);
    };
    await assert.rejects(exchange(session, 20_000, abort.signal), isError("Closed.unsent"));
    assert.deepEqual(session.steps, []);
  });

  it("can be broken off while it waits: the request was sent", async () => {
    const abort = new AbortController();
    const session = new FakeSession(() => abort.abort());
    await assert.rejects(exchange(session, 20_000, abort.signal), isError("Closed.sent"));
  });
});
