/** An identity as one encrypted file: what brings it back, what does not, and what stands in it. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { BackupError, describeBackup, makeBackup, readBackup } from "../../src/identity/backup";
import { FolderIdentity } from "../../src/identity/folder-identity";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { Authority, newKey } from "./authority";
import { temporaryFolder } from "./expect";

const PASSPHRASE = "correct horse, battery";
const OF = { folder: "0123456789abcdef", clientId: "press12", validTo: "2027-05-01T00:00:00.000Z" };
const PEM = "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----\n";

function changed(text: string, change: (file: Record<string, unknown>) => void): string {
  const file = JSON.parse(text) as Record<string, unknown>;
  change(file);
  return JSON.stringify(file);
}

describe("The backup of an identity", function () {
  const text = makeBackup(OF, PEM, PASSPHRASE);

  it("gives back what went in, to whoever has the passphrase, however it was typed", () => {
    assert.deepEqual(readBackup(text, PASSPHRASE), { ...OF, pem: PEM });
    const composed = makeBackup(OF, PEM, "Schlüssel für Süd");
    assert.equal(readBackup(composed, "Schlüssel für Süd".normalize("NFD")).pem, PEM);
  });

  it("says whose it is without the passphrase, and nothing of the key", () => {
    assert.deepEqual(describeBackup(text), OF);
    assert.ok(!text.includes("PRIVATE") && !text.includes("secret"));
    assert.ok(!text.includes(Buffer.from(PEM).toString("base64").slice(0, 40)));
  });

  it("is another one each time", () => {
    assert.notEqual(makeBackup(OF, PEM, PASSPHRASE), text);
  });

  it("is refused with another passphrase, and where anything in it was changed", () => {
    const wrong = /passphrase is wrong, or the file was changed/;
    assert.throws(() => readBackup(text, `${PASSPHRASE}.`), wrong);
    const changes: ((file: Record<string, unknown>) => void)[] = [
      (file) => (file.folder = "fedcba9876543210"),
      (file) => (file.clientId = "press13"),
      (file) => (file.data = Buffer.from("other").toString("base64")),
      (file) => (file.tag = Buffer.alloc(4).toString("base64")),
    ];
    for (const change of changes) assert.throws(() => readBackup(changed(text, change), PASSPHRASE), wrong);
  });

  it("is refused by name where it is something else", () => {
    for (const other of ["", "no JSON", "null", "[]", PEM, '{"format":"zip"}'])
      assert.throws(() => describeBackup(other), new BackupError("The file is no backup of an identity."));
    assert.throws(() => describeBackup(changed(text, (file) => (file.version = 2))), /has version 2/);
    // A name that would lead elsewhere is no name of a folder.
    const elsewhere = changed(text, (file) => (file.folder = "../../../elsewhere"));
    assert.throws(() => describeBackup(elsewhere), /damaged/);
    assert.throws(() => describeBackup(changed(text, (file) => delete file.salt)), /damaged/);
  });

  it("is not made with a passphrase that can be guessed", () => {
    assert.throws(() => makeBackup(OF, PEM, "short"), /5 characters; it must have 12/);
  });
});

describe("The command teamviewer-iot-identity", function () {
  const folder = temporaryFolder();
  const authority = new Authority();

  function run(args: readonly string[], input = ""): { code: number | null; out: string; problem: string } {
    const cli = join(projectRoot, "src/identity/cli.ts");
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--import", "tsx", cli, ...args], {
      cwd: projectRoot,
      input,
      encoding: "utf8",
    });
    return { code: status, out: stdout, problem: stderr };
  }

  /** Node-RED's user directory, with identities of these clients. */
  async function homeWith(clients: Record<string, string>): Promise<string> {
    const home = join(folder.path, `home of ${Object.values(clients).join(" & ")}`);
    await mkdir(home, { recursive: true });
    for (const [name, clientId] of Object.entries(clients)) {
      const key = newKey();
      await new FolderIdentity(join(home, "teamviewer-iot", name)).save({
        key,
        certificate: authority.issue(key, { clientId }),
      });
    }
    return home;
  }

  it("brings an identity to another machine by one file, for its owner's eyes only", async () => {
    const home = await homeWith({ [OF.folder]: "press12" });
    const other = await homeWith({});
    const file = join(folder.path, "Sicherung für Süd.json");
    const listed = run(["list", "--user-directory", home]);
    assert.match(listed.out, /^0123456789abcdef {2}client press12 {2}valid to \d{4}-\d\d-\d\d\n$/);

    const backup = run(["backup", "--user-directory", home, file], `${PASSPHRASE}\n`);
    assert.deepEqual({ code: backup.code, problem: backup.problem }, { code: 0, problem: "" });
    if (process.platform !== "win32") assert.equal((await stat(file)).mode & 0o777, 0o600);

    const wrong = run(["restore", "--user-directory", other, file], "not the passphrase\n");
    assert.match(wrong.problem, /passphrase is wrong/);
    assert.deepEqual(await readdir(other), []);

    const restored = run(["restore", "--user-directory", other, file], `${PASSPHRASE}\n`);
    assert.equal(restored.code, 0, restored.problem);
    const path = join("teamviewer-iot", OF.folder, "identity.pem");
    const [was, is] = await Promise.all([home, other].map((place) => readFile(join(place, path), "utf8")));
    assert.ok(is === was, "the same key and certificate");
  });

  it("writes over no identity and no file that is there", async () => {
    const home = await homeWith({ [OF.folder]: "mill7" });
    const file = join(folder.path, "mill.json");
    assert.equal(run(["backup", "--user-directory", home, file], `${PASSPHRASE}\n`).code, 0);
    assert.match(
      run(["backup", "--user-directory", home, file], `${PASSPHRASE}\n`).problem,
      /is there already/,
    );
    const restored = run(["restore", "--user-directory", home, file], `${PASSPHRASE}\n`);
    assert.equal(restored.code, 1);
    assert.match(restored.problem, /There is an identity in .* already/);
  });

  it("asks which one where there are several, and says so where there is none", async () => {
    const home = await homeWith({ "00000000000000aa": "one", "00000000000000bb": "two" });
    const file = join(folder.path, "several.json");
    const several = run(["backup", "--user-directory", home, file], `${PASSPHRASE}\n`);
    assert.match(several.problem, /several.*--folder:\n00000000000000aa {2}client one .*\n00000000000000bb/);
    const args = ["backup", "--user-directory", home, "--folder", "00000000000000bb", file];
    assert.match(run(args, `${PASSPHRASE}\n`).out, /client two/);
    assert.match(run(["list", "--user-directory", folder.path]).problem, /no identity below/);
  });

  it("exchanges two identities, and back, and keeps what was there under its date", async () => {
    const home = await homeWith({ "00000000000000cc": "old", "00000000000000dd": "renewed" });
    const swap = ["swap", "--user-directory", home, "00000000000000cc", "00000000000000dd"];
    assert.match(run(swap).out, /^00000000000000cc {2}client renewed .*\n00000000000000dd {2}client old /);
    const kept = await readdir(join(home, "teamviewer-iot/00000000000000cc"));
    assert.ok(kept.some((name) => /^identity-.*\.pem$/.test(name)));
    assert.match(run(swap).out, /^00000000000000cc {2}client old .*\n00000000000000dd {2}client renewed /);
    const same = ["swap", "--user-directory", home, "00000000000000cc", "00000000000000cc"];
    assert.match(run(same).problem, /two different identities of these:\n00000000000000cc/);
  });

  it("says that a swap does not translate old IDs, and what does, before and after it", async () => {
    const home = await homeWith({ "00000000000000ee": "old", "00000000000000ff": "renewed" });
    const plainly = /old IDs are not translated[^]*"New client beside the old" in the agent node's dialog/;
    assert.match(run(["--help"]).out, plainly);
    const swap = ["swap", "--user-directory", home, "00000000000000ee", "00000000000000ff"];
    assert.match(run(swap).out, plainly);
  });

  it("explains itself where it is called wrongly, or not told the passphrase", async () => {
    const home = await homeWith({ [OF.folder]: "packer" });
    for (const args of [
      [],
      ["copy", "file"],
      ["list", "--all"],
      ["restore"],
      ["backup", "one", "two"],
      ["swap", "one"],
    ]) {
      const { code, problem } = run(args);
      assert.equal(code, 1);
      assert.match(problem, /Usage: teamviewer-iot-identity/);
    }
    assert.match(run(["--help"]).out, /Usage/);
    const file = join(folder.path, "packer.json");
    assert.match(run(["backup", "--user-directory", home, file]).problem, /No passphrase came/);
    await writeFile(file, "something else");
    assert.match(run(["restore", "--user-directory", home, file]).problem, /no backup of an identity/);
  });
});
