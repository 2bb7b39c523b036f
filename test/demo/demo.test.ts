/** `npm run demo`, from its ready line to the end that leaves nothing behind. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { openBrowser } from "../../scripts/shared/browser.mjs";
import { readyLine } from "../../scripts/shared/program.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { npm } from "../../scripts/shared/tools.mjs";
import { needs } from "../support/needs";

interface Addresses {
  editor: string;
  dashboard: string;
  agent: { port: number; registrationPort: number; ca: string };
}

const ANY_PORTS = ["--port", "0", "--agent-port", "0", "--agent-registration-port", "0"];

/** Its own folder for temporary files shows what it leaves behind. */
function startDemo(args: readonly string[], temporary: string): ChildProcess {
  // The script of package.json is for shells that have `exec`.
  const command =
    process.platform === "win32" ? [process.execPath, "scripts/demo.mjs"] : [...npm, "run", "demo", "--"];
  const [program = "", ...before] = command;
  return spawn(program, [...before, ...args], {
    cwd: projectRoot,
    env: { ...process.env, TMPDIR: temporary, TEMP: temporary },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

function addressesOf(demo: ChildProcess): Promise<Addresses> {
  const { stdout, stderr } = demo;
  assert.ok(stdout !== null && stderr !== null);
  const printed: string[] = [];
  stderr.on("data", (chunk: Buffer) => printed.push(chunk.toString()));
  return new Promise((resolve, reject) => {
    createInterface({ input: stdout }).on("line", (line) => {
      printed.push(line);
      const ready = readyLine(line) as Addresses | undefined;
      if (ready !== undefined) resolve(ready);
    });
    demo.once("close", () => reject(new Error(printed.join("\n"))));
  });
}

describe("the demo", function () {
  this.timeout(180_000); // It may build first, and opens a browser.

  let temporary: string;
  let demo: ChildProcess;
  let addresses: Addresses;
  before(async () => {
    temporary = await mkdtemp(join(tmpdir(), "teamviewer-iot-demo-test-"));
    demo = startDemo(ANY_PORTS, temporary);
    addresses = await addressesOf(demo);
  });
  after(async () => {
    if (demo.exitCode === null && demo.kill("SIGKILL")) await once(demo, "close");
    await rm(temporary, { recursive: true, force: true });
  });

  it("says where its parts are", async () => {
    const { editor, dashboard, agent } = addresses;
    assert.match(editor, /^http:\/\/127\.0\.0\.1:\d+\/$/);
    assert.equal(dashboard, `${editor}dashboard/line`);
    assert.ok(agent.port > 0 && agent.registrationPort > 0 && agent.ca.startsWith(temporary));
    assert.equal((await fetch(editor)).status, 200);
  });

  it("shows the machines' live data on its dashboard, and an error when one is provoked", async function () {
    needs(this, "chromium");
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      await page.goto(addresses.dashboard);
      for (const machine of ["Press", "Mill", "Packer"]) {
        const group = page.locator(".nrdb-ui-group", { hasText: machine });
        await group.getByText(/^(running|stopped)$/).waitFor();
      }
      assert.equal(await page.locator(".nrdb-ui-gauge").count(), 3);
      assert.equal(await page.locator(".nrdb-ui-chart canvas, .nrdb-ui-chart svg").count(), 2);
      await page.getByText(/^[0-9a-f]{32}$/).waitFor();

      await page.getByRole("button", { name: "Push an impossible value" }).click();
      await page
        .locator(".nrdb-ui-group", { hasText: "Last error" })
        .getByText(/temperature/)
        .waitFor();
    } finally {
      await browser.close();
    }
  });

  it("says which port is in use, and how to choose another", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const second = startDemo([...ANY_PORTS, "--agent-port", String(port)], temporary);
    await assert.rejects(addressesOf(second), {
      message: new RegExp(`Port ${port} is in use.*--agent-port`),
    });
    assert.equal(second.exitCode, 1);
    server.close();
  });

  it("ends when it is interrupted, and leaves nothing behind", async function () {
    needs(this, "signals");
    demo.kill("SIGINT");
    const [code] = (await once(demo, "close")) as [number];
    assert.equal(code, 0);
    assert.deepEqual(await readdir(temporary), []);
    for (const port of [
      addresses.agent.port,
      addresses.agent.registrationPort,
      Number(new URL(addresses.editor).port),
    ]) {
      await assertFree(port);
    }
  });
});

/** That nobody listens there any more. */
async function assertFree(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  server.close();
}
