/** Authorities that do not say that they are: accepted exactly where OpenSSL accepts them. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect, createServer, type Server } from "node:tls";
import { certificateCheck, describeCertificate } from "../../src/identity/certificate";
import { readCa } from "../../src/identity/ca";
import { isError, temporaryFolder } from "./expect";

const openssl = (...parameters: string[]) => execFileSync("openssl", parameters, { stdio: "ignore" });

describe("An old authority (fault 60)", () => {
  const folder = temporaryFolder();
  const file = (name: string) => join(folder.path, name);
  let server: Server;

  /** A self-signed certificate with these extensions; X.509 version 1 without any. */
  async function make(extensions: string): Promise<void> {
    openssl(
      "req",
      "-new",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      file("ca.key"),
      "-out",
      file("ca.csr"),
      "-subj",
      "/CN=Old",
    );
    await writeFile(file("ca.cnf"), extensions);
    const more = extensions === "" ? [] : ["-extfile", file("ca.cnf")];
    openssl(
      "x509",
      "-req",
      "-in",
      file("ca.csr"),
      "-signkey",
      file("ca.key"),
      "-out",
      file("ca.crt"),
      ...more,
    );
    openssl(
      "req",
      "-new",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      file("key"),
      "-out",
      file("csr"),
      "-subj",
      "/CN=localhost",
    );
    await writeFile(file("cnf"), "subjectAltName=DNS:localhost\nauthorityKeyIdentifier=none\n");
    const by = ["-CA", file("ca.crt"), "-CAkey", file("ca.key"), "-set_serial", "1"];
    openssl("x509", "-req", "-in", file("csr"), ...by, "-extfile", file("cnf"), "-out", file("crt"));
  }

  async function openSslAccepts(): Promise<boolean> {
    server = createServer({ key: readFileSync(file("key")), cert: readFileSync(file("crt")) });
    await new Promise<void>((resolve) => server.listen(0, "localhost", resolve));
    const { port } = server.address() as AddressInfo;
    const accepted = await new Promise<boolean>((resolve) => {
      const socket = connect({ port, host: "localhost", ca: readFileSync(file("ca.crt")) }, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    await new Promise((resolve) => server.close(resolve));
    return accepted;
  }

  const cases: [string, string, boolean][] = [
    ["of X.509 version 1", "", true],
    ["with a key usage and no basic constraints", "keyUsage=keyCertSign,cRLSign", true],
    ["of Netscape's types", "nsCertType=sslCA", true],
    ["of today", "basicConstraints=critical,CA:TRUE", true],
    ["of version 3 that says nothing of it", "subjectKeyIdentifier=hash", false],
    ["whose key is for other things", "keyUsage=digitalSignature", false],
    ["that says it is none", "basicConstraints=CA:FALSE", false],
    ["that says both", "basicConstraints=CA:TRUE\nkeyUsage=digitalSignature", false],
  ];
  for (const [what, extensions, isAccepted] of cases) {
    it(`${what} is ${isAccepted ? "accepted" : "refused"}, as OpenSSL does`, async () => {
      await make(extensions);
      const read = readCa({ file: file("ca.crt") });
      if (isAccepted) assert.equal(await read, readFileSync(file("ca.crt"), "utf8"));
      else await assert.rejects(read, isError("CaUnreadable.authority"));
      assert.equal(await openSslAccepts(), isAccepted);
    });
  }

  it("may issue client certificates, but its own is no client's", async () => {
    await make("");
    const key = readFileSync(file("ca.key"), "utf8");
    const ca = readFileSync(file("ca.crt"), "utf8");
    assert.throws(() => certificateCheck({ key, ca })(ca), isError("CertificateRejected.authority"));
    const issued = certificateCheck({ key: readFileSync(file("key"), "utf8"), ca });
    const leaf = issued(readFileSync(file("crt"), "utf8"));
    assert.equal(describeCertificate(leaf).clientId, "localhost");
  });
});
