/** The CA certificate that a user names. */
import assert from "node:assert/strict";
import { createServer } from "node:net";
import { execFileSync } from "node:child_process";
import { readFile, truncate, writeFile } from "node:fs/promises";
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { readCa } from "../../src/identity/ca";
import { certificatesIn } from "../../src/identity/pem";
import { Authority, newKey } from "./authority";
import { isError, temporaryFolder } from "./expect";

describe("The CA certificate", () => {
  const folder = temporaryFolder();
  const authority = new Authority();
  const other = new Authority("Other");
  const key = newKey();
  const client = authority.issue(key);

  async function fileOf(content: string): Promise<{ file: string }> {
    const file = join(folder.path, "ca.crt");
    await writeFile(file, content);
    return { file };
  }

  const good: [string, string][] = [
    ["one certificate", authority.certificate],
    ["a certificate with Windows line ends", authority.certificate.replaceAll("\n", "\r\n")],
    ["a certificate with text around it", `Agent's CA\n${authority.certificate}\nend`],
    ["a certificate on one line", authority.certificate.replaceAll("\n", " ")],
    ["a certificate with its line breaks escaped", authority.certificate.replaceAll("\n", "\\n")],
  ];
  for (const [what, content] of good) {
    it(`is read from a file and from a text with ${what}`, async () => {
      assert.equal(await readCa(await fileOf(content)), authority.certificate);
      assert.equal(await readCa({ text: content }), authority.certificate);
    });
  }

  it("may be a bundle", async () => {
    const pem = await readCa(await fileOf(authority.certificate + other.certificate));
    assert.deepEqual(
      certificatesIn(pem).map((certificate) => certificate.fingerprint256),
      [authority, other].map(({ certificate }) => new X509Certificate(certificate).fingerprint256),
    );
  });

  it("takes nothing along from the file but the certificates", async () => {
    assert.equal(await readCa(await fileOf(key + authority.certificate)), authority.certificate);
  });

  it("that is not set is told", async () => {
    await assert.rejects(readCa({ file: "" }), isError("CaMissing.unset"));
    await assert.rejects(readCa({ text: " \n" }), isError("CaMissing.unset"));
  });

  it("whose file does not exist is told with its path", async () => {
    const file = join(folder.path, "none.crt");
    await assert.rejects(
      readCa({ file }),
      (error: Error) => isError("CaMissing.missing")(error) && error.message.includes(file),
    );
  });

  it("whose path is a folder cannot be read", async () => {
    await assert.rejects(
      readCa({ file: folder.path }),
      (error: Error) => isError("CaUnreadable.unreadable")(error) && error.message.includes("EISDIR"),
    );
  });

  const bad: [string, string, string][] = [
    ["that is empty", "", "format"],
    ["that is no certificate", "hello", "format"],
    ["that is a key", key, "format"],
    ["that is a broken certificate", authority.certificate.replace(/\n[^-]{20}/, "\nAAAA"), "format"],
    ["that is a client's certificate", client, "authority"],
    ["that is a bundle with a client's certificate in it", authority.certificate + client, "authority"],
    ["that is longer than a CA file is", authority.certificate + "#".repeat(64 * 1024), "size"],
  ];
  for (const [what, content, reason] of bad) {
    it(`${what} is refused, and nothing of it is in the error`, async () => {
      await assert.rejects(
        fileOf(content).then(readCa),
        (error: Error) =>
          isError(`CaUnreadable.${reason}`)(error) &&
          !error.message.includes(content.slice(100, 200) || "\n"),
      );
      if (content !== "") await assert.rejects(readCa({ text: content }), isError("CaUnreadable.text"));
    });
  }

  it("of many megabytes is not read", async () => {
    const { file } = await fileOf(authority.certificate);
    await truncate(file, 2 ** 33);
    await assert.rejects(readCa({ file }), isError("CaUnreadable.size"));
  });

  if (process.platform !== "win32") {
    it("is not waited for when its path is a pipe, a socket or a device", async () => {
      const pipe = join(folder.path, "pipe");
      execFileSync("mkfifo", [pipe]);
      await assert.rejects(readCa({ file: pipe }), isError("CaUnreadable.unreadable"));
      await assert.rejects(readCa({ file: "/dev/zero" }), isError("CaUnreadable.unreadable"));
      const socket = join(folder.path, "socket");
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(socket, resolve));
      await assert.rejects(readCa({ file: socket }), isError("CaUnreadable.unreadable"));
      await new Promise((resolve) => server.close(resolve));
    });
  }

  it("leaves the file as it was", async () => {
    const source = await fileOf(authority.certificate);
    await readCa(source);
    assert.equal(await readFile(source.file, "utf8"), authority.certificate);
  });
});
