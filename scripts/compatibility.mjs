// node scripts/compatibility.mjs: writes the table of Node-RED and Node.js in the README anew, from the pairs of ci.yml.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withCompatibility } from "./shared/compatibility.mjs";
import { projectRoot } from "./shared/project.mjs";

const readme = join(projectRoot, "README.md");
const workflow = readFileSync(join(projectRoot, ".github/workflows/ci.yml"), "utf8");
writeFileSync(readme, withCompatibility(readFileSync(readme, "utf8"), workflow));
