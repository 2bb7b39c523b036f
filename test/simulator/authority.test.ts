/** The authority: what it keeps, what it signs, what it refuses. */
import assert from "node:assert/strict";
import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import forge from "node-forge";
import { Authority, readClientRequest } from "../../src/simulator/authority";
import { Refusal } from "../../src/simulator/refusal";
import { needs } from "../support/needs";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const DAY = 86_400_000;

const makeKeys = (modulusLength: number) =>
  generateKeyPairSync("rsa", {
    modulusLength,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
const keys = makeKeys(2048);

/** A signing request, made by node-forge alone. */
function makeRequest(
  subject: forge.pki.CertificateField[],
  spoil?: (request: forge.pki.CertificateSigningRequest) => void,
  { publicKey, privateKey } = keys,
) {
  const request = forge.pki.createCertificationRequest();
  request.publicKey = forge.pki.publicKeyFromPem(publicKey);
  request.setSubject(subject);
  request.sign(forge.pki.privateKeyFromPem(privateKey), forge.md.sha256.create());
  spoil?.(request);
  return Buffer.from(forge.pki.certificationRequestToPem(request));
}

const named = (name: string) => makeRequest([{ name: "commonName", value: name }]);

describe("the simulator's authority", function () {
  const directory = mkdtempSync(join(tmpdir(), "authority-"));
  const home = join(directory, "home");
  let authority: Authority;
  before(async () => {
    authority = await Authority.open(home, () => NOW);
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  it("is TeamViewerAuthority, with a key of 4096 bits, in files that only their owner reads", function () {
    const certificate = new X509Certificate(readFileSync(authority.file));
    assert.equal(authority.file, join(home, "TeamViewerAuthority.crt"));
    assert.equal(certificate.subject, "C=DE\nCN=TeamViewerAuthority\nO=TeamViewerGmbH");
    assert.equal(certificate.ca, true);
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.modulusLength, 4096);
    needs(this, "posix-files");
    assert.equal(statSync(home).mode & 0o777, 0o700);
    for (const name of ["TeamViewerAuthority.crt", "TeamViewerAuthority.key"]) {
      assert.equal(statSync(join(home, name)).mode & 0o777, 0o600, name);
    }
  });

  it("is the same one when it is opened again", async () => {
    const again = await Authority.open(home, () => NOW);
    assert.equal(again.certificate, authority.certificate);
  });

  it("says so when its key is another one's", async () => {
    const other = mkdtempSync(join(directory, "other-"));
    writeFileSync(join(other, "TeamViewerAuthority.crt"), authority.certificate);
    writeFileSync(join(other, "TeamViewerAuthority.key"), keys.privateKey);
    await assert.rejects(Authority.open(other), /is not the key of/);
  });

  it("signs like the document's example: 365 days, key usage A8 and no other extension", async () => {
    const { request, name } = readClientRequest(
      makeRequest([
        { name: "countryName", value: "DE" },
        { shortName: "ST", value: "Some-State" },
        { name: "organizationName", value: "Wörk & Söhne", valueTagClass: 12 as never },
        { name: "commonName", value: "my-client" },
      ]),
    );
    assert.equal(name, "my-client");
    const pem = await authority.signClient(request, "a".repeat(32), 0, 365 * 86_400);
    const certificate = new X509Certificate(pem);
    assert.equal(certificate.subject, `C=DE\nST=Some-State\nO=Wörk & Söhne\nCN=${"a".repeat(32)}`);
    assert.equal(certificate.issuer, "C=DE\nCN=TeamViewerAuthority\nO=TeamViewerGmbH");
    assert.equal(Number(certificate.serialNumber), 0);
    assert.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 365 * DAY);
    assert.equal(Date.parse(certificate.validFrom), Math.floor(NOW / 1000) * 1000);
    assert.equal(certificate.ca, false);
    const root = new X509Certificate(authority.certificate);
    assert.ok(certificate.checkIssued(root) && certificate.verify(root.publicKey));
    // By another reader than the one that wrote it.
    const { extensions } = forge.pki.certificateFromPem(pem) as unknown as {
      extensions: Record<string, unknown>[];
    };
    assert.deepEqual(
      extensions.map(({ name: extension, critical, value }) => [extension, critical, value]),
      [["keyUsage", false, "\x03\x02\x03\xa8"]],
    );
  });

  it("signs for as long as it is told", async () => {
    const { request } = readClientRequest(named("x"));
    const certificate = new X509Certificate(await authority.signClient(request, "b".repeat(32), 7, 90));
    assert.equal(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom), 90_000);
    assert.equal(Number(certificate.serialNumber), 7);
  });

  it("makes a server certificate for every name and address of the host", async () => {
    const { certificate, key } = await authority.makeServer(["localhost", "127.0.0.1", "::1", "fe80::12:0"]);
    const server = new X509Certificate(certificate);
    assert.ok(server.checkHost("localhost"));
    for (const address of ["127.0.0.1", "::1", "fe80::12:0"]) assert.ok(server.checkIP(address), address);
    assert.ok(key.includes("PRIVATE KEY"));
  });

  const refused: [string, () => Uint8Array, number][] = [
    ["nothing", () => Buffer.alloc(0), 21],
    ["white space", () => Buffer.from(" \n"), 21],
    ["a text", () => Buffer.from("hello"), 20],
    [
      "a request with another one's signature",
      () =>
        makeRequest([{ name: "commonName", value: "x" }], (request) => {
          const signature = request.signature as string;
          request.signature = `${String.fromCharCode(signature.charCodeAt(0) ^ 1)}${signature.slice(1)}`;
        }),
      20,
    ],
    [
      "a key of 2047 bits (fault 78)",
      () => makeRequest([{ name: "commonName", value: "x" }], undefined, makeKeys(2047)),
      20,
    ],
    [
      "a subject of 5 kB (fault 78)",
      () =>
        makeRequest([
          { name: "organizationName", value: "x".repeat(5000) },
          { name: "commonName", value: "x" },
        ]),
      20,
    ],
    [
      "a request of more than 64 KiB (fault 78)",
      () => Buffer.concat([Buffer.alloc(64 * 1024, "\n"), named("x")]),
      20,
    ],
    ["a subject without a common name", () => makeRequest([{ name: "countryName", value: "DE" }]), 22],
    ["an empty common name", () => named(""), 22],
    ["a space", () => named("a b"), 25],
    ["a slash", () => named("a/b"), 25],
    ["65 characters", () => named("x".repeat(65)), 25],
  ];
  for (const [what, request, code] of refused) {
    it(`refuses ${what} with ${code}`, () => {
      assert.throws(
        () => readClientRequest(request()),
        (error) => error instanceof Refusal && error.code === code,
      );
    });
  }

  it("takes every character that the document allows, and 64 of them", () => {
    assert.equal(readClientRequest(named("azAZ09.*-,@'_")).name, "azAZ09.*-,@'_");
    assert.equal(readClientRequest(named("x".repeat(64))).name.length, 64);
  });
});
