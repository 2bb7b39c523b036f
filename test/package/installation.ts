/** The package as npm would deliver it, installed in an empty place, and a real Node-RED there. */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { startNodeRed } from "../../scripts/shared/node-red.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { runtime } from "../../scripts/shared/runtimes.mjs";
import { npm } from "../../scripts/shared/tools.mjs";

export const PACKAGE = "@tviot/node-red-teamviewer-iot";

/** Where the package is to run. Without a command: the Node.js that runs this, and the Node-RED of the project. */
export interface Runtime {
  readonly name: string;
  readonly command: () => Promise<string[] | undefined>;
}

export const RUNTIMES: readonly Runtime[] = [
  { name: "Node-RED 4.1 on the Node.js of the tests", command: () => Promise.resolve(undefined) },
  {
    name: "Node-RED 5 on Node.js 24",
    command: async () => {
      const modules = join(await runtime("node-red-5"), "node_modules");
      return [join(modules, "node/bin/node"), join(modules, "node-red/red.js")];
    },
  },
];

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

/**
 * Packs the working tree, built anew as a publication would, and returns the tarball. It is built in a copy: other
 * tests use the project's own dist/ meanwhile.
 */
export async function packInto(folder: string): Promise<string> {
  const copy = join(folder, "project");
  const filter = (source: string): boolean => !NOT_COPIED.has(relative(projectRoot, source));
  await cp(projectRoot, copy, { recursive: true, filter });
  await symlink(join(projectRoot, "node_modules"), join(copy, "node_modules"), "junction");
  await runNpm(["pack", "--pack-destination", folder], copy);
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

/** Ports for a flow that has to name them before anything listens. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve))));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

export { startNodeRed };
