/**
 * One Mosquitto as a child process, in a folder of its own that holds its configuration. It never runs as root: when we
 * are root, Debian's user `mosquitto` runs it, who may read the files of this folder and change none.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, chown, readFile } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";
import { IotError } from "../protocol/errors";
import { cleanText } from "../protocol/text";
import { openFolder, writePrivateFile } from "./files";

/** Milliseconds for Mosquitto to start, to reload, and to end by itself. */
export const PATIENCE = 10_000;
/** Debian puts it where not everybody's PATH leads. */
const PATH = `${process.env.PATH ?? ""}:/usr/sbin:/usr/local/sbin`;
const CONFIGURATION = "mosquitto.conf";
const ACCOUNT = "mosquitto";
const ROOT = 0;
/** The folder and the files of a Mosquitto that another user runs: that user's group reads them. */
const FOLDER_OF_GROUP = 0o710;
const FILE_OF_GROUP = 0o640;

/** What it logs, from the beginning to the end of a line: a client's name stands in other lines, and forges none. */
const RUNNING = /^\d+: mosquitto version \S+ running$/;
const RELOADING = /^\d+: Reloading config\.$/;

interface Account {
  uid: number;
  gid: number;
}

interface ProcessOptions {
  directory: string;
  onLine: (line: string) => void;
  /** It ended by itself after it had started. */
  onEnd: (error: Error) => void;
}

export class MosquittoProcess {
  private child: ChildProcess | undefined;
  private account: Account | undefined;
  private lastLines: string[] = [];
  private readonly waiting = new Set<(line: string) => void>();

  constructor(private readonly options: ProcessOptions) {}

  /** Starts it with these lines of configuration, which name their files without a folder. */
  async start(configuration: readonly string[], files: Readonly<Record<string, string>>): Promise<void> {
    const program = findProgram("mosquitto");
    if (program === undefined)
      throw new Error("mosquitto is not installed (on Debian: apt install mosquitto)");
    this.account = await findAccount();
    await openFolder(this.options.directory);
    await this.share(this.options.directory, FOLDER_OF_GROUP);
    for (const [name, content] of Object.entries(files)) await this.write(name, content);
    await this.write(CONFIGURATION, linesOf(configuration));
    await this.run(program);
  }

  /** Writes a file of its folder. */
  async write(name: string, content: string): Promise<void> {
    const path = join(this.options.directory, name);
    await writePrivateFile(path, content);
    await this.share(path, FILE_OF_GROUP);
  }

  /** Has it read its files again. */
  async reload(): Promise<void> {
    const reloading = this.nextLine(RELOADING);
    this.child?.kill("SIGHUP");
    await reloading;
  }

  async stop(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGTERM");
    const deadline = setTimeout(() => child.kill("SIGKILL"), PATIENCE);
    await ended;
    clearTimeout(deadline);
  }

  private async share(path: string, mode: number): Promise<void> {
    if (this.account === undefined) return;
    await chown(path, ROOT, this.account.gid);
    await chmod(path, mode);
  }

  private async run(program: string): Promise<void> {
    const command = [program, "-c", CONFIGURATION];
    // Where it is there, setpriv lets Mosquitto end with the simulator even if that is killed.
    const guard = findProgram("setpriv");
    const [file = program, ...rest] =
      guard === undefined ? command : [guard, "--pdeathsig", "TERM", ...command];
    const child = spawn(file, rest, {
      cwd: this.options.directory,
      stdio: ["ignore", "ignore", "pipe"],
      // Nothing else of our environment: Node-RED's may hold secrets.
      env: { PATH },
      ...this.account,
    });
    this.child = child;
    this.lastLines = [];
    const running = this.nextLine(RUNNING);
    readLines(child, (line) => this.readLine(line));
    let isRunning = false;
    const failed = new Promise<never>((_, reject) => {
      child.once("error", reject);
      child.once("exit", () => {
        const error = new Error(`mosquitto ended: ${cleanText(this.lastLines.join(" "))}`);
        if (this.child === child && isRunning) this.options.onEnd(error);
        reject(error);
      });
    });
    await Promise.race([running, failed]);
    isRunning = true;
  }

  private readLine(line: string): void {
    this.lastLines = [...this.lastLines.slice(-2), line.replace(/^\d+: /, "")];
    this.options.onLine(line);
    for (const look of this.waiting) look(line);
  }

  private nextLine(wanted: RegExp): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(deadline);
        this.waiting.delete(look);
        resolve();
      };
      const look = (line: string) => {
        if (wanted.test(line)) done();
      };
      const deadline = setTimeout(done, PATIENCE);
      this.waiting.add(look);
    });
  }
}

/** Lines end with a newline only: Node's own reader also ends them at U+2028, which a client's name can hold. */
function readLines(child: ChildProcess, onLine: (line: string) => void): void {
  let rest = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    lines.forEach(onLine);
  });
}

/** Who runs it when we are root; undefined: we ourselves. */
async function findAccount(): Promise<Account | undefined> {
  if (process.getuid?.() !== ROOT) return undefined;
  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const [, , uid, gid] = users.find(([name]) => name === ACCOUNT) ?? [];
  if (uid === undefined || gid === undefined || Number(uid) === ROOT) {
    throw new IotError("SimulatorFailed", { reason: "account", details: { value: ACCOUNT } });
  }
  return { uid: Number(uid), gid: Number(gid) };
}

function findProgram(name: string): string | undefined {
  return PATH.split(delimiter)
    .filter(isAbsolute)
    .map((directory) => join(directory, name))
    .find((path) => existsSync(path));
}

export const linesOf = (list: readonly string[]) => `${list.join("\n")}\n`;
