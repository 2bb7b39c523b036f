// The checks that read the sources, and mocha: each a row, run by `npm run check` and `npm test`.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "./project.mjs";
import { run, tool } from "./tools.mjs";

const isCi = Boolean(process.env.CI);

/** Two lanes for two cores: the linter takes as long as all the others. */
const LANES = [
  [["lint", () => [...tool("eslint"), "--max-warnings", "0", "."]]],
  [
    ["format", () => [...tool("prettier"), "--check", "--log-level", "warn", "."]],
    ["types of the runtime and the tests", () => [...tool("typescript"), "-p", "tsconfig.json"]],
    ["types of the editor", () => [...tool("typescript"), "-p", "tsconfig.editor.json"]],
  ],
];

/** @typedef {{ passed: number, failed: number, pending: number }} Counts */

/** @returns {Promise<Counts>} */
export async function checkSources() {
  const counts = { passed: 0, failed: 0, pending: 0 };
  const runLane = async (lane) => {
    for (const [name, command] of lane) {
      const succeeded = (await run(command(), { buffered: true })) === 0;
      counts[succeeded ? "passed" : "failed"] += 1;
      console.log(`${succeeded ? "ok" : "FAILED"}: ${name}`);
    }
  };
  await Promise.all(LANES.map(runLane));
  return counts;
}

/**
 * Runs mocha and reads its counts. In CI nothing may be skipped.
 * @param {string[]} args files and options for mocha
 * @returns {Promise<Counts>}
 */
export async function runMocha(args) {
  const folder = mkdtempSync(join(tmpdir(), "teamviewer-iot-counts-"));
  const file = join(folder, "counts.json");
  try {
    const reporter = ["--reporter", join(projectRoot, "scripts/shared/mocha-reporter.cjs")];
    const strict = isCi ? ["--forbid-pending", "--forbid-only"] : [];
    const code = await run([...tool("mocha"), ...reporter, ...strict, ...args], {
      env: { COUNTS_FILE: file },
    });
    return withExitCode(readCounts(file), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readCounts(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    console.log("mocha ended before its tests did");
    return { passed: 0, failed: 1, pending: 0 };
  }
}

/** A mocha that ends badly after good tests is a failure too: something was left open, or skipped in CI. */
function withExitCode(counts, code) {
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

/**
 * Adds the counts up, prints them as the last line and sets the exit code.
 * @param {Counts[]} all
 */
export function conclude(all) {
  const sum = (key) => all.reduce((total, counts) => total + counts[key], 0);
  if (sum("pending") > 0) console.log(`${sum("pending")} skipped: their reason stands at each`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  process.exitCode = sum("failed") === 0 ? 0 : 1;
}
