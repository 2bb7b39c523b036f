// npm run bundle: the package with all that it needs in one file, for a machine without a network. Its path is the last
// line.
//   --to FOLDER     where it goes; .tmp/bundle of this working tree otherwise
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { makeBundle } from "./shared/bundle.mjs";
import { prepare } from "./shared/prepare.mjs";
import { projectRoot } from "./shared/project.mjs";

try {
  const { values } = parseArgs({ options: { to: { type: "string" } } });
  await prepare();
  const path = await makeBundle(resolve(values.to ?? join(projectRoot, ".tmp/bundle")));
  console.log(
    `On the other machine, in Node-RED's user directory: npm install --offline FILE, with this file:\n${path}`,
  );
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
