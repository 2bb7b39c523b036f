/** What the agent has, offered where an ID is wanted: with mouse and keyboard, for those who hear it, and while it is away. */
import assert from "node:assert/strict";
import type { Locator, Route } from "playwright-core";
import { until } from "../support/waits";
import { violations } from "./accessibility";
import type { EditorPage } from "./editor-page";
import type { World } from "./world";

/** What somebody could call a sensor. */
const HOSTILE = '<img src=x onerror="document.title=1">';

export function describeLookup(world: World): void {
  describe("What the agent has", () => {
    let editor: EditorPage;
    let oven: string;
    let metrics: string[];
    const words = WORDS[world.language]!;

    before(async () => {
      const { nodeRed } = world;
      await nodeRed.deploy([
        { id: "tab", type: "tab", label: "flow" },
        world.agent({ requestTimeout: "1" }),
        push("belt", "belt"),
        push("nameless", ""),
        {
          id: "go",
          type: "inject",
          z: "tab",
          x: 100,
          y: 60,
          props: [{ p: "payload" }],
          payload: "12.5",
          payloadType: "num",
          wires: [["belt"]],
        },
      ]);
      await nodeRed.connected("press");
      oven = (await change<{ sensorId: string }>("createSensor", { name: "Oven 2" })).sensorId;
      await change("createSensor", { name: HOSTILE });
      const definitions = [
        { matchingId: "1", name: "Heat", valueUnit: "SI.Temperature.CELSIUS" },
        { matchingId: "2", name: "Pieces", valueType: "integer", valueAnnotation: "pcs" },
      ];
      const created = await change<{ metricId: string }[]>("createMetrics", {
        sensorId: oven,
        metrics: definitions,
      });
      metrics = created.map(({ metricId }) => metricId);
      await nodeRed.inject("go");
      await nodeRed.until("the push has made its sensor", async () => {
        const path = "teamviewer-iot/agents/press/sensors?anew=1";
        const { sensors } = await nodeRed.get<{ sensors: { sensorId: string }[] }>(path);
        return sensors.some(({ sensorId }) => sensorId === "belt");
      });
      editor = await world.open();
    });
    after(() => editor.close());

    function push(id: string, sensor: string): { id: string; type: string } {
      const place = { z: "tab", x: 300, y: id === "belt" ? 60 : 120, wires: [[], []] };
      return { id, type: "teamviewer-iot-push", agent: "press", sensor, metric: "speed", ...place } as never;
    }

    async function change<T>(operation: string, parameters: object): Promise<T> {
      const answer = await world.nodeRed.post<{ result: T }>("teamviewer-iot/agents/press/change", {
        operation,
        parameters,
      });
      return answer.result;
    }

    const button = (name: string): Locator =>
      editor.page.locator(
        `#node-input-${name} + .red-ui-typedInput-container .red-ui-typedInput-option-expand`,
      );
    const list = (name: string): Locator => editor.page.locator(`#node-input-${name}-label-choices`);
    const named = (name: string): Locator =>
      editor.page.locator(`.form-row:has(> #node-input-${name}) .teamviewer-iot-named`);
    const offered = (name: string): Promise<string[]> => list(name).getByRole("option").allInnerTexts();

    it("is offered by name, with IDs, at the click of a button; a name is only ever text", async () => {
      await editor.openDialog("nameless");
      await button("sensor").click();
      await list("sensor").getByRole("option").first().waitFor();
      const shown = await offered("sensor");
      assert.deepEqual(shown.map((text) => text.split("\n")[0]).sort(), [HOSTILE, "Oven 2", "belt"].sort());
      assert.ok(shown.some((text) => text.includes(oven)));
      await editor.screenshot(`${world.short}-lookup`);
      assert.deepEqual(
        await violations(editor.page, [".teamviewer-iot"], { excluded: ["[id*='-btn-']"] }),
        [],
      );
      await list("sensor").getByText("Oven 2").click();
      assert.equal(await editor.page.inputValue("#node-input-sensor"), oven);
      await named("sensor")
        .getByText(/^Oven 2 · /)
        .waitFor();
      await button("metric").click();
      await list("metric").getByText("Heat").waitFor();
      assert.match((await offered("metric")).join("\n"), new RegExp(`${metrics[0]} · .*°C`));
      await editor.screenshot(`${world.short}-lookup-metrics`);
      assert.notEqual(await editor.page.title(), "1");
      await editor.cancel();
    });

    it("is found by typing and chosen by keys, and what is typed stays possible", async () => {
      await editor.openDialog("nameless");
      const { page } = editor;
      const field = editor.field("sensor");
      assert.equal(await field.getAttribute("role"), "combobox");
      await field.focus();
      await page.keyboard.type("ove");
      await list("sensor").getByText("Oven 2").waitFor();
      // For less than the word there were others.
      await until("the only one", async () => (await offered("sensor")).length === 1);
      assert.equal(await field.getAttribute("aria-expanded"), "true");
      await page.keyboard.press("ArrowDown");
      const active = await field.getAttribute("aria-activedescendant");
      assert.match(await page.locator(`[id="${active}"]`).innerText(), /Oven 2/);
      await page.keyboard.press("Escape");
      assert.equal(await list("sensor").isVisible(), false);
      assert.equal(await field.inputValue(), "ove");
      await page.keyboard.press("ArrowDown");
      await list("sensor").getByText("Oven 2").waitFor();
      await page.keyboard.press("ArrowDown");
      await page.keyboard.press("Enter");
      assert.notEqual(await field.inputValue(), "ove");
      assert.equal(await field.getAttribute("aria-expanded"), "false");

      await field.fill("oven");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      assert.equal(await page.inputValue("#node-input-sensor"), "oven");
      await named("sensor").getByText(words.made).waitFor();
      await editor.cancel();
    });

    it("stays at the row to which somebody has gone while the list is read anew", async () => {
      await editor.openDialog("nameless");
      const { page } = editor;
      await button("sensor").click();
      await list("sensor").getByText("Oven 2").waitFor();
      const held: Route[] = [];
      let isHeld = true;
      const AGENTS = "**/teamviewer-iot/agents";
      await page.route(AGENTS, (route) => (isHeld ? void held.push(route) : route.continue()));
      await list("sensor").locator("~ * button").click();
      await until("the question", () => held.length > 0);
      await page.keyboard.press("ArrowDown");
      const row = await editor.field("sensor").getAttribute("aria-activedescendant");
      assert.ok(row);
      const read = page.waitForResponse((response) => response.url().includes("anew=1"));
      isHeld = false;
      for (const route of held) await route.continue();
      await page.unroute(AGENTS);
      await read;
      const status = list("sensor").locator("~ * [role=status]");
      await until("the end of reading", async () => (await status.innerText()) === "");
      assert.equal(await editor.field("sensor").getAttribute("aria-activedescendant"), row);
      await page.keyboard.press("Escape");
      await editor.cancel();
    });

    it("can be several where a list is meant, and each is named", async () => {
      const id = await editor.add("teamviewer-iot-metric", {
        agent: "press",
        operation: "delete",
        ...{ sensor: oven, sensorType: "str", metric: "", metricType: "str" },
      });
      await editor.openDialog(id);
      const { page } = editor;
      await button("metric").click();
      await list("metric").getByText("Heat").click();
      await list("metric").getByText("Pieces").click();
      assert.equal(await page.inputValue("#node-input-metric"), metrics.join(", "));
      assert.equal(await list("metric").locator('[aria-selected="true"]').count(), 2);
      await named("metric").getByText("Pieces").waitFor();
      assert.match(await named("metric").innerText(), /^Heat · .*\nPieces · /);
      await editor.screenshot(`${world.short}-lookup-several`);
      await list("metric").getByText("Heat").click();
      assert.equal(await page.inputValue("#node-input-metric"), metrics[1]);
      await editor.done();
      assert.deepEqual(await editor.property(id, "validationErrors"), []);

      const wrong = await editor.add("teamviewer-iot-metric", {
        agent: "press",
        operation: "delete",
        metric: `${metrics[0]},a/b`,
        metricType: "str",
      });
      assert.match(String(await editor.property(wrong, "validationErrors")), /a-z A-Z 0-9/);
    });

    it("gives nodes on the canvas their sensor's name", async () => {
      await editor.change("nameless", { sensor: oven });
      await editor.openDialog("nameless");
      await named("sensor").getByText("Oven 2").waitFor();
      await editor.done();
      await until("the sensor's name on the canvas", async () =>
        (await editor.label("nameless")).includes("Oven 2"),
      );
    });

    it("stays as it was stored while the agent does not answer, and the list says why it is empty", async () => {
      assert.deepEqual(editor.complaints.splice(0), []);
      world.simulator.setFaults({ lose: 1 });
      try {
        await editor.openDialog("nameless");
        await button("sensor").click();
        await list("sensor").locator("~ * button").click();
        await list("sensor").locator("~ *").getByText(words.away).waitFor();
        await editor.screenshot(`${world.short}-lookup-away`);
        assert.equal(await editor.page.inputValue("#node-input-sensor"), oven);
        await editor.page.keyboard.press("Escape");
        await editor.cancel();
      } finally {
        world.simulator.setFaults({ lose: 0 });
      }
      // The browser tells of the answer, which is not "200".
      editor.complaints.splice(0);
    });

    it("is shown by the explorer in a way that everybody can use", async () => {
      const explorer = await world.open();
      await explorer.showExplorer();
      await explorer.page.locator(".teamviewer-iot-row").getByText("Oven 2").waitFor();
      await explorer.screenshot(`${world.short}-explorer`);
      assert.deepEqual(await violations(explorer.page, [".teamviewer-iot-explorer"]), []);
      await explorer.close();
    });
  });
}

const WORDS: Readonly<Record<string, { made: string; away: string }>> = {
  "en-US": { made: "the first push creates it", away: "did not answer" },
  de: { made: "Die erste Sendung legt es an", away: "nicht geantwortet" },
};
