// Programs that tests need but that must not stand in the project's own node_modules: another Node.js, another
// Node-RED. test/runtimes/ pins each; .runtimes/, which git ignores, keeps what npm installed of it.
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.mjs";
import { npm, run } from "./tools.mjs";

/**
 * Installs a runtime where it is missing or its lock file has changed.
 * @param {string} name a folder of test/runtimes
 * @returns {Promise<string>} the folder whose node_modules has it
 */
export async function runtime(name) {
  const pinned = join(projectRoot, "test/runtimes", name);
  const installed = join(projectRoot, ".runtimes", name);
  const lock = readFileSync(join(pinned, "package-lock.json"), "utf8");
  const stamp = join(installed, "installed-lock.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return installed;

  mkdirSync(installed, { recursive: true });
  for (const file of ["package.json", "package-lock.json"])
    copyFileSync(join(pinned, file), join(installed, file));
  const code = await run([...npm, "ci", "--prefix", installed], { buffered: true });
  if (code !== 0) throw new Error(`npm ci of ${name} failed: see above.`);
  writeFileSync(stamp, lock);
  return installed;
}
