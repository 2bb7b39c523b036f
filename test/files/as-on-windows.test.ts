/** What is kept in files, where there are no modes, no users and no folders to open: the tests of it, as on Windows. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { tool } from "../../scripts/shared/tools.mjs";

/** Of each layer that has a branch for Windows. */
const FILES = [
  "test/files/private-file.test.ts",
  "test/identity/folder-identity.test.ts",
  "test/identity/sources.test.ts",
  "test/outbox/disk-store.test.ts",
  "test/outbox/segment.test.ts",
];
/** A second process would not be as on Windows; the others only take long. */
const LEFT_OUT = "second process|little more room|was cut to";

interface Results {
  stats: { passes: number };
  failures: { fullTitle: string; err: { message: string } }[];
}

describe("On a system as Windows is", function () {
  it("identities and stored values are kept as everywhere", async () => {
    const folder = await mkdtemp(join(tmpdir(), "as on Windows-"));
    try {
      const results = join(folder, "results.json");
      const preload = join(projectRoot, "test/support/as-on-windows.cjs");
      const options = ["--reporter", "json", "--reporter-option", `output=${results}`, "--require", preload];
      const [program = "", ...args] = [
        ...tool("mocha"),
        ...options,
        "--grep",
        LEFT_OUT,
        "--invert",
        ...FILES,
      ];
      await promisify(execFile)(program, args, {
        cwd: projectRoot,
        // The loader's compiler is this system's.
        env: { ...process.env, ESBUILD_BINARY_PATH: compiler() },
      }).catch(() => undefined);
      const { stats, failures } = JSON.parse(await readFile(results, "utf8")) as Results;
      assert.deepEqual(
        failures.map(({ fullTitle, err }) => `${fullTitle}: ${err.message}`),
        [],
      );
      assert.ok(stats.passes > 50, `${stats.passes} tests`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

function compiler(): string {
  const { platform, arch } = process;
  const program = platform === "win32" ? "esbuild.exe" : "bin/esbuild";
  return join(projectRoot, `node_modules/@esbuild/${platform}-${arch}`, program);
}
