// The checks that read the sources, and mocha: jobs for `npm run check` and `npm test`, and how what they gave is
// added up.
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { batchesOf } from "./batches.mjs";
import { keepDurations, readDurations } from "./durations.mjs";
import { AT_ONCE } from "./jobs.mjs";
import { projectRoot } from "./project.mjs";
import { run, tool } from "./tools.mjs";

const isCi = Boolean(process.env.CI);
/** What the tests are told to do without (test/support/needs.ts). */
const without = process.env.TESTS_WITHOUT ?? "";
/** Enough that the last ones to run are short, and few enough that loading them costs little. */
const BATCHES = 4 * AT_ONCE;

/** What tools remember of files that have not changed. */
const memory = (name) => join(projectRoot, ".tmp/checks", name);

/** Longest first. */
const SOURCE_CHECKS = [
  ["lint", () => [...tool("eslint"), "--max-warnings", "0", "."]],
  ["types of the runtime and the tests", () => types("tsconfig.json")],
  ["format", () => [...tool("prettier"), "--check", "--log-level", "warn", ...cache("prettier"), "."]],
  ["types of the editor", () => types("tsconfig.editor.json")],
  ["no dead code", () => [...tool("knip"), "--config", "knip.config.mjs", "--no-progress"]],
];

/** @typedef {{ passed: number, failed: number, pending: number, titles?: string[], failures?: string[], seconds?: object }} Results */
/** @typedef {() => Promise<Results>} Job */

/**
 * @param {{ quick?: boolean }} [options] quick: the linter looks only at files that have changed, which overlooks what
 * a changed type means for others
 * @returns {Job[]}
 */
export function sourceChecks({ quick = false } = {}) {
  mkdirSync(memory(""), { recursive: true });
  return SOURCE_CHECKS.map(([name, command]) => async () => {
    const remembering = quick && name === "lint" ? cache("eslint") : [];
    const succeeded = (await run([...command(), ...remembering], { buffered: true })) === 0;
    console.log(`${succeeded ? "ok" : "FAILED"}: ${name}`);
    const failures = succeeded ? [] : [name];
    return { passed: Number(succeeded), failed: failures.length, pending: 0, failures };
  });
}

function types(project) {
  return [...tool("typescript"), "-p", project, "--incremental", "--tsBuildInfoFile", memory(project)];
}

function cache(name) {
  return ["--cache", "--cache-strategy", "content", "--cache-location", memory(name)];
}

/**
 * The test files, shared out to processes; what each prints is printed when it has ended.
 * @param {readonly string[]} files
 * @param {readonly string[]} [options] for mocha
 * @returns {Job[]}
 */
export function testJobs(files, options = []) {
  const batches = batchesOf(files, readDurations(), BATCHES);
  return batches.map((batch) => async () => {
    const results = await runMocha([...options, ...batch.files], { buffered: true });
    if (options.length === 0) keepDurations(results.seconds);
    return results;
  });
}

/**
 * Runs mocha and reads what came of it. In CI nothing may be skipped but what needs something that is not there by name.
 * @param {readonly string[]} args files and options for mocha
 * @param {{ buffered?: boolean, env?: Record<string, string> }} [how]
 * @returns {Promise<Results>}
 */
export async function runMocha(args, { buffered = false, env = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "teamviewer-iot-results-"));
  const file = join(folder, "results.json");
  try {
    const reporter = ["--reporter", join(projectRoot, "scripts/shared/mocha-reporter.cjs")];
    const strict = isCi ? ["--forbid-only", ...(without === "" ? ["--forbid-pending"] : [])] : [];
    const code = await run([...tool("mocha"), ...reporter, ...strict, ...args], {
      buffered,
      env: { ...env, RESULTS_FILE: file },
    });
    return withExitCode(readResults(file), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readResults(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    console.log("mocha ended before its tests did");
    return { passed: 0, failed: 1, pending: 0, titles: [], seconds: {} };
  }
}

/** A mocha that ends badly after good tests is a failure too: something was left open, or skipped in CI. */
function withExitCode(results, code) {
  return code !== 0 && results.failed === 0 ? { ...results, failed: 1 } : results;
}

/**
 * Names what failed, adds the counts up, prints them as the last line and sets the exit code.
 * @param {readonly Results[]} all
 */
export function conclude(all) {
  const sum = (key) => all.reduce((total, results) => total + results[key], 0);
  for (const { failures = [] } of all) for (const failure of failures) console.log(`FAILED: ${failure}`);
  if (sum("pending") > 0) console.log(`${sum("pending")} skipped: their reason stands at each`);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed`);
  process.exitCode = sum("failed") === 0 ? 0 : 1;
}
