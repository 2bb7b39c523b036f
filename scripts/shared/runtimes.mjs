// Programs that tests need but that must not stand in the project's own node_modules: another Node.js, another
// Node-RED. test/runtimes/ pins each; .runtimes/, which git ignores, keeps what npm installed of it.
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { projectRoot } from "./project.mjs";
import { npm, run } from "./tools.mjs";

/**
 * Installs a runtime where it is missing or its lock file has changed; one process at a time, since several run tests.
 * @param {string} name a folder of test/runtimes
 * @returns {Promise<string>} the folder whose node_modules has it
 */
export async function runtime(name) {
  const folder = join(projectRoot, ".runtimes");
  mkdirSync(folder, { recursive: true });
  const claim = join(folder, `${name}.installing`);
  while (!isClaimed(claim)) await wait(200);
  try {
    return await install(join(projectRoot, "test/runtimes", name), join(folder, name));
  } finally {
    rmSync(claim);
  }
}

/** Makes the file that says which process installs; false where another one does. One that was killed counts no more. */
function isClaimed(claim) {
  try {
    writeFileSync(claim, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  try {
    process.kill(Number(readFileSync(claim, "utf8")), 0);
  } catch (error) {
    if (error.code === "ESRCH") rmSync(claim, { force: true });
  }
  return false;
}

async function install(pinned, installed) {
  const lock = readFileSync(join(pinned, "package-lock.json"), "utf8");
  const stamp = join(installed, "installed-lock.json");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lock) return installed;

  mkdirSync(installed, { recursive: true });
  for (const file of ["package.json", "package-lock.json"])
    copyFileSync(join(pinned, file), join(installed, file));
  const code = await run([...npm, "ci", "--prefix", installed], { buffered: true });
  if (code !== 0) throw new Error(`npm ci of ${installed} failed: see above.`);
  writeFileSync(stamp, lock);
  return installed;
}
