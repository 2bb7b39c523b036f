// The package for a machine without a network: its tarball with all production dependencies inside, taken from this
// working tree, so that making it needs no network either.
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { projectRoot } from "./project.mjs";
import { npm } from "./tools.mjs";

/**
 * The folders of what is installed with the package, as the lock file has them. An error where one would have to be
 * built or chosen for a platform: then this one tarball would not fit all.
 * @param {Record<string, { dev?: boolean, hasInstallScript?: boolean, os?: string[], cpu?: string[] }>} locked
 * `packages` of a lock file
 */
export function productionFolders(locked) {
  const shipped = Object.entries(locked).filter(([path, { dev = false }]) => path !== "" && !dev);
  for (const [path, { hasInstallScript, os, cpu }] of shipped) {
    if (hasInstallScript || os || cpu)
      throw new Error(`${path} depends on the platform: the bundle would work on this one only.`);
  }
  return shipped.map(([path]) => path);
}

/**
 * Makes the bundle; dist/ and node_modules/ have to be there.
 * @param {string} folder where it goes
 * @returns {Promise<string>} its path
 */
export async function makeBundle(folder) {
  const manifest = readJson("package.json");
  const staging = mkdtempSync(join(tmpdir(), "teamviewer-iot-bundle-"));
  try {
    const contents = ["README.md", "LICENSE", ...manifest.files];
    for (const path of [...contents, ...productionFolders(readJson("package-lock.json").packages)])
      // A package's own nested packages are listed themselves; those of development are not to come along.
      cpSync(join(projectRoot, path), join(staging, path), {
        recursive: true,
        filter: (source) => !source.slice(join(projectRoot, path).length).includes("node_modules"),
      });
    writeFileSync(join(staging, "package.json"), JSON.stringify(bundled(manifest), null, 2));
    mkdirSync(folder, { recursive: true });
    const [program, ...before] = npm;
    const pack = ["pack", "--ignore-scripts", "--pack-destination", staging];
    await promisify(execFile)(program, [...before, ...pack], { cwd: staging, maxBuffer: 2 ** 26 });
    const name = `${manifest.name.replace("@", "").replace("/", "-")}-${manifest.version}`;
    const path = join(folder, `${name}-offline.tgz`);
    cpSync(join(staging, `${name}.tgz`), path);
    return path;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The manifest of the bundle: npm takes what is bundled as it is, and asks nobody for it. */
function bundled(manifest) {
  // Scripts and tools of this project are not there.
  return {
    ...manifest,
    scripts: {},
    devDependencies: {},
    bundleDependencies: Object.keys(manifest.dependencies),
  };
}

function readJson(path) {
  return JSON.parse(readFileSync(join(projectRoot, path), "utf8"));
}
