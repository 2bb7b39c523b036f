/** The explorer in a real Node-RED and a real browser: what it shows, what it changes, and what lands on the canvas. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { Locator, Page, Route } from "playwright-core";
import { violations } from "../editor/accessibility";
import { EditorPage } from "../editor/editor-page";
import { useStage } from "../editor/world";
import { RUNTIMES } from "../package/installation";
import { RealNodeRed, type FlowItem } from "../support/real-node-red";
import { until } from "../support/waits";

/** What an agent, or whoever pushes to it, could call something. */
const HOSTILE = '<img src=x onerror="document.title=1">';

/** A thousand sensors with ten metrics each, as pushes make them. */
const PLENTY = `for (let sensor = 0; sensor < 1000; sensor++) {
  const metrics = Array.from({ length: 10 }, (_, at) => ["m-" + sensor + "-" + at, at]);
  node.send({ sensor: "many-" + sensor, payload: Object.fromEntries(metrics) });
}`;

declare const RED: {
  settings: { user?: object };
  sidebar: { show(id: string): void };
  nodes: { filterNodes(filter: object): Record<string, unknown>[] };
};

const SEEN = RUNTIMES.filter(({ version }) => version !== "4.0");

for (const [index, { name, command }] of SEEN.entries())
  describe(`The explorer under ${name}`, function () {
    /** What does not depend on Node-RED's version is looked at once. */
    const once = (title: string, test: () => Promise<void>): void => {
      if (index === 0) it(title, test);
    };
    const stage = useStage(async () => RealNodeRed.start({ command: await command() }));
    let editor: EditorPage;
    let page: Page;

    before(async () => {
      await stage.nodeRed.deploy(flow());
      await open("en-US");
    });
    afterEach(() => assert.deepEqual(editor.complaints.splice(0), []));

    function flow(): FlowItem[] {
      const { port, registrationPort, ca } = stage.simulator;
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
          queueCount: "5000",
        },
        {
          id: "tick",
          type: "inject",
          ...place,
          repeat: "0.3",
          props: [{ p: "payload" }],
          payload: '{"speed": $random(), "temperature": 20 + 5 * $random()}',
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
        {
          id: "strange",
          type: "inject",
          ...place,
          props: [{ p: "payload" }],
          payload: JSON.stringify({ note: HOSTILE }),
          payloadType: "json",
          wires: [["belt"]],
        },
        { id: "plenty", type: "inject", ...place, props: [], wires: [["make"]] },
        { id: "make", type: "function", ...place, func: PLENTY, wires: [["bulk"]] },
        {
          id: "bulk",
          type: "teamviewer-iot-push",
          ...place,
          agent: "press",
          sensor: "sensor",
          sensorType: "msg",
          wires: [[], []],
        },
      ];
    }

    async function open(language: string): Promise<void> {
      editor = await EditorPage.open(stage.browser, stage.nodeRed.url, language);
      ({ page } = editor);
      await page.evaluate(() => RED.sidebar.show("teamviewer-iot-explorer"));
      await row("conveyor").waitFor();
    }

    const row = (label: string): Locator =>
      page
        .locator(".teamviewer-iot-row")
        .filter({ has: page.locator(".teamviewer-iot-row-label").getByText(label, { exact: true }) });
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
      await metric.click();
      await editor.screenshot("explorer-live");
    });

    once(
      "leaves a row under a pressed button until it is clicked, however often its value changes",
      async () => {
        await row("conveyor").click();
        const metric = row("speed");
        const shown = (): Promise<string> => metric.locator(".teamviewer-iot-row-detail").innerText();
        const before = await shown();
        await metric.hover();
        await page.mouse.down();
        for (let count = 0; count < 3; count++)
          await page.waitForResponse((response) => response.url().includes("/live"));
        await page.mouse.up();
        assert.equal(await metric.getAttribute("aria-selected"), "true");
        await until("another value", async () => (await shown()) !== before);
      },
    );

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

    it("shows a hostile name, unit and value as the text that it is", async () => {
      if ((await row("conveyor").getAttribute("aria-expanded")) === "false") await handle("conveyor").click();
      await stage.nodeRed.inject("strange");
      await row("note").getByText(HOSTILE).waitFor();
      await create(HOSTILE);
      await row(HOSTILE).click();
      await page.getByPlaceholder("Name of a new metric").fill(HOSTILE);
      await page.keyboard.press("Enter");
      await row(HOSTILE).nth(1).click();
      await row(HOSTILE).first().click();
      await page.locator(".teamviewer-iot-tree").focus();
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

    it("shows how an agent is doing in one block, in light and dark, also where there is little room", async () => {
      /** An agent that has had a bad hour, in a real answer's place. */
      const badHour = {
        outbox: { pending: 34_120, delivered: 9, rejected: 0, expired: 0, dropped: 0, corrupt: 0 },
        replay: { waiting: 34_000, bytes: 3e6, rate: 100, seconds: 340, oldestAge: 3_700_000 },
        health: {
          reconnects: 3,
          lastFailure: {
            time: Date.now() - 400_000,
            failure: {
              name: "NotConnected",
              textKey: "NotConnected",
              details: {},
              message: "no connection",
            },
          },
          latency: { p50: 3.2, p95: 12, p99: 1204 },
          certificateDays: 28,
        },
      };
      const block = page.locator(".teamviewer-iot-details dl").first();
      await row("press hall").click();
      await block.getByText("Connected since").waitFor();
      assert.match(await block.innerText(), /Certificate ends\n.* \(\d+ days\)/);
      assert.doesNotMatch(await block.innerText(), /undefined|NaN|Reconnects/);
      // Node-RED 4.1 has one theme.
      for (const colorScheme of index === 0 ? (["light"] as const) : (["light", "dark"] as const)) {
        const other = await EditorPage.open(stage.browser, stage.nodeRed.url, "en-US", { colorScheme });
        await other.page.route("**/teamviewer-iot/agents/press", async (route) => {
          const facts = (await (await route.fetch()).json()) as { health: object };
          await route.fulfill({ json: { ...facts, ...badHour } });
        });
        await other.showExplorer();
        const explorer = other.page.locator(".teamviewer-iot-explorer");
        await explorer.locator(".teamviewer-iot-row").first().click();
        const text = async (): Promise<string> => explorer.locator("dl").first().innerText();
        await until("the bad hour", async () => /Reconnects\n3\n/.test(await text()));
        assert.match(await text(), /Last failure\n\d.* · /);
        assert.match(await text(), /half within 3\.2 ms, 95\s% within 12 ms, 99\s% within 1,204 ms/);
        assert.match(await text(), /Stored\n34,120\nOldest value waits\n62 min\nAll sent by\n\d+:\d+/);
        assert.match(await text(), /\(28 days\)/);
        assert.deepEqual(await violations(other.page, [".teamviewer-iot-details"]), []);
        await other.screenshot(`explorer-health-${colorScheme}-${index}`);
        await explorer.evaluate((content) => (content.style.width = "180px"));
        assert.deepEqual(await violations(other.page, [".teamviewer-iot-details"]), []);
        // Playwright would wait for it to stand still, and it is made anew every few seconds.
        await explorer
          .locator("dl")
          .first()
          .evaluate((block) => block.scrollIntoView());
        await other.screenshot(`explorer-health-${colorScheme}-${index}-narrow`);
        assert.deepEqual(other.complaints, []);
        await other.close();
      }
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
      page.on("request", (request) => (asked += request.url().includes("/teamviewer-iot/agents") ? 1 : 0));
      // What was under way still comes.
      await until("more than three turns without a question", async () => {
        const before = asked;
        await page.waitForTimeout(3500);
        return asked === before;
      });
      const before = asked;
      await page.evaluate(() => RED.sidebar.show("teamviewer-iot-explorer"));
      await until("a question", () => Promise.resolve(asked > before));
    });

    once("offers nothing that changes the agent to whoever may only look", async () => {
      await row("conveyor").click();
      const controls = page.locator(".teamviewer-iot-details").locator("input, select, .fa-trash-o");
      assert.ok((await controls.count()) > 0);
      await page.evaluate(() => (RED.settings.user = { permissions: "read" }));
      await row("speed").click();
      await row("conveyor").click();
      assert.equal(await controls.count(), 0);
      await page.locator(".teamviewer-iot-tree").focus();
      await page.keyboard.press("Delete");
      assert.equal(await page.locator(".red-ui-notification").count(), 0);
      await page.evaluate(() => delete RED.settings.user);
    });

    once("fits into the narrowest sidebar", async () => {
      const wide = await page.locator(".teamviewer-iot-explorer").evaluate((explorer) => {
        explorer.style.width = "180px";
        const parts = [explorer, ...explorer.querySelectorAll<HTMLElement>("*")];
        const found = parts
          .filter((part) => part.getBoundingClientRect().right > explorer.getBoundingClientRect().right + 1)
          .map((part) => part.outerHTML.slice(0, 200));
        explorer.style.width = "";
        return found;
      });
      assert.deepEqual(wide, []);
    });

    once("scrolls through 1,000 sensors with 10 metrics each, with no more rows than are seen", async () => {
      await stage.nodeRed.inject("plenty");
      await until("all sensors", async () => {
        const size = await row("press hall").getAttribute("aria-setsize");
        return Number(size) > 1000;
      });
      assert.ok((await page.locator(".teamviewer-iot-row").count()) < 60);
      await page.locator(".teamviewer-iot-tree").focus();
      await page.keyboard.press("End");
      await until("the last rows", async () => (await labels()).some((label) => label.startsWith("many-")));
      await editor.screenshot("explorer");
    });

    once("finds one metric of 10,000, and the sensor that it is of", async () => {
      const search = page.getByPlaceholder("Search names and IDs");
      await search.fill("m-417-3");
      await row("m-417-3").waitFor();
      assert.deepEqual(await labels(), ["press hall", "many-417", "m-417-3"]);
    });

    once("reads all metrics with a bar that says how far it is, and stops when it is hidden", async () => {
      // The rest waits until the sidebar is hidden: it could all be read before somebody looks.
      const held: Route[] = [];
      let free = 10;
      const METRICS = "**/sensors/*/metrics*";
      await page.route(METRICS, (route) => (free-- > 0 ? route.continue() : void held.push(route)));
      await page.getByRole("button", { name: /not read yet/ }).click();
      const text = page.locator(".teamviewer-iot-reading [role=status]");
      const done = async (): Promise<number> =>
        Number(/: ([\d,]+) of 1\d,\d{3}$/.exec(await text.innerText())?.[1]?.replace(",", ""));
      await until("some of it", async () => (await done()) > 20);
      await editor.screenshot("explorer-reading");
      await page.evaluate(() => RED.sidebar.show("info"));
      await text.waitFor({ state: "hidden" });
      free = Infinity;
      for (const route of held) await route.continue();
      await page.unroute(METRICS);
      await page.evaluate(() => RED.sidebar.show("teamviewer-iot-explorer"));
      const unread = await page.getByRole("button", { name: /not read yet/ }).innerText();
      assert.ok(Number(/[\d,]+/.exec(unread)?.[0].replace(",", "")) < 10_000, unread);
      await page.getByPlaceholder("Search names and IDs").fill("");
    });

    once("shows what was known, and that it may be old, when the agent is away", async () => {
      await page.locator(".teamviewer-iot-tree").focus();
      await page.keyboard.press("Home");
      await stage.simulator.stop();
      await page.locator('.teamviewer-iot-row[data-old] >> text="conveyor"').waitFor();
      assert.match((await row("conveyor").getAttribute("title")) ?? "", /last known/);
    });

    once("shows it also after Node-RED was started anew, with when it was so", async () => {
      await editor.close();
      await stage.nodeRed.restart();
      await open("en-US");
      assert.equal(await row("conveyor").getAttribute("data-old"), "");
      await handle("conveyor").click();
      await row("speed").waitFor();
      await row("press hall").click();
      await page.getByText(/^As it was on .+: the agent is not connected\.$/).waitFor();
      await editor.screenshot("explorer-away");
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
      return nodes.filter(({ id }) => id !== "belt" && id !== "bulk");
    }
  });
