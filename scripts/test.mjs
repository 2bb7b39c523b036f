// npm test: everything that has to be right, from a fresh clone to the last test: sources and tests side by side, in
// several processes; at last, whether the test of each fault ran. With arguments, only mocha with these, in one process:
// `npm test -- test/client/connection.test.ts`.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { conclude, runMocha, sourceChecks, testJobs } from "./shared/checks.mjs";
import { runJobs } from "./shared/jobs.mjs";
import { prepare } from "./shared/prepare.mjs";
import { CATALOGUE, testFiles } from "./shared/test-files.mjs";

const args = process.argv.slice(2);

try {
  await prepare();
  conclude(args.length === 0 ? await testAll() : [await runMocha(withFiles(args))]);
} catch (error) {
  console.log(error.message);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}

async function testAll() {
  const files = testFiles().filter((file) => file !== CATALOGUE);
  // The longest tests begin before the linter: it can run beside anything.
  const [first, ...others] = testJobs(files);
  const results = await runJobs([first, ...sourceChecks(), ...others]);
  // Not all faults can be made everywhere.
  if (process.env.TESTS_WITHOUT) return results;
  return [...results, await checkCatalogue(results.flatMap(({ titles = [] }) => titles))];
}

/** @param {readonly string[]} titles of the tests that ran */
async function checkCatalogue(titles) {
  const folder = mkdtempSync(join(tmpdir(), "teamviewer-iot-titles-"));
  const file = join(folder, "titles.txt");
  try {
    writeFileSync(file, titles.join("\n"));
    return await runMocha([CATALOGUE], { env: { TITLES_THAT_RAN: file } });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function withFiles(args) {
  return args.some((arg) => arg.startsWith("test/")) ? args : ["test/**/*.test.ts", ...args];
}
