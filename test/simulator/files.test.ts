/** What another user of the machine could have planted is refused, with the way out (fault 77). */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startSimulator, type SimulatorOptions } from "../../src/simulator";
import { openFolder } from "../../src/simulator/files";

const NOBODY = 65_534;

if (process.platform !== "win32") {
  describe("A simulator's folder", function () {
    const directory = mkdtempSync(join(tmpdir(), "planted-"));
    const made = join(directory, "made");
    let count = 0;
    /** A folder that a simulator has made, to spoil. */
    const copy = () => {
      const path = join(directory, String(count++));
      cpSync(made, path, { recursive: true });
      chmodSync(path, 0o700);
      return path;
    };
    const start = async (options: Partial<SimulatorOptions>) => {
      const simulator = await startSimulator({ directory: made, ...options });
      await simulator.stop();
    };
    const refused = (options: Partial<SimulatorOptions>, reason: string, path: string) =>
      assert.rejects(start(options), { name: "SimulatorFailed", reason, details: { path } });

    before(() => start({}));
    after(() => rmSync(directory, { recursive: true, force: true }));

    it("that others may write is refused (fault 77)", async () => {
      for (const mode of [0o777, 0o770, 0o702]) {
        const path = copy();
        chmodSync(path, mode);
        await refused({ directory: path }, "writable", path);
      }
    });

    it("that is a symbolic link is refused (fault 77)", async () => {
      const link = join(directory, "link");
      symlinkSync(made, link);
      await refused({ directory: link }, "link", link);
    });

    it("of another user is refused (fault 77)", async () => {
      // An ordinary user has no folder of another one but root's.
      const isRoot = process.getuid?.() === 0;
      const path = isRoot ? copy() : "/usr";
      if (isRoot) chownSync(path, NOBODY, NOBODY);
      await refused({ directory: path }, "owner", path);
    });

    it("below one in which others may rename it is refused (fault 77)", async () => {
      const above = join(directory, "above");
      mkdirSync(above);
      chmodSync(above, 0o777);
      await refused({ directory: join(above, "agent") }, "parent", above);
    });

    for (const name of ["TeamViewerAuthority.crt", "TeamViewerAuthority.key", "state.json"]) {
      it(`with a ${name} that is a link, a pipe, or writable for others, is refused (fault 77)`, async () => {
        const linked = copy();
        renameSync(join(linked, name), join(directory, "moved"));
        symlinkSync(join(directory, "moved"), join(linked, name));
        await refused({ directory: linked }, "link", join(linked, name));

        const piped = copy();
        rmSync(join(piped, name));
        execFileSync("mkfifo", [join(piped, name)]);
        await refused({ directory: piped }, "special", join(piped, name));

        const open = copy();
        chmodSync(join(open, name), 0o666);
        await refused({ directory: open }, "writable", join(open, name));
      });
    }

    it("with a mosquitto folder that others planted is refused (fault 77)", async () => {
      const path = copy();
      const planted = join(path, "mosquitto");
      mkdirSync(planted);
      chmodSync(planted, 0o777);
      await refused({ directory: path, broker: "mosquitto" }, "writable", planted);
      rmSync(planted, { recursive: true });
      symlinkSync(directory, planted);
      await refused({ directory: path, broker: "mosquitto" }, "link", planted);
    });

    it("tells of a faults.json that others could have written, and switches nothing on (fault 77)", async () => {
      const path = copy();
      writeFileSync(join(path, "faults.json"), '{"delay":5}');
      chmodSync(join(path, "faults.json"), 0o666);
      const simulator = await startSimulator({ directory: path });
      const problem = await new Promise<Error>((resolve) => simulator.once("problem", resolve));
      assert.match(problem.message, /faults\.json: others may write it/);
      assert.equal(simulator.faults.delay, 0);
      await simulator.stop();
    });

    it("and its files are for their owner only, whatever the umask (fault 77)", async () => {
      const before = process.umask();
      try {
        for (const umask of [0o000, 0o777]) {
          process.umask(umask);
          const path = join(directory, `umask-${umask}`, "agent");
          await openFolder(path);
          await start({ directory: path });
          assert.equal(statSync(path).mode & 0o777, 0o700);
          for (const name of readdirSync(path)) {
            assert.equal(statSync(join(path, name)).mode & 0o777, 0o600, name);
          }
        }
      } finally {
        process.umask(before);
      }
    });

    it("has its files closed to others again when they were readable", async () => {
      const path = copy();
      const key = join(path, "TeamViewerAuthority.key");
      chmodSync(key, 0o644);
      await start({ directory: path });
      assert.equal(statSync(key).mode & 0o777, 0o600);
    });

    for (const field of ["directory", "host"] as const) {
      it(`and host: control characters in the ${field} are refused before anything is made (fault 76)`, async () => {
        const path = join(directory, "forged\nplugin /tmp/evil.so");
        await assert.rejects(start({ [field]: field === "directory" ? path : "localhost\n" }), {
          name: "InvalidInput",
          details: {
            field,
            allowed: "words.noControls",
            value:
              field === "directory" ? shortened(`${directory}/forged plugin /tmp/evil.so`) : '"localhost "',
          },
        });
        assert.ok(!readdirSync(directory).some((name) => name.startsWith("forged")));
      });
    }

    it("is not made for an empty host, which would listen anywhere (fault 78)", async () => {
      for (const host of ["", " "]) {
        await assert.rejects(start({ host }), { name: "InvalidInput", reason: "missing" });
      }
    });
  });
}

/** As an error shows a value. */
function shortened(text: string): string {
  const quoted = JSON.stringify(text);
  return quoted.length > 62 ? `${quoted.slice(0, 60)}…` : quoted;
}
