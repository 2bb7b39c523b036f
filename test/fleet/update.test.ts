/** docs/fleet/gateway/update.sh, with programs in the path that write down what they are asked for. */
import assert from "node:assert/strict";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { needs } from "../support/needs";
import { FLEET } from "./world/files";
import { Repository } from "./world/repository";

const run = promisify(execFile);

describe("update.sh", function () {
  let directory: string;
  let repository: Repository;
  /** Stands for the process of Node-RED. */
  let nodeRed: ChildProcess;

  beforeEach(async function () {
    needs(this, "git", "signals");
    directory = await mkdtemp(join(tmpdir(), "tviot-update-"));
    repository = await Repository.make(directory, join(FLEET, "gateway"));
    await repository.clone(join(directory, "checkout"));
    await mkdir(join(directory, "bin"));
    nodeRed = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
    await program("npm");
    await program("curl");
    await program("systemctl", `echo ${nodeRed.pid}`);
  });
  afterEach(async () => {
    nodeRed?.kill("SIGKILL");
    if (directory !== undefined) await rm(directory, { recursive: true, force: true });
  });

  it("does nothing where nothing is new, and for a new table, which the push node sees by itself", async () => {
    assert.deepEqual(await update(), []);
    await repository.change("table.csv", (table) => `${table}a;b;c;;;\n`);
    assert.deepEqual(await update(), []);
    assert.match(await readFile(join(directory, "checkout/table.csv"), "utf8"), /^a;b;c/m);
  });

  it("lets Node-RED read a new flow, with the token for it", async () => {
    await repository.change("flows.json", (flow) => flow.replace("Gateway", "Our gateway"));
    const [call = "", ...others] = await update();
    assert.deepEqual(others, []);
    assert.match(call, /^curl .*--cacert ca\.crt .*https:\/\/gateway:1880\/flows /);
    assert.match(call, /Authorization: Bearer secret .*Node-RED-Deployment-Type: reload/);
    assert.deepEqual(await update(), []);
  });

  it("tries again what has failed", async () => {
    await program("curl", "exit 22");
    await repository.change("flows.json", (flow) => flow.replace("Gateway", "Our gateway"));
    await assert.rejects(update());
    await program("curl");
    assert.equal((await update()).length, 1);
  });

  it("installs new packages, and ends Node-RED, which systemd starts again", async () => {
    await repository.change("package-lock.json", () => "{}\n");
    const ended = once(nodeRed, "exit");
    assert.deepEqual(await update(), [
      "npm ci --omit=dev",
      "systemctl show --property MainPID --value node-red",
    ]);
    assert.deepEqual(await ended, [null, "SIGTERM"]);
  });

  it("ends nothing where Node-RED does not run", async () => {
    await program("systemctl", "echo 0");
    await repository.change("settings.js", (settings) => `${settings}\n`);
    assert.equal((await update()).length, 1);
    assert.equal(nodeRed.exitCode, null);
  });

  /** A program that writes its arguments down, in one line, and does `more`. */
  async function program(name: string, more = ""): Promise<void> {
    const text = `#!/bin/sh\necho ${name} "$@" >>${join(directory, "calls")}\n${more}\n`;
    await writeFile(join(directory, "bin", name), text, { mode: 0o755 });
  }

  /** What the script asked for. */
  async function update(): Promise<string[]> {
    const calls = join(directory, "calls");
    await writeFile(calls, "");
    const path = `${join(directory, "bin")}${delimiter}${process.env.PATH}`;
    const gateway = { CLUSTER_CA: "ca.crt", GATEWAY_URL: "https://gateway:1880", UPDATE_TOKEN: "secret" };
    await run("sh", [join(directory, "checkout/update.sh")], {
      env: { ...process.env, ...gateway, PATH: path },
    });
    return (await readFile(calls, "utf8")).split("\n").slice(0, -1);
  }
});
