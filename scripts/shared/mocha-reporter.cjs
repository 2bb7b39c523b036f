// Mocha's usual report; at its end, what came of the run goes to the file that RESULTS_FILE names: the counts, the
// titles that ran, how long each file took. And a run whose tests have ended but which does not end itself is told what
// it waits for and ended: a test left something open.
const { writeFileSync } = require("node:fs");
const { join, relative, sep } = require("node:path");
const { reporters, Runner } = require("mocha");

const PATIENCE_MS = 60_000;
const ROOT = join(__dirname, "../..");
const { EVENT_RUN_END, EVENT_SUITE_BEGIN, EVENT_SUITE_END, EVENT_TEST_END, EVENT_TEST_FAIL } =
  Runner.constants;

module.exports = class ResultsReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    const titles = [];
    const failures = [];
    const seconds = {};
    let begun = 0;
    const isOfFile = (suite) => suite.parent?.root && suite.file !== undefined;
    runner.on(EVENT_SUITE_BEGIN, (suite) => {
      if (isOfFile(suite)) begun = performance.now();
    });
    runner.on(EVENT_SUITE_END, (suite) => {
      if (!isOfFile(suite)) return;
      const file = relative(ROOT, suite.file).split(sep).join("/");
      seconds[file] = (seconds[file] ?? 0) + (performance.now() - begun) / 1000;
    });
    runner.on(EVENT_TEST_END, (test) => titles.push(test.fullTitle()));
    runner.on(EVENT_TEST_FAIL, (test) =>
      failures.push(`${relative(ROOT, test.file ?? "")}: ${test.fullTitle()}`),
    );
    runner.once(EVENT_RUN_END, () => {
      const { passes: passed, failures: failed, pending } = runner.stats;
      writeFileSync(
        process.env.RESULTS_FILE,
        JSON.stringify({ passed, failed, pending, titles, failures, seconds }),
      );
      setTimeout(() => {
        console.log(`The tests have ended, but left open: ${process.getActiveResourcesInfo().join(", ")}`);
        process.exit(1);
      }, PATIENCE_MS).unref();
    });
  }
};
