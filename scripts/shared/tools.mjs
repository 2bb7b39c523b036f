// How the scripts run other programs: the project's tools, with what they print going straight to the terminal.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, win32 } from "node:path";
import { projectRoot } from "./project.mjs";

/**
 * The command of a tool in node_modules, started without npx: Node-RED brings an npm of its own, which would be found
 * before the one that runs this.
 * @param {string} name the package, whose first program is meant
 * @returns {string[]}
 */
export function tool(name) {
  const folder = join(projectRoot, "node_modules", name);
  const { bin } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const program = typeof bin === "string" ? bin : (bin[name] ?? Object.values(bin)[0]);
  return [process.execPath, join(folder, program)];
}

/**
 * The npm that runs this script, or the one that came with this Node.js: in the path, but on Windows, where that is a
 * script of the shell's, beside it.
 * @param {{ env: { npm_execpath?: string }, platform: string, execPath: string }} process
 * @returns {string[]}
 */
export function npmCommand({ env, platform, execPath }) {
  if (env.npm_execpath) return [execPath, env.npm_execpath];
  if (platform !== "win32") return ["npm"];
  return [execPath, win32.join(win32.dirname(execPath), "node_modules/npm/bin/npm-cli.js")];
}

export const npm = npmCommand(process);

/**
 * Runs a command to its end, with nothing on its standard input, and resolves with its exit code.
 * @param {string[]} command
 * @param {{ buffered?: boolean, env?: Record<string, string> }} [options] buffered: print all of it at the end, so
 * that what runs at the same time is not mixed
 * @returns {Promise<number>}
 */
export function run(command, { buffered = false, env = {} } = {}) {
  const [program, ...args] = command;
  const output = buffered ? "pipe" : "inherit";
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: projectRoot,
      stdio: ["ignore", output, output],
      env: { ...process.env, ...env },
    });
    const printed = [];
    child.stdout?.on("data", (chunk) => printed.push(chunk));
    child.stderr?.on("data", (chunk) => printed.push(chunk));
    child.on("error", (error) => printed.push(Buffer.from(`${program}: ${error.message}\n`)));
    child.on("close", (code) => {
      process.stdout.write(Buffer.concat(printed));
      resolve(code ?? 1);
    });
  });
}
