/** The two kinds of identity that a user brings along: files and texts. */
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { inspect } from "node:util";
import { FileIdentity } from "../../src/identity/file-identity";
import { TextIdentity } from "../../src/identity/text-identity";
import { Authority, newKey } from "./authority";
import { isError, temporaryFolder } from "./expect";

const authority = new Authority();
const key = newKey();
const certificate = authority.issue(key);
const pkcs1 = createPrivateKey(key).export({ type: "pkcs1", format: "pem" }) as string;
const passphrase = "correct horse";
const encrypted = createPrivateKey(key).export({
  type: "pkcs8",
  format: "pem",
  cipher: "aes-256-cbc",
  passphrase,
}) as string;
const encryptedPkcs1 = createPrivateKey(key).export({
  type: "pkcs1",
  format: "pem",
  cipher: "aes-256-cbc",
  passphrase,
}) as string;
const noClient = authority.issue(key, { clientId: "machine 7/#" });

/** A middle piece of a key's text: it must be in no error. */
const secretOf = (pem: string) => pem.slice(pem.length / 2, pem.length / 2 + 24);

describe("An identity from texts", () => {
  it("is one that TLS accepts, with what its certificate says", async () => {
    const identity = await new TextIdentity(certificate, key).load();
    assert.equal(identity.clientId, "06a9d9219eb497c995216e130ab67480");
    assert.ok(identity.validFrom < identity.validTo);
    assert.ok(createSecureContext({ cert: identity.certificate, key: identity.key }));
  });

  const keys: [string, string, string?][] = [
    ["PKCS#8", key],
    ["PKCS#1", pkcs1],
    ["encrypted PKCS#8", encrypted, passphrase],
    ["encrypted PKCS#1", encryptedPkcs1, passphrase],
    ["PKCS#8 on one line", key.replaceAll("\n", "")],
    ["PKCS#8 with its line breaks escaped", key.replaceAll("\n", "\\n")],
    ["PKCS#8 and a passphrase that it does not need", key, passphrase],
  ];
  for (const [what, pem, secret] of keys) {
    it(`takes a key in ${what}`, async () => {
      assert.equal((await new TextIdentity(certificate, pem, secret).load()).key, key);
    });
  }

  it("cannot be registered into", () => {
    assert.equal(new TextIdentity(certificate, key).canRegister, false);
  });

  const bad: [string, ConstructorParameters<typeof TextIdentity>, string][] = [
    ["without a certificate", ["", key], "SettingMissing.unset"],
    ["without a key", [certificate, " "], "SettingMissing.unset"],
    ["whose certificate is none", ["hello", key], "CertificateUnreadable.text"],
    ["whose certificate names no client ID", [noClient, key], "CertificateUnreadable.name"],
    ["whose key is none", [certificate, "hello"], "KeyUnreadable.text"],
    ["whose key is a certificate", [certificate, certificate], "KeyUnreadable.text"],
    ["whose key is cut off", [certificate, key.slice(0, 900)], "KeyUnreadable.text"],
    ["whose passphrase is missing", [certificate, encrypted], "KeyUnreadable.passphrase"],
    ["whose passphrase is wrong", [certificate, encrypted, "guessed"], "KeyUnreadable.passphrase"],
    [
      "whose older key has a wrong passphrase",
      [certificate, encryptedPkcs1, "guessed"],
      "KeyUnreadable.passphrase",
    ],
    ["whose key is another certificate's", [certificate, newKey()], "KeyMismatch"],
  ];
  for (const [what, parts, textKey] of bad) {
    it(`${what} is refused, and no secret is in the error`, async () => {
      await assert.rejects(new TextIdentity(...parts).load(), (error: Error) => {
        const told = inspect(error, { depth: 9, showHidden: true }) + String(error.stack);
        if (parts[1].length > 100) assert.ok(!told.includes(secretOf(parts[1])));
        if (parts[2] !== undefined) assert.ok(!told.includes(parts[2]));
        return isError(textKey)(error);
      });
    });
  }
});

describe("A loaded identity", () => {
  it("shows its key in no JSON, no log and no copy", async () => {
    const identity = await new TextIdentity(certificate, encrypted, passphrase).load();
    const shown = [JSON.stringify(identity), inspect(identity), JSON.stringify({ ...identity })].join();
    assert.ok(identity.key.includes(secretOf(key)));
    assert.ok(!shown.includes("PRIVATE KEY"));
    assert.ok(!shown.includes(secretOf(key)));
  });

  it("shows no secret of the source that it came from", () => {
    const sources = [new TextIdentity(certificate, key, passphrase), new FileIdentity("a", "b", passphrase)];
    const shown = inspect(sources, { depth: 9 }) + JSON.stringify(sources);
    assert.ok(!shown.includes(secretOf(key)));
    assert.ok(!shown.includes(passphrase));
  });
});

describe("An identity from files", () => {
  const folder = temporaryFolder();

  async function filesOf(certificateText: string, keyText: string): Promise<[string, string]> {
    const files: [string, string] = [join(folder.path, "client.crt"), join(folder.path, "client.key")];
    await writeFile(files[0], certificateText);
    await writeFile(files[1], keyText, { mode: 0o640 });
    return files;
  }

  it("is read from the certificate's and the key's file", async () => {
    const identity = await new FileIdentity(...(await filesOf(certificate, key))).load();
    assert.equal(identity.clientId, "06a9d9219eb497c995216e130ab67480");
    assert.equal(identity.key, key);
  });

  it("is read anew each time, so that exchanged files count", async () => {
    const files = await filesOf(certificate, key);
    const source = new FileIdentity(...files);
    await source.load();
    await writeFile(files[0], authority.issue(key, { clientId: "other" }));
    assert.equal((await source.load()).clientId, "other");
  });

  it("keeps a chain of certificates, the client's first", async () => {
    const chain = certificate + authority.certificate;
    const identity = await new FileIdentity(...(await filesOf(chain, key))).load();
    assert.equal(identity.certificate, chain);
    assert.equal(identity.clientId, "06a9d9219eb497c995216e130ab67480");
  });

  it("is read from one file that holds both", async () => {
    const [file] = await filesOf(key + certificate, "");
    assert.equal((await new FileIdentity(file, file).load()).key, key);
  });

  it("takes an encrypted key with its passphrase", async () => {
    const files = await filesOf(certificate, encrypted);
    assert.equal((await new FileIdentity(...files, passphrase).load()).key, key);
  });

  it("leaves the modes of the user's files alone", async () => {
    const files = await filesOf(certificate, key);
    await new FileIdentity(...files).load();
    if (process.platform !== "win32") assert.equal((await stat(files[1])).mode & 0o777, 0o640);
  });

  it("cannot be registered into", () => {
    assert.equal(new FileIdentity("a", "b").canRegister, false);
  });

  it("that is not set is told with the field", async () => {
    const told = (field: string) => (error: Error) =>
      isError("SettingMissing.unset")(error) && error.message.startsWith(field);
    await assert.rejects(new FileIdentity("", "b").load(), told("Client certificate"));
    const [file] = await filesOf(certificate, key);
    await assert.rejects(new FileIdentity(file, "").load(), told("Private key"));
  });

  it("that does not exist is told with the path", async () => {
    const [certificateFile, keyFile] = await filesOf(certificate, key);
    const told = (textKey: string) => (error: Error) =>
      isError(textKey)(error) && error.message.includes(`${folder.path}/none`);
    const none = `${folder.path}/none`;
    await assert.rejects(new FileIdentity(none, keyFile).load(), told("CertificateUnreadable.missing"));
    await assert.rejects(new FileIdentity(certificateFile, none).load(), told("KeyUnreadable.missing"));
  });

  it("that is a folder is told with the system's code", async () => {
    const [certificateFile, keyFile] = await filesOf(certificate, key);
    const told = (textKey: string) => (error: Error) =>
      isError(textKey)(error) && error.message.includes("EISDIR");
    await assert.rejects(
      new FileIdentity(folder.path, keyFile).load(),
      told("CertificateUnreadable.unreadable"),
    );
    await assert.rejects(
      new FileIdentity(certificateFile, folder.path).load(),
      told("KeyUnreadable.unreadable"),
    );
  });

  const bad: [string, [string, string], string | undefined, string][] = [
    ["whose certificate is none", ["hello", key], undefined, "CertificateUnreadable.format"],
    [
      "whose certificate is as long as no other",
      ["#".repeat(70_000), key],
      undefined,
      "CertificateUnreadable.format",
    ],
    ["whose certificate names no client ID", [noClient, key], undefined, "CertificateUnreadable.name"],
    ["whose key is none", [certificate, "hello"], undefined, "KeyUnreadable.format"],
    [
      "whose key and certificate are exchanged",
      [key, certificate],
      undefined,
      "CertificateUnreadable.format",
    ],
    ["whose passphrase is missing", [certificate, encrypted], undefined, "KeyUnreadable.passphrase"],
    ["whose passphrase is wrong", [certificate, encrypted], "guessed", "KeyUnreadable.passphrase"],
    ["whose key is another certificate's", [certificate, newKey()], undefined, "KeyMismatch"],
  ];
  for (const [what, texts, secret, textKey] of bad) {
    it(`${what} is refused, and no secret is in the error`, async () => {
      const files = await filesOf(...texts);
      await assert.rejects(new FileIdentity(...files, secret).load(), (error: Error) => {
        const told = inspect(error, { depth: 9, showHidden: true }) + String(error.stack);
        for (const text of texts) if (text.includes("PRIVATE")) assert.ok(!told.includes(secretOf(text)));
        if (secret !== undefined) assert.ok(!told.includes(secret));
        return isError(textKey)(error);
      });
    });
  }
});
