/** The table in the dialog of push, in a real Node-RED and a real browser: rows from a spreadsheet, and what becomes of them. */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { LANGUAGES } from "../../scripts/shared/languages.mjs";
import { COLUMN_NAMES } from "../../src/points/columns";
import { proposeColumns, readTable } from "../../src/points/read-table";
import { catalogue } from "../locales/texts";
import { RealNodeRed } from "../support/real-node-red";
import { until } from "../support/waits";
import { violations } from "./accessibility";
import { EditorPage } from "./editor-page";
import { useStage } from "./world";

/** As German Excel puts it on the clipboard. */
const SPREADSHEET = [
  "Quelle\tSensor\tMetrik\tEinheit\tFaktor\tTexte\tMelden\tBemerkung",
  "[0]\tKessel\tTemperatur\t°C\t0,1\t\t0,5\tGerät 1",
  '[1]\tKessel\tZustand\tstring\t\t"0=aus; 1=""ein"""\t\t',
  "[2]\tPumpe\tDruck\tbar\tzwei\t\t\t",
].join("\r\n");

describe("The columns of a table, as the dialog exports them", () => {
  for (const language of LANGUAGES) {
    it(`are found by themselves in ${language}`, () => {
      const texts = catalogue(language, "push");
      const heads = COLUMN_NAMES.map((name) => texts.get(`column.${name}`) ?? "");
      assert.deepEqual(proposeColumns(heads), COLUMN_NAMES);
    });
  }
});

describe("The table in the dialog of push", function () {
  const stage = useStage(() => RealNodeRed.start());
  let editor: EditorPage;
  let page: Page;

  afterEach(async () => {
    assert.deepEqual(editor.complaints.splice(0), []);
    await editor.close();
  });

  async function open(rows: string[] = [], language = "en-US"): Promise<string> {
    const { port, registrationPort, ca } = stage.simulator;
    await stage.nodeRed.deploy([
      { id: "tab", type: "tab", label: "flow" },
      {
        id: "agent",
        type: "teamviewer-iot-agent",
        port: String(port),
        registrationPort: String(registrationPort),
        caFile: ca,
        autoRegister: true,
        clientName: "press-12",
      },
      {
        id: "push",
        type: "teamviewer-iot-push",
        ...{ z: "tab", x: 300, y: 100, wires: [[], []] },
        agent: "agent",
        tableType: "rows",
        rows,
      },
    ]);
    editor = await EditorPage.open(stage.browser, stage.nodeRed.url, language);
    ({ page } = editor);
    await editor.openDialog("push");
    return "push";
  }
  const told = (): Promise<string> => page.locator(".teamviewer-iot-table-told").innerText();
  const found = (): Promise<string> => page.locator(".teamviewer-iot-table-found").innerText();
  const marks = (): Promise<string[]> => page.locator(".teamviewer-iot-mark").allInnerTexts();
  const saved = async (): Promise<string[]> =>
    (await stage.nodeRed.flow()).find(({ id }) => id === "push")!.rows as string[];
  /** As Ctrl+V does it, with what a spreadsheet has put on the clipboard. */
  async function paste(text: string): Promise<void> {
    await page.click("#teamviewer-iot-table-open");
    await page.locator("#teamviewer-iot-table-paste").evaluate((area, text) => {
      area.focus();
      document.execCommand("insertText", false, text);
    }, text);
  }

  it("takes rows that are pasted from a spreadsheet: columns are proposed, mistakes told by their place, and kept", async () => {
    await open();
    await paste(SPREADSHEET);
    // The browser's own field for a file speaks the browser's language; the button beside it speaks ours.
    assert.equal(await page.isVisible(".teamviewer-iot-table-import input[type=file]"), false);
    const columns = page.locator(".teamviewer-iot-table-columns select");
    assert.deepEqual(
      await columns.evaluateAll((lists) => lists.map((list) => (list as HTMLSelectElement).value)),
      ["source", "sensor", "metric", "unit", "scale", "texts", "report", ""],
    );
    assert.match(await found(), /Rows: 3\. New: 3, changed: 0, the same: 0\. Problems: 1\./);
    assert.match(await found(), /Row 4 .*Scale.*zwei is no number/);
    assert.deepEqual(await editor.unnamed(), []);
    await editor.screenshot("push-table-import");
    await columns.last().selectOption("annotation");
    await columns.last().selectOption("");
    await page.click("#teamviewer-iot-table-merge");
    assert.match(await told(), /Rows: 3\. With a problem: 1\./);

    await page.locator(".teamviewer-iot-grid-body [role=row]").nth(2).click();
    assert.match(await told(), /Row 3 of the table, column “Scale”: zwei is no number/);
    await page.fill("[data-column=scale]", "0,01");
    assert.deepEqual(await editor.unnamed(), []);
    await editor.screenshot("push-table-row");
    await editor.done();
    await editor.deploy(stage.nodeRed);
    const { rows, problems } = readTable(await saved());
    assert.deepEqual(problems, []);
    assert.deepEqual(rows, [
      { source: "[0]", sensor: "Kessel", metric: "Temperatur", unit: "°C", scale: 0.1, report: "0,5" },
      { source: "[1]", sensor: "Kessel", metric: "Zustand", unit: "string", texts: '0=aus; 1="ein"' },
      { source: "[2]", sensor: "Pumpe", metric: "Druck", unit: "bar", scale: 0.01 },
    ]);
  });

  it("shows what of a CSV file is new or has changed, and changes only that; a file of Excel needs no UTF-8", async () => {
    await open(["source,sensor,metric,unit", "a,S,one,°C", "b,S,two,bar", "c,S,three,bar"]);
    const file = join(stage.folder, "points.csv");
    await writeFile(
      file,
      Buffer.from("Quelle;Sensor;Metrik;Einheit\r\na;S;one;°C\r\nb;S;two;V\r\nd;S;fünf;V\r\n", "latin1"),
    );
    await page.click("#teamviewer-iot-table-open");
    await page.setInputFiles(".teamviewer-iot-table-import input[type=file]", file);
    await until("the file is read", async () =>
      /Rows: 3\. New: 1, changed: 1, the same: 1/.test(await found()),
    );
    await page.click("#teamviewer-iot-table-merge");
    await editor.done();
    await editor.deploy(stage.nodeRed);
    assert.deepEqual(await saved(), [
      "source,sensor,metric,unit",
      "a,S,one,°C",
      "b,S,two,V",
      "c,S,three,bar",
      "d,S,fünf,V",
    ]);
  });

  it("shows what the agent has of it before anything is sent, and exports what it has", async () => {
    await open([
      "source,sensor,metric,unit",
      "a,Boiler,temp,°C",
      "b,Boiler,state,string",
      "c,Boiler,none,",
      "d,Pump,p,bar",
    ]);
    const requests: unknown[] = [];
    stage.simulator.on("request", ({ operation }) => requests.push(operation));
    const change = async (operation: string, parameters: object): Promise<Record<string, unknown>> => {
      const response = await fetch(`${stage.nodeRed.url}teamviewer-iot/agents/agent/change`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ operation, parameters }),
      });
      return (await response.json()) as Record<string, unknown>;
    };
    await stage.nodeRed.connected("agent");
    const { result } = await change("createSensor", { name: "Boiler" });
    const { sensorId } = result as { sensorId: string };
    await change("createMetrics", {
      sensorId,
      metrics: [
        { matchingId: "1", name: "temp", valueUnit: "SI.Temperature.CELSIUS" },
        { matchingId: "2", name: "state", valueType: "double", valueAnnotation: "" },
      ],
    });
    requests.length = 0;
    await page.click("#teamviewer-iot-table-check");
    await until("the agent is asked", async () => /Of 4 rows/.test(await told()));
    assert.deepEqual(await marks(), ["in the agent", "the agent has double", "unit missing", "is created"]);
    assert.deepEqual(
      [...new Set(requests)].filter((operation) => operation !== "ping"),
      ["listSensors", "describeMetric"],
    );
    assert.deepEqual(await violations(page, ["#teamviewer-iot-push-rows"]), []);
    await page.locator(".teamviewer-iot-grid").scrollIntoViewIfNeeded();
    await editor.screenshot("push-table-check");
    // The list may have no room for it: of the row that is chosen it is told whole.
    await page.locator(".teamviewer-iot-grid-body [role=row]").nth(1).click();
    assert.equal(await told(), "the agent has double");
    await page.locator(".teamviewer-iot-grid-body [role=row]").nth(3).click();
    assert.equal(await told(), "is created");
    // A metric keeps its unit for life; what the row says of it can change.
    await page.click("#teamviewer-iot-table-take-units");
    await page.locator(".teamviewer-iot-grid-body [role=row]").nth(1).click();
    assert.equal(await page.inputValue("[data-column=unit]"), "double");
    await page.click("#teamviewer-iot-table-check");
    await until("it fits", async () => (await marks())[1] === "in the agent");
    assert.equal(await page.isVisible("#teamviewer-iot-table-take-units"), false);

    const downloads = Promise.all([page.waitForEvent("download"), page.click("#teamviewer-iot-table-agent")]);
    const exported = await readFile(await (await downloads)[0].path(), "utf8");
    const { rows, problems } = readTable(exported);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      rows.map(({ sensor, metric, unit }) => [sensor, metric, unit]),
      [
        ["Boiler", "temp", "SI.Temperature.CELSIUS"],
        ["Boiler", "state", "double"],
      ],
    );
    await editor.cancel();
  });

  it("has only the rows in the page that are seen, of 2,000, and goes through them by keys", async () => {
    const rows = Array.from({ length: 2000 }, (_, index) => `[${index}],line,r${index},double`);
    await open(["source,sensor,metric,unit", ...rows]);
    assert.match(await told(), /Rows: 2000\. With a problem: 0\./);
    const count = (): Promise<number> => page.locator(".teamviewer-iot-grid-body [role=row]").count();
    assert.ok((await count()) < 50);
    await page.locator(".teamviewer-iot-grid").focus();
    await page.keyboard.press("End");
    assert.equal(await page.inputValue("[data-column=metric]"), "r1999");
    assert.ok(await page.getByText("r1999", { exact: true }).isVisible());
    assert.ok((await count()) < 50);
    await page.keyboard.press("Delete");
    await page.keyboard.press("Home");
    await page.fill("[data-column=metric]", "first");
    await page.click("#teamviewer-iot-table-add");
    await page.fill("[data-column=source]", "x");
    await page.fill("[data-column=metric]", "last");
    await editor.done();
    await editor.deploy(stage.nodeRed);
    const lines = await saved();
    assert.equal(lines.length, 2001);
    assert.deepEqual(
      [lines[1], lines[1999], lines[2000]],
      ["[0],line,first,double", "[1998],line,r1998,double", "x,line,last,"],
    );
  });

  it("takes back what was done, step by step, and moves rows by keys and buttons", async () => {
    const lines = ["source,sensor,metric,unit", "a,S,one,bar", "b,S,two,bar", "c,S,three,bar"];
    await open(lines);
    const grid = page.locator(".teamviewer-iot-grid");
    const sources = (): Promise<string[]> =>
      page.locator(".teamviewer-iot-grid-body [role=row] [role=gridcell]:nth-child(2)").allInnerTexts();
    assert.ok(await page.isDisabled("#teamviewer-iot-table-undo"));
    await page.locator(".teamviewer-iot-grid-body [role=row]").nth(1).click();
    await page.fill("[data-column=source]", "");
    await page.locator("[data-column=source]").pressSequentially("other");
    await grid.focus();
    await page.keyboard.press("Delete");
    assert.deepEqual(await sources(), ["a", "c"]);
    await page.keyboard.press("Control+z");
    assert.deepEqual(await sources(), ["a", "other", "c"]);
    assert.equal(await told(), "Taken back.");
    await page.click("#teamviewer-iot-table-undo");
    assert.deepEqual(await sources(), ["a", "b", "c"]);
    await page.keyboard.press("Control+z");

    await page.locator(".teamviewer-iot-grid-body [role=row]").nth(0).click();
    await grid.focus();
    await page.keyboard.press("Alt+ArrowDown");
    await page.keyboard.press("Alt+ArrowDown");
    await page.keyboard.press("Alt+ArrowDown");
    assert.deepEqual(await sources(), ["b", "c", "a"]);
    assert.equal(await page.inputValue("[data-column=metric]"), "one");
    await page.click("#teamviewer-iot-table-up");
    assert.deepEqual(await sources(), ["b", "a", "c"]);

    await paste("source\tmetric\tunit\nz\tlast\tbar\ny\tlast\tbar");
    assert.match(await found(), /Row 3 .*last stands in an earlier row/);
    await page.click("#teamviewer-iot-table-replace");
    assert.deepEqual(await sources(), ["z", "y"]);
    assert.match((await marks())[0] ?? "", /earlier row/);
    await page.click("#teamviewer-iot-table-undo");
    assert.deepEqual(await sources(), ["b", "a", "c"]);
    assert.deepEqual(await editor.unnamed(), []);
    await editor.done();
    await editor.deploy(stage.nodeRed);
    assert.deepEqual(await saved(), [lines[0], lines[2], lines[1], lines[3]]);
  });

  it("keeps when it reports, folded until it is set", async () => {
    await open();
    const part = page.locator("#teamviewer-iot-push-report");
    assert.equal(await part.getAttribute("open"), null);
    await part.locator("summary").click();
    await page.selectOption("#node-input-report", "percent");
    await page.fill("#node-input-band", "0.5");
    await page.fill("#node-input-atLeast", "60");
    assert.deepEqual(await editor.unnamed(), []);
    assert.deepEqual(await editor.clipped(), []);
    assert.deepEqual(await editor.untranslated(), []);
    await editor.screenshot("push-report");
    await editor.done();
    await editor.openDialog("push");
    assert.equal(await part.getAttribute("open"), "");
    assert.deepEqual(
      await Promise.all(["report", "band", "atLeast"].map((name) => editor.property("push", name))),
      ["percent", "0.5", "60"],
    );
    await editor.cancel();
  });

  it("says in German what is wrong with it", async () => {
    await open(["source,metric,scale", "a,b,c"], "de");
    assert.match(
      String(await editor.property("push", "validationErrors")),
      /Zeilen der Tabelle haben ein Problem: 1/,
    );
    await page.locator(".teamviewer-iot-grid-body [role=row]").first().click();
    assert.match((await marks())[0] ?? "", /Zeile 1 .*„Faktor“: c ist keine Zahl/);
    await editor.cancel();
  });
});
