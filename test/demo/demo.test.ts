/** `npm run demo` as a visitor uses it, from its ready line to the end that leaves nothing behind; in German. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Browser, Page } from "playwright-core";
import { openBrowser } from "../../scripts/shared/browser.mjs";
import { textsOf } from "../../scripts/shared/demo.mjs";
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
    env: { ...process.env, LC_ALL: "de_DE.UTF-8", TMPDIR: temporary, TEMP: temporary },
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

  describe("in a browser", () => {
    let browser: Browser;
    let page: Page;
    before(async function () {
      needs(this, "chromium");
      browser = await openBrowser();
      page = await browser.newPage();
      await page.goto(addresses.dashboard);
    });
    after(() => browser?.close());

    it("shows three machines, an alarm, and that nothing is lost, within the first half minute", async () => {
      for (const name of ["press", "mill", "packer"]) {
        const machine = page.locator(".demo-machines section", { hasText: word(name) });
        await machine.getByText(/^\d+,\d\s*°C$/).waitFor();
      }
      assert.equal(await page.locator(".nrdb-ui-chart canvas, .nrdb-ui-chart svg").count(), 2);
      await page.locator(".demo-alarms li.on").waitFor();
      await page.locator(".demo-verdict.good").waitFor();
      assert.match(await page.locator(".demo-verdict").innerText(), /Nichts verloren/);
    });

    it("tells which row of the table cannot make its value when a wire breaks", async () => {
      await page.getByRole("button", { name: word("errors.break") }).click();
      await page
        .locator(".demo-error")
        .getByText(/5.*---/)
        .waitFor();
    });

    it("keeps what is made during an outage; then alarms come first, and all values arrive once", async () => {
      await page.locator(".demo-alarms li.on").waitFor({ state: "detached" });
      const before = await counts(page);
      await page.getByLabel(word("switch.label")).click();
      await page.locator(".demo-verdict", { hasText: "Keine Verbindung" }).waitFor();
      await page.getByRole("button", { name: word("alarms.overheat") }).click();
      await until(page, ({ waiting }) => waiting > 40);
      assert.equal(await page.locator(".demo-alarms li.on").count(), 0);
      const during = await counts(page);
      assert.equal(during.made, during.confirmed + during.waiting);
      assert.ok(during.arrived <= during.confirmed);

      await page.getByLabel(word("switch.label")).click();
      await page.locator(".demo-alarms li.on").waitFor();
      await page.locator(".demo-verdict", { hasText: "Wird nachgeholt" }).waitFor();
      const { waiting } = await counts(page);
      assert.ok(waiting > 10, `${waiting} wait when the alarm is there`);

      await page.locator(".demo-verdict.good").waitFor();
      const after = await counts(page);
      assert.ok(after.made > before.made + 40);
      assert.deepEqual(after, { made: after.made, waiting: 0, confirmed: after.made, arrived: after.made });
    });

    it("has the explorer open in its editor, with the line's sensors", async () => {
      await page.goto(addresses.editor);
      const explorer = page.locator(".teamviewer-iot-explorer");
      for (const name of ["press", "mill", "packer"])
        await explorer.getByText(word(name), { exact: true }).waitFor();
      // What the visitor's own Node-RED at the same address shows stays as it was.
      const remembered = await page.evaluate(() => localStorage.getItem("last-sidebar-tab"));
      assert.notEqual(remembered, "teamviewer-iot-explorer");
    });
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

  describe("that is interrupted", () => {
    it("ends, and leaves nothing behind", async function () {
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
});

const texts = textsOf("de");
const word = (key: string): string => texts[key] ?? "";

interface Counts {
  made: number;
  waiting: number;
  confirmed: number;
  arrived: number;
}

/** What the dashboard counts. */
async function counts(page: Page): Promise<Counts> {
  const shown = await page.locator(".demo-way strong").allInnerTexts();
  const [made = 0, waiting = 0, confirmed = 0, arrived = 0] = shown.map((text) =>
    Number(text.replaceAll(".", "")),
  );
  return { made, waiting, confirmed, arrived };
}

async function until(page: Page, isSo: (counts: Counts) => boolean): Promise<void> {
  while (!isSo(await counts(page))) await page.waitForTimeout(200);
}

/** That nobody listens there any more. */
async function assertFree(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  server.close();
}
