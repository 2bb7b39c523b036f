/** The certificate signing request, judged by OpenSSL as the API document uses it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateKey } from "../../src/identity/key";
import { checkClientName, createSigningRequest } from "../../src/identity/signing-request";
import { newKey } from "./authority";
import { isError, temporaryFolder } from "./expect";

const openssl = (...args: string[]) =>
  execFileSync("openssl", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

describe("A new key", () => {
  it("is RSA with 2048 bits, as PKCS#8 PEM", async () => {
    const pem = await generateKey();
    const key = createPrivateKey(pem);
    assert.equal(key.asymmetricKeyType, "rsa");
    assert.equal(key.asymmetricKeyDetails?.modulusLength, 2048);
    assert.match(pem, /^-----BEGIN PRIVATE KEY-----\n/);
  });

  it("is another one each time", async () => {
    assert.notEqual(await generateKey(), await generateKey());
  });
});

describe("A signing request", () => {
  const folder = temporaryFolder();
  const key = newKey();
  const name = "Line.3*-,@'_press";

  it("is verified by openssl and names the client", async () => {
    const file = join(folder.path, "csr.pem");
    writeFileSync(file, (await createSigningRequest(name, key)).csr);
    const text = openssl("req", "-verify", "-in", file, "-noout", "-text", "-nameopt", "utf8,sep_multiline");
    assert.ok(text.includes(`CN=${name}`), text);
    assert.match(text, /sha256WithRSAEncryption/);
    assert.match(text, /2048 bit/);
  });

  it("has the hash that openssl dgst prints for the same bytes", async () => {
    const file = join(folder.path, "csr.pem");
    const { csr, hash } = await createSigningRequest(name, key);
    writeFileSync(file, csr);
    assert.equal(openssl("dgst", "-sha256", "-r", file).split(" ")[0], hash);
    assert.match(hash, /^[0-9a-f]{64}$/);
  });

  it("ends with one line feed and has no carriage return", async () => {
    const { csr } = await createSigningRequest(name, key);
    assert.match(csr, /[^\n]\n$/);
    assert.ok(!csr.includes("\r"));
  });

  it("writes the name so that every allowed character may stand in it", async () => {
    const file = join(folder.path, "csr.pem");
    writeFileSync(file, (await createSigningRequest(name, key)).csr);
    assert.match(openssl("asn1parse", "-in", file), /UTF8STRING\s+:Line\.3\*/);
  });
});

describe("A client name", () => {
  const bad: [string, unknown, string][] = [
    ["missing", undefined, "InvalidInput.missing"],
    ["empty", "", "InvalidInput.missing"],
    ["no text", 7, "InvalidInput.type"],
    ["longer than 64 characters", "a".repeat(65), "InvalidInput.length"],
    ["with a space", "line 1", "InvalidInput.characters"],
    ["with an umlaut", "Förderband", "InvalidInput.characters"],
    ["with a slash", "a/b", "InvalidInput.characters"],
    ["with a line feed at its end", "line\n", "InvalidInput.characters"],
    ["with NUL", "line\u0000", "InvalidInput.characters"],
    ["with =, as if it were two attributes", "a/CN=b", "InvalidInput.characters"],
  ];
  for (const [what, value, textKey] of bad) {
    it(`that is ${what} is refused, and the error names the field`, () => {
      assert.throws(
        () => checkClientName(value),
        (error: Error) => isError(textKey)(error) && error.message.startsWith("Client name "),
      );
    });
  }

  it("of the document's characters is taken as it is", () => {
    for (const name of ["a", "A-z.0*9,@'_", "x".repeat(64)]) assert.equal(checkClientName(name), name);
  });
});
