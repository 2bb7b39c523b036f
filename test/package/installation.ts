/** The package as npm would deliver it, installed in an empty place, and a real Node-RED there. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { startNodeRed } from "../../scripts/shared/node-red.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { runtime } from "../../scripts/shared/runtimes.mjs";
import { npm } from "../../scripts/shared/tools.mjs";

export const PACKAGE = "@tviot/node-red-teamviewer-iot";

/** Where the package is to run. Without a command: the Node.js that runs this, and the Node-RED of the project. */
interface Runtime {
  readonly name: string;
  /** Of Node-RED, as the workflows call it. */
  readonly version: string;
  readonly command: () => Promise<string[] | undefined>;
}

const nodeRedOf = async (name: string): Promise<string> =>
  join(await runtime(name), "node_modules/node-red/red.js");

const EVERYWHERE: readonly Runtime[] = [
  {
    name: "Node-RED 4.0 on the Node.js of the tests",
    version: "4.0",
    command: async () => [process.execPath, await nodeRedOf("node-red-4.0")],
  },
  {
    name: "Node-RED 4.1 on the Node.js of the tests",
    version: "4.1",
    command: () => Promise.resolve(undefined),
  },
  {
    name: "Node-RED 5 on Node.js 24",
    version: "5",
    command: async () => [
      join(await runtime("node-red-5"), "node_modules/node/bin/node"),
      await nodeRedOf("node-red-5"),
    ],
  },
];

const ASKED_FOR: readonly Runtime[] = EVERYWHERE.filter(
  ({ version }) => version === process.env.NODE_RED,
).map(({ version, command }) => ({
  name: `Node-RED ${version} on Node.js ${process.versions.node}`,
  version,
  command: version === "5" ? async () => [process.execPath, await nodeRedOf("node-red-5")] : command,
}));

if (ASKED_FOR.length === 0 && process.env.NODE_RED !== undefined)
  throw new Error(`NODE_RED is "${process.env.NODE_RED}"; it can be 4.0, 4.1 or 5.`);

/** Three that stand for all; the workflows try every pair, naming the Node-RED by NODE_RED. */
export const RUNTIMES = process.env.NODE_RED === undefined ? EVERYWHERE : ASKED_FOR;

export async function temporaryFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), "teamviewer-iot-package-"));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Runs npm to its end; one that fails rejects with what it printed. */
async function runNpm(args: readonly string[], folder: string): Promise<string> {
  const [program = "npm", ...before] = npm;
  const options = { cwd: folder, maxBuffer: 2 ** 26 };
  return (await promisify(execFile)(program, [...before, ...args], options)).stdout;
}

/** What is not of the project, or made anew from it. */
const NOT_COPIED: ReadonlySet<string> = new Set([".git", ".runtimes", ".tmp", "dist", "node_modules"]);

/** A copy of the working tree with nothing built, in a folder as people name theirs. */
export async function copyProject(folder: string): Promise<string> {
  const copy = join(folder, "Größe & Maß", "a project's copy");
  const filter = (source: string): boolean => !NOT_COPIED.has(relative(projectRoot, source));
  await cp(projectRoot, copy, { recursive: true, filter });
  await symlink(join(projectRoot, "node_modules"), join(copy, "node_modules"), "junction");
  return copy;
}

/**
 * Packs the working tree, built anew as a publication would, and returns the tarball. It is built in a copy: other
 * tests use the project's own dist/ meanwhile.
 */
export async function packInto(folder: string): Promise<string> {
  await runNpm(["pack", "--pack-destination", folder], await copyProject(folder));
  const [tarball] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  return join(folder, tarball);
}

/** An empty user folder of Node-RED that has the package as its palette manager would install it. */
export async function installInto(folder: string, tarball: string): Promise<string> {
  const userDirectory = join(folder, "user");
  await mkdir(userDirectory, { recursive: true });
  await writeFile(join(userDirectory, "package.json"), JSON.stringify({ name: "user", private: true }));
  await runNpm(
    ["install", "--omit=dev", "--engine-strict", "--prefix", userDirectory, tarball],
    userDirectory,
  );
  return userDirectory;
}

/** The files in a tarball, as paths inside the package. */
export async function filesOf(tarball: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)("tar", ["--list", "--file", tarball]);
  return stdout
    .trim()
    .split("\n")
    .map((file) => file.replace(/^package\//, ""));
}

export { startNodeRed };
