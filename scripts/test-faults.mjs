// npm run test:faults: the long tests of faults at full length.
import { conclude, runMocha } from "./shared/checks.mjs";
import { prepare } from "./shared/prepare.mjs";
import { CATALOGUE, testFiles } from "./shared/test-files.mjs";

const LONG = /^test\/(faults\/[^/]+|client\/[^/]+\.truth\.[^/]+)\.test\.ts$/;

await prepare();
const files = testFiles(LONG).filter((file) => file !== CATALOGUE);
conclude([await runMocha([...files, ...process.argv.slice(2)], { env: { FAULTS: "full" } })]);
