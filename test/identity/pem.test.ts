/** PEM in the texts that people and programs put it into. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createPrivateKey, generateKeyPairSync, X509Certificate, type KeyObject } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readCa } from "../../src/identity/ca";
import { FileIdentity } from "../../src/identity/file-identity";
import { pemBlocks } from "../../src/identity/pem";
import { TextIdentity } from "../../src/identity/text-identity";
import { Authority, newKey } from "./authority";
import { isError, temporaryFolder } from "./expect";

const PASSPHRASE = "correct horse";
const authority = new Authority();
const key = newKey();
const certificate = authority.issue(key);
const object = createPrivateKey(key);

const plainForm = (type: "pkcs8" | "pkcs1") => object.export({ type, format: "pem" }).toString();
const encryptedForm = (type: "pkcs8" | "pkcs1", cipher = "aes-256-cbc", of: KeyObject = object) =>
  of.export({ type, format: "pem", cipher, passphrase: PASSPHRASE }).toString();

/** The ways in which texts arrive. */
const WRAPPINGS: readonly [string, (pem: string) => string][] = [
  ["in double quotes", (pem) => `"${pem}"`],
  ["in single quotes", (pem) => `'${pem.trimEnd()}'`],
  ["after a name, as in a file of variables", (pem) => `TVIOT_PEM="${pem}"\nOTHER=1\n`],
  [
    "after export and a name, with line breaks written out",
    (pem) => `export PEM='${pem.replaceAll("\n", "\\n")}'`,
  ],
  ["indented, as in YAML", (pem) => `pem: |\n${pem.replace(/^/gm, "    ")}`],
  ["indented with tabs", (pem) => pem.replace(/^/gm, "\t")],
  ["quoted, as in mail", (pem) => pem.replace(/^/gm, "> ")],
  ["as a JSON text", (pem) => JSON.stringify({ pem })],
  ["as a JSON text with Windows line ends", (pem) => JSON.stringify({ pem: pem.replaceAll("\n", "\r\n") })],
  ["as a JSON text in a JSON text", (pem) => JSON.stringify(JSON.stringify({ pem }))],
  ["as a JSON text with escaped slashes", (pem) => JSON.stringify({ pem }).replaceAll("/", "\\/")],
  [
    "as a JSON text with signs as numbers",
    (pem) => JSON.stringify({ pem }).replaceAll("=", "\\u003d").replaceAll("+", "\\u002B"),
  ],
  ["as a JSON list of lines", (pem) => JSON.stringify(pem.split("\n"), null, 2)],
  [
    "joined in a program's source",
    (pem) =>
      pem
        .trimEnd()
        .split("\n")
        .map((line) => `  "${line}\\n"`)
        .join(" +\n"),
  ],
  ["with \\r\\n written out", (pem) => pem.replaceAll("\n", "\\r\\n")],
  ["on one line, with spaces for the line breaks", (pem) => pem.replaceAll("\n", " ")],
  ["on one line, without its line breaks", (pem) => pem.replaceAll("\n", "")],
  ["with empty lines between", (pem) => pem.replaceAll("\n", "\r\n\r\n")],
  ["with a byte order mark", (pem) => `\ufeff${pem}`],
  ["in UTF-16, read as bytes", (pem) => Buffer.from(pem, "utf16le").toString("utf8")],
  ["with text around it", (pem) => `Bag Attributes\n  friendlyName: x\n${pem}\nbye`],
];

describe("PEM in other text (fault 59)", () => {
  const folder = temporaryFolder();
  const forms: [string, string, string?][] = [
    ["PKCS#8", plainForm("pkcs8")],
    ["PKCS#1", plainForm("pkcs1")],
    ["encrypted PKCS#8", encryptedForm("pkcs8"), PASSPHRASE],
    ["a key with encryption headers", encryptedForm("pkcs1"), PASSPHRASE],
    ["a key with encryption headers of DES", encryptedForm("pkcs1", "des-ede3-cbc"), PASSPHRASE],
  ];

  for (const [how, wrap] of WRAPPINGS) {
    it(`is found ${how}: certificates, authorities and keys in every form`, async () => {
      assert.equal(await readCa({ text: wrap(authority.certificate) }), authority.certificate);
      for (const [what, pem, passphrase] of forms) {
        const identity = await new TextIdentity(wrap(certificate), wrap(pem), passphrase).load();
        assert.deepEqual([identity.key, identity.certificate], [key, certificate], what);
      }
    });
  }

  it("is found in files as in texts", async () => {
    const files = [join(folder.path, "client.json"), join(folder.path, "client.env")] as const;
    await writeFile(files[0], JSON.stringify({ certificate }));
    await writeFile(files[1], `KEY='${encryptedForm("pkcs1").replaceAll("\n", "\\n")}'`);
    assert.equal((await new FileIdentity(...files, PASSPHRASE).load()).key, key);
  });

  it("is read in time that grows with the text", () => {
    const begins = "-----BEGIN PRIVATE KEY-----".repeat(20_000);
    const quotes = `-----BEGIN PRIVATE KEY-----${'" '.repeat(200_000)}-----END PRIVATE KEY-----`;
    assert.equal(pemBlocks(begins).length, 0);
    assert.equal(pemBlocks(quotes).length, 1);
  }).timeout(60_000);
});

describe("A key among others (fault 59)", () => {
  const folder = temporaryFolder();
  const intermediate = new Authority("Intermediate");
  const chain = authority.certificate;

  for (const [how, order] of [
    ["first", certificate + chain],
    ["last", chain + intermediate.certificate + certificate],
  ] as const) {
    it(`finds its certificate that stands ${how}, and who issued it follows`, async () => {
      const identity = await new TextIdentity(order, key).load();
      assert.equal(identity.certificate, certificate + chain);
      assert.equal(identity.fingerprint, new X509Certificate(certificate).fingerprint256);
    });
  }

  it("is chosen when it is the one that fits the certificate", async () => {
    assert.equal((await new TextIdentity(certificate, newKey() + key + newKey()).load()).key, key);
  });

  it("is found when another key of the text cannot be read", async () => {
    assert.equal((await new TextIdentity(certificate, encryptedForm("pkcs8") + key).load()).key, key);
  });

  it("of an elliptic curve is found with its parameters before it", async () => {
    const keyFile = join(folder.path, "ec.key");
    const certificateFile = join(folder.path, "ec.crt");
    execFileSync("openssl", ["ecparam", "-name", "prime256v1", "-genkey", "-out", keyFile]);
    const subject = ["-subj", "/CN=0123456789abcdef"];
    execFileSync("openssl", ["req", "-x509", "-new", "-key", keyFile, "-out", certificateFile, ...subject]);
    const identity = await new FileIdentity(certificateFile, keyFile).load();
    assert.equal(identity.clientId, "0123456789abcdef");
  });
});

describe("A key that cannot be read", () => {
  const without = (pem: string, line: number) => pem.split("\n").toSpliced(line, 1).join("\n");
  const legacy = ["-provider", "legacy", "-provider", "default"];
  const unknownCipher = () =>
    execFileSync(
      "openssl",
      ["pkcs8", "-topk8", "-v1", "PBE-MD5-DES", "-passout", `pass:${PASSPHRASE}`, ...legacy],
      { input: key, encoding: "utf8" },
    );

  const cases: [string, () => string, string | undefined, string][] = [
    ["for its missing passphrase", () => encryptedForm("pkcs8"), undefined, "passphrase"],
    ["for its wrong passphrase", () => encryptedForm("pkcs8"), "wrong", "passphrase"],
    ["for its missing passphrase in headers", () => encryptedForm("pkcs1"), undefined, "passphrase"],
    ["for its wrong passphrase in headers", () => encryptedForm("pkcs1"), "wrong", "passphrase"],
    ["for a line that it lacks", () => without(encryptedForm("pkcs8"), 5), PASSPHRASE, "text"],
    [
      "for a line that it lacks, and no passphrase",
      () => without(encryptedForm("pkcs8"), 5),
      undefined,
      "text",
    ],
    [
      "for a last line that it lacks in headers",
      () => without(encryptedForm("pkcs1"), -3),
      PASSPHRASE,
      "text",
    ],
    [
      "for half of a line that it lacks in headers",
      () => encryptedForm("pkcs1").replace(/.{10}\n-----END/, "\n-----END"),
      "wrong",
      "text",
    ],
    [
      "for a damaged initial vector",
      () => encryptedForm("pkcs1").replace(/CBC,../, "CBC,zz"),
      PASSPHRASE,
      "text",
    ],
    [
      "for a cipher that nobody knows",
      () => encryptedForm("pkcs1").replace("AES-256-CBC", "AES-999-CBC"),
      PASSPHRASE,
      "cipher",
    ],
    ["for a cipher of the past", unknownCipher, PASSPHRASE, "cipher"],
    ["for its end, which it lacks", () => encryptedForm("pkcs8").slice(0, 900), PASSPHRASE, "text"],
    [
      "for being no key, in a text that speaks of ENCRYPTED ones",
      () => "ENCRYPTED, I think",
      PASSPHRASE,
      "text",
    ],
  ];
  for (const [why, pem, passphrase, reason] of cases) {
    it(`is refused ${why} (fault 59)`, async () => {
      await assert.rejects(
        new TextIdentity(certificate, pem(), passphrase).load(),
        isError(`KeyUnreadable.${reason}`),
      );
    });
  }

  it("is never blamed on anything but its wrong passphrase, whichever that is (fault 59)", async () => {
    const small = generateKeyPairSync("rsa", { modulusLength: 1024 }).privateKey;
    for (const type of ["pkcs1", "pkcs8"] as const) {
      const pem = encryptedForm(type, "aes-128-cbc", small);
      for (let guess = 0; guess < (type === "pkcs1" ? 600 : 20); guess++) {
        await assert.rejects(
          new TextIdentity(certificate, pem, `guess ${guess}`).load(),
          isError("KeyUnreadable.passphrase"),
        );
      }
    }
  });
});
