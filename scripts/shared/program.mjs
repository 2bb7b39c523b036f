// A program that runs until it is told to stop: the simulated agent, a Node-RED.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const STOP_MS = 20_000;
const KEPT_LINES = 200;

/**
 * @template T
 * @typedef {object} Running
 * @property {T} ready what the program said when it was ready
 * @property {() => string} output the last lines that it printed
 * @property {Promise<number | null>} ended its exit code
 * @property {() => Promise<void>} stop asks it to end; ends it after a while
 * @property {() => Promise<void>} kill ends it at once, as kill -9 does
 */

/**
 * Starts a program and resolves when a line of its output says that it is ready. One that ends before is an error
 * with what it printed.
 * @template T
 * @param {string[]} command
 * @param {{ readyIn: (line: string) => T | undefined, cwd?: string, env?: Record<string, string>, echo?: boolean }}
 * options echo: print here what the program prints
 * @returns {Promise<Running<T>>}
 */
export function startProgram([program, ...args], { readyIn, cwd, env = {}, echo = false }) {
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  /** @type {string[]} */
  const lines = [];
  /** @type {Promise<number | null>} */
  const ended = new Promise((resolve) => child.once("close", resolve));
  const output = () => lines.join("\n");
  const stop = async () => {
    child.kill("SIGTERM");
    const force = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(force);
  };
  const kill = async () => {
    child.kill("SIGKILL");
    await ended;
  };
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`${program} ended with ${code}:\n${output()}`)));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        lines.push(line);
        if (echo) console.log(line);
        if (lines.length > KEPT_LINES) lines.shift();
        const ready = readyIn(line);
        if (ready !== undefined) resolve({ ready, output, ended, stop, kill });
      });
    }
  });
}

/**
 * What stands behind `ready ` in a line that a program of this package prints when it is ready.
 * @param {string} line
 */
export function readyLine(line) {
  return line.startsWith("ready ") ? JSON.parse(line.slice("ready ".length)) : undefined;
}
