/** The explorer in a real Node-RED and a real browser: what it shows, what it changes, and what lands on the canvas. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import { openBrowser } from "../../scripts/shared/browser.mjs";
import { startSimulator, type Simulator } from "../../src/simulator/index";
import { EditorPage, type Language } from "../editor/editor-page";
import { RUNTIMES } from "../package/installation";
import { needs } from "../support/needs";
import { RealNodeRed, type FlowItem } from "../support/real-node-red";
import { until } from "../support/waits";

/** What an agent, or whoever pushes to it, could call something. */
const HOSTILE = '<img src=x onerror="document.title=1">';

declare const RED: {
  sidebar: { show(id: string): void };
  nodes: { filterNodes(filter: object): Record<string, unknown>[] };
};

const SEEN = RUNTIMES.filter(({ version }) => version !== "4.0");

for (const [index, { name, command }] of SEEN.entries())
  describe(`The explorer under ${name}`, function () {
    this.timeout(120_000);
    /** What does not depend on Node-RED's version is looked at once. */
    const once = (title: string, test: () => Promise<void>): void => {
      if (index === 0) it(title, test);
    };
    let folder: string;
    let simulator: Simulator;
    let nodeRed: RealNodeRed;
    let browser: Browser;
    let editor: EditorPage;
    let page: Page;

    before(async function () {
      needs(this, "chromium");
      folder = await mkdtemp(join(tmpdir(), "tviot-explorer-"));
      simulator = await startSimulator({ directory: folder });
      nodeRed = await RealNodeRed.start({ command: await command() });
      await nodeRed.deploy(flow());
      browser = await openBrowser();
      await open("en-US");
    });
    after(async () => {
      await browser?.close();
      await nodeRed?.stop();
      await simulator?.stop();
      if (folder !== undefined) await rm(folder, { recursive: true, force: true });
    });
    afterEach(() => assert.deepEqual(editor.complaints.splice(0), []));

    function flow(): FlowItem[] {
      const { port, registrationPort, ca } = simulator;
      const address = { port: String(port), registrationPort: String(registrationPort), caFile: ca };
      const place = { z: "tab", x: 120, y: 80 };
      return [
        { id: "tab", type: "tab", label: "flow" },
        {
          id: "press",
          type: "teamviewer-iot-agent",
          name: "press hall",
          ...address,
          autoRegister: true,
          clientName: "press-12",
        },
        {
          id: "tick",
          type: "inject",
          ...place,
          repeat: "0.3",
          props: [{ p: "payload" }],
          payload: '{"speed": $random()}',
          payloadType: "jsonata",
          wires: [["belt"]],
        },
        {
          id: "belt",
          type: "teamviewer-iot-push",
          ...place,
          agent: "press",
          sensor: "conveyor",
          wires: [[], []],
        },
      ];
    }

    async function open(language: Language): Promise<void> {
      editor = await EditorPage.open(browser, nodeRed.url, language);
      ({ page } = editor);
      await page.evaluate(() => RED.sidebar.show("teamviewer-iot-explorer"));
      await row("conveyor").waitFor();
    }

    const row = (label: string): Locator =>
      page.locator(".teamviewer-iot-row").filter({ has: page.getByText(label, { exact: true }) });
    const handle = (label: string): Locator => row(label).locator(".teamviewer-iot-handle");
    const labels = (): Promise<string[]> => page.locator(".teamviewer-iot-row-label").allInnerTexts();

    async function create(name: string): Promise<void> {
      await row("press hall").click();
      await page.getByPlaceholder("Name of a new sensor").fill(name);
      await page.keyboard.press("Enter");
      await row(name).waitFor();
    }

    it("opens the only agent by itself, and shows values as they come, with a curve", async () => {
      await handle("conveyor").click();
      const metric = row("speed");
      await metric.locator("path").waitFor({ state: "attached" });
      const shown = (): Promise<string> => metric.locator(".teamviewer-iot-row-detail").innerText();
      const first = await shown();
      await until("another value", async () => (await shown()) !== first);
    });

    it("creates a sensor and a metric, and renames both", async () => {
      await create("Oven");
      await row("Oven").click();
      await page.getByPlaceholder("Name of a new metric").fill("Heat");
      await page.locator(".teamviewer-iot-details select").selectOption("SI.Temperature.CELSIUS");
      await page.getByRole("button", { name: "Create the metric" }).click();
      await row("Heat").waitFor();
      await row("Heat").click();
      await page.getByRole("textbox", { name: "Name", exact: true }).fill("Heat of the oven");
      await page.keyboard.press("Enter");
      await row("Heat of the oven").waitFor();
      await row("Oven").click();
      await page.keyboard.press("F2");
      await page.keyboard.type("Kiln");
      await page.keyboard.press("Enter");
      await row("Kiln").waitFor();
    });

    once("says what is lost before it deletes, and keeps it when told to", async () => {
      await row("Kiln").click();
      const remove = page.locator(".teamviewer-iot-details").getByRole("button", { name: "Delete" });
      await remove.click();
      const question = page.locator(".red-ui-notification").filter({ hasText: "Kiln" });
      assert.match(await question.innerText(), /history are lost/);
      await question.getByRole("button", { name: "Keep" }).click();
      await question.waitFor({ state: "detached" });
      assert.ok((await labels()).includes("Kiln"));
      await remove.click();
      await question.getByRole("button", { name: "Delete" }).click();
      await row("Kiln").waitFor({ state: "detached" });
    });

    it("puts a metric that is dragged onto the canvas where it is dropped, as a push node that is set", async () => {
      const canvas = page.locator("#red-ui-workspace-chart");
      await row("speed").dragTo(canvas, { targetPosition: { x: 300, y: 260 } });
      const [node] = await until("a new push node", async () => {
        const found = await nodesOf("teamviewer-iot-push");
        return found.length === 1 ? found : undefined;
      });
      assert.deepEqual(
        [node?.agent, node?.sensor, node?.sensorType, node?.metric, node?.metricType],
        ["press", "conveyor", "str", "speed", "str"],
      );
      // Node-RED makes the node as wide as its label when it draws it.
      assert.ok(
        Math.abs(Number(node?.x) - 300) < 60 && Math.abs(Number(node?.y) - 260) < 30,
        JSON.stringify(node),
      );
    });

    it("does the same from the keyboard, and a livedata node with Shift", async () => {
      await row("conveyor").click();
      await page.locator(".teamviewer-iot-tree").focus();
      await page.keyboard.press("Shift+Enter");
      const found = await until("a livedata node", async () => {
        const nodes = await nodesOf("teamviewer-iot-livedata");
        return nodes.length === 1 ? nodes : undefined;
      });
      assert.deepEqual([found[0]?.agent, found[0]?.sensor], ["press", "conveyor"]);
    });

    once("moves, opens and closes with the arrow keys", async () => {
      await row("press hall").click();
      await page.locator(".teamviewer-iot-tree").focus();
      await page.keyboard.press("ArrowDown");
      assert.equal(await row("conveyor").getAttribute("aria-selected"), "true");
      await page.keyboard.press("ArrowLeft");
      assert.equal(await row("conveyor").getAttribute("aria-expanded"), "false");
      await page.keyboard.press("ArrowLeft");
      assert.equal(await row("press hall").getAttribute("aria-selected"), "true");
    });

    once("finds sensors by their names and IDs", async () => {
      await create("Saw");
      const search = page.getByPlaceholder("Search names and IDs");
      await search.fill("SAW");
      await row("conveyor").waitFor({ state: "detached" });
      assert.deepEqual(await labels(), ["press hall", "Saw"]);
      await search.fill("");
      await row("conveyor").waitFor();
    });

    it("shows a hostile name as the text that it is", async () => {
      await create(HOSTILE);
      await row(HOSTILE).click();
      await page.keyboard.press("Delete");
      const question = page.locator(".red-ui-notification").filter({ hasText: "onerror" });
      await question.getByRole("button", { name: "Keep" }).click();
      await question.waitFor({ state: "detached" });
      assert.equal(await page.locator(".teamviewer-iot-explorer img, .red-ui-notification img").count(), 0);
      assert.notEqual(await page.title(), "1");
    });

    once("gives a file for whoever helps", async () => {
      await row("press hall").click();
      const download = page.waitForEvent("download");
      await page.getByRole("button", { name: "Diagnostics" }).click();
      const text = await readFile(await (await download).path(), "utf8");
      assert.match(text, /"state": "connected"/);
    });

    it("has a name for every control", async () => {
      const unnamed = await page
        .locator(".teamviewer-iot-explorer")
        .evaluate((explorer) =>
          [...explorer.querySelectorAll<HTMLElement>("input, select, button, [role=tree]")]
            .filter((control) => (control.getAttribute("aria-label") ?? control.textContent).trim() === "")
            .map((control) => control.outerHTML),
        );
      assert.deepEqual(unnamed, []);
    });

    once("stops asking when it is hidden", async () => {
      await page.evaluate(() => RED.sidebar.show("info"));
      let asked = 0;
      // One that was under way may still come.
      await page.waitForTimeout(1500);
      page.on("request", (request) => (asked += request.url().includes("/teamviewer-iot/agents") ? 1 : 0));
      await page.waitForTimeout(3500);
      assert.equal(asked, 0);
      await page.evaluate(() => RED.sidebar.show("teamviewer-iot-explorer"));
      await until("a question", () => Promise.resolve(asked > 0));
    });

    once("scrolls through 1,000 sensors with no more rows than are seen", async () => {
      await addSensors(1000);
      await page.getByRole("button", { name: "Read anew" }).click();
      await until(
        "all sensors",
        async () => Number(await row("press hall").getAttribute("aria-setsize")) > 1000,
      );
      assert.ok((await page.locator(".teamviewer-iot-row").count()) < 60);
      await page.locator(".teamviewer-iot-tree").focus();
      await page.keyboard.press("End");
      await until("the last rows", async () => (await labels()).some((label) => label.startsWith("many ")));
      await editor.screenshot("explorer");
    });

    once("shows what was known, and that it may be old, when the agent is away", async () => {
      await page.locator(".teamviewer-iot-tree").focus();
      await page.keyboard.press("Home");
      await simulator.stop();
      await page.locator('.teamviewer-iot-row[data-old] >> text="conveyor"').waitFor();
      assert.match(
        await row("conveyor")
          .getAttribute("title")
          .then((title) => title ?? ""),
        /last known/,
      );
    });

    /** The new ones: not yet deployed. */
    async function nodesOf(type: string): Promise<Record<string, unknown>[]> {
      const nodes = await page.evaluate(
        (type) =>
          RED.nodes
            .filterNodes({ type })
            .map(({ id, agent, sensor, sensorType, metric, metricType, x, y }) => ({
              id,
              agent,
              sensor,
              sensorType,
              metric,
              metricType,
              x,
              y,
            })),
        type,
      );
      return nodes.filter(({ id }) => id !== "belt");
    }

    async function addSensors(count: number): Promise<void> {
      const create = (name: string): Promise<Response> =>
        fetch(new URL("teamviewer-iot/agents/press/change", nodeRed.url), {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ operation: "createSensor", parameters: { name } }),
        });
      for (let next = 0; next < count;) {
        const names = Array.from({ length: 5 }, () => `many ${next++}`);
        const answers = await Promise.all(names.map(create));
        assert.ok(answers.every(({ ok }) => ok));
      }
    }
  });
