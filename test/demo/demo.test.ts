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
import { freePorts } from "../support/ports";
import { until } from "../support/waits";

interface Addresses {
  editor: string;
  dashboard: string;
  agent: { port: number; registrationPort: number; ca: string };
}

/** What the browser is waited for at most, and less than mocha's limit, which cannot say what for. */
const PATIENCE_MS = 120_000;
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
  let temporary: string;
  let demo: ChildProcess;
  let addresses: Addresses;
  before(async () => {
    temporary = await mkdtemp(join(tmpdir(), "teamviewer-iot-demo-test-"));
    // The broker needs its ports only after the demo has looked for them.
    const [port, registrationPort] = await freePorts(2);
    const ports = [
      "--port",
      "0",
      "--agent-port",
      `${port}`,
      "--agent-registration-port",
      `${registrationPort}`,
    ];
    demo = startDemo(ports, temporary);
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
      page.setDefaultTimeout(PATIENCE_MS);
      await page.goto(addresses.dashboard);
    });
    after(() => browser?.close());

    it("shows three machines, an alarm, and that nothing is lost", async () => {
      for (const name of ["press", "mill", "packer"]) {
        const machine = page.locator(".demo-machines section", { hasText: word(name) });
        await machine.getByText(/^\d+,\d\s*°C$/).waitFor();
      }
      const charts = page.locator(".nrdb-ui-chart canvas, .nrdb-ui-chart svg");
      await until("both charts", async () => (await charts.count()) === 2);
      await page.locator(".demo-alarms li.on").waitFor();
      await page.locator(".demo-verdict.good", { hasText: "Nichts verloren" }).waitFor();
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
      const before = await shown(page);
      await page.getByLabel(word("switch.label")).click();
      await untilShown(page, ({ verdict }) => verdict.includes("Keine Verbindung"));
      await page.getByRole("button", { name: word("alarms.overheat") }).click();
      const during = await untilShown(page, ({ waiting }) => waiting > 40);
      assert.equal(during.alarms, 0);
      assert.equal(during.made, during.confirmed + during.waiting);
      assert.ok(during.arrived <= during.confirmed);

      const seen = await watch(page);
      await page.getByLabel(word("switch.label")).click();
      const after = await untilShown(page, ({ verdict }) => verdict.includes("Nichts verloren"));
      assert.ok(after.made > before.made + 40);
      assert.deepEqual([after.waiting, after.confirmed, after.arrived], [0, after.made, after.made]);
      const all = await seen();
      const isAlarmBeforeTheRest = ({ alarms, verdict, waiting }: Shown): boolean =>
        alarms > 0 && verdict.includes("Wird nachgeholt") && waiting > 10;
      assert.ok(all.some(isAlarmBeforeTheRest), JSON.stringify(all));
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

/** What the dashboard shows at one moment: its counts, its verdict, the alarms that are on. */
interface Shown {
  made: number;
  waiting: number;
  confirmed: number;
  arrived: number;
  verdict: string;
  alarms: number;
}

/** In the page: reads all at once, or a moment later another part would be of another moment. */
function look(): Shown {
  const counts = [...document.querySelectorAll(".demo-way strong")].map((count) =>
    Number((count.textContent ?? "").replaceAll(".", "")),
  );
  const [made = 0, waiting = 0, confirmed = 0, arrived = 0] = counts;
  const verdict = document.querySelector(".demo-verdict")?.textContent ?? "";
  const alarms = document.querySelectorAll(".demo-alarms li.on").length;
  return { made, waiting, confirmed, arrived, verdict, alarms };
}

const shown = (page: Page): Promise<Shown> => page.evaluate(look);

function untilShown(page: Page, isSo: (shown: Shown) => boolean): Promise<Shown> {
  let last: Shown | undefined;
  return until(
    "the dashboard",
    async () => {
      last = await shown(page);
      return isSo(last) && last;
    },
    () => last,
  );
}

/** From now on keeps all that is shown, however short; gives what tells it. */
async function watch(page: Page): Promise<() => Promise<Shown[]>> {
  const seen = await page.evaluateHandle(`(() => {
    const look = ${look.toString()};
    const seen = [];
    new MutationObserver(() => seen.push(look())).observe(document.body, {
      subtree: true, childList: true, characterData: true, attributes: true,
    });
    return seen;
  })()`);
  return async () => (await seen.jsonValue()) as Shown[];
}

/** That nobody listens there any more. */
async function assertFree(port: number): Promise<void> {
  const server = createServer().listen(port, "127.0.0.1");
  await once(server, "listening");
  server.close();
}
