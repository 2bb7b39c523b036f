// npm test: everything that has to be right, from a fresh clone to the last test. With arguments, only mocha with
// these: `npm test -- test/client/queue.test.ts`.
import { checkSources, conclude, runMocha } from "./shared/checks.mjs";
import { prepare } from "./shared/prepare.mjs";

const args = process.argv.slice(2);

try {
  await prepare();
  const namesFiles = args.some((arg) => arg.startsWith("test/"));
  const sources = args.length === 0 ? [await checkSources()] : [];
  conclude([...sources, await runMocha(namesFiles ? args : ["test/**/*.test.ts", ...args])]);
} catch (error) {
  console.log(error.message);
  console.log("0 passed, 1 failed");
  process.exitCode = 1;
}
