// Brings a clone to where everything can run: the packages of the lock file installed, dist/ built. Does nothing where
// nothing is missing, and uses nothing but Node.js, since nothing else may be there yet.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.mjs";
import { npm, run } from "./tools.mjs";

const OLDEST_NODE = 20;
/** What the build reads. */
const SOURCES = [
  ...["src", "nodes", "explorer", "locales", "icons", "scripts", "package.json"],
  ...readdirSync(projectRoot).filter((name) => /^tsconfig.*\.json$/.test(name)),
];

/** Throws a sentence where it cannot. */
export async function prepare() {
  if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
    throw new Error(`This needs Node.js ${OLDEST_NODE} or later; this is ${process.version}.`);
  }
  await installPackages();
  await buildPackage();
}

/** @returns {Promise<void>} */
export async function installPackages() {
  if (isInstalled()) return;
  console.log("Installing the packages of package-lock.json …");
  if ((await run([...npm, "ci"])) !== 0) throw new Error("npm ci failed: see above.");
}

/** @returns {Promise<void>} */
export async function buildPackage() {
  if (isBuilt()) return;
  console.log("Building dist/ …");
  if ((await run([process.execPath, "scripts/build.mjs"])) !== 0) {
    throw new Error("The build failed: see above.");
  }
}

/** npm keeps in node_modules a lock file of what is really there. */
function isInstalled() {
  const installed = join(projectRoot, "node_modules/.package-lock.json");
  if (!existsSync(installed)) return false;
  const wanted = readPackages(join(projectRoot, "package-lock.json"));
  const present = readPackages(installed);
  return Object.entries(wanted).every(
    ([path, { version, optional }]) => path === "" || optional || present[path]?.version === version,
  );
}

function readPackages(lockFile) {
  return JSON.parse(readFileSync(lockFile, "utf8")).packages;
}

/** The build leaves its time on dist/ when all of it went well. */
function isBuilt() {
  const dist = join(projectRoot, "dist");
  return existsSync(dist) && SOURCES.every((source) => newest(join(projectRoot, source)) < stamp(dist));
}

const stamp = (path) => statSync(path).mtimeMs;

function newest(path) {
  if (!statSync(path).isDirectory()) return stamp(path);
  return Math.max(stamp(path), ...readdirSync(path).map((entry) => newest(join(path, entry))));
}
