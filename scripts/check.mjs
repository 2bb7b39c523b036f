// npm run check: the quick part of the tests, for while one works: format, lint, types and those tests of src/ that
// need no Node-RED and little time.
import { conclude, sourceChecks, testJobs } from "./shared/checks.mjs";
import { committedDurations } from "./shared/durations.mjs";
import { runJobs } from "./shared/jobs.mjs";
import { installPackages } from "./shared/prepare.mjs";
import { testFiles } from "./shared/test-files.mjs";

const FILES = /^test\/(protocol|transport|identity|outbox|client|time|collections|files)\//;
/** Longer ones are for `npm test`. */
const MOST_SECONDS = 5;

await installPackages();
const durations = committedDurations();
const files = testFiles(FILES).filter((file) => (durations[file] ?? 0) <= MOST_SECONDS);
conclude(await runJobs([...sourceChecks({ quick: true }), ...testJobs(files, process.argv.slice(2))]));
