// Mocha's usual report; at its end, the counts go to the file that COUNTS_FILE names. And a run whose tests have ended
// but which does not end itself is told what it waits for and ended: a test left something open.
const { writeFileSync } = require("node:fs");
const { reporters, Runner } = require("mocha");

const PATIENCE_MS = 10_000;

module.exports = class CountingReporter extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once(Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = runner.stats;
      writeFileSync(process.env.COUNTS_FILE, JSON.stringify({ passed: passes, failed: failures, pending }));
      setTimeout(() => {
        console.log(`The tests have ended, but left open: ${process.getActiveResourcesInfo().join(", ")}`);
        process.exit(1);
      }, PATIENCE_MS).unref();
    });
  }
};
