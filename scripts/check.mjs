// npm run check: the quick part of the tests, for while one works: format, lint, types and the tests of src/,
// which need no Node-RED.
import { checkSources, conclude, runMocha } from "./shared/checks.mjs";
import { installPackages } from "./shared/prepare.mjs";

const FILES = "test/{protocol,transport,identity,outbox,client}/**/*.test.ts";

await installPackages();
conclude([await checkSources(), await runMocha(["--parallel", FILES, ...process.argv.slice(2)])]);
