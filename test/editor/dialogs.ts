/** The dialogs, in a real Node-RED and a real browser: they open, speak both languages, and keep what is entered. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TABLES } from "../support/tables";
import { violations } from "./accessibility";
import type { EditorPage, Rgb } from "./editor-page";
import type { World } from "./world";

const AGENT = "teamviewer-iot-agent";
/** Node-RED's own that stand beside ours most, in all its colours. */
const CORE =
  "inject debug complete catch status function switch template delay trigger exec json file batch".split(" ");

/** What push shows only with a table, or unfolded: `push-table.test.ts` looks at it. */
const LATER = new Set("incomplete report band atMost window atLeast repeat together".split(" "));

/** For each palette node, the fields of its dialog: where it has a list of operations, those of each. */
const PALETTE = Object.fromEntries(
  Object.entries(TABLES)
    .filter(([short]) => short !== "agent")
    .map(([short, table]) => {
      const operations = table.operation?.kind === "choice" ? table.operation.choices : [];
      const fields = (operation: string): string[] =>
        Object.entries(table)
          .filter(([, row]) => row.kind !== "list" && (!("when" in row) || isShown(row.when, operation)))
          .filter(([name]) => short !== "push" || !LATER.has(name))
          .map(([name]) => name);
      const list = operations.length === 0 ? undefined : "operation";
      const choices = operations.length === 0 ? [""] : operations;
      return [short, { list, fields: Object.fromEntries(choices.map((choice) => [choice, fields(choice)])) }];
    }),
);

function isShown(when: Readonly<Record<string, readonly string[]>> | undefined, operation: string): boolean {
  return when?.operation?.includes(operation) ?? true;
}

const WHERE = ["host", "caSource", "caFile"];
const WHO = ["identity", "clientName", "autoRegister"];
const MORE = [
  ["port", "registrationPort", "serverName", "requestTimeout", "keepalive"],
  ["queueCount", "queueBytes", "queueAge", "queueFull"],
  ["outboxCount", "outboxBytes", "outboxAge", "outboxFull"],
  ["replayOrder", "replayRecords", "replayBytes", "healthSensor", "healthInterval"],
].flat();

/** For what is chosen in the agent's dialog, one after the other, its fields. */
const AGENT_FIELDS: { choose?: [list: string, value: string]; open?: boolean; fields: string[] }[] = [
  { fields: ["name", ...WHO] },
  { choose: ["#teamviewer-iot-agent-place", "elsewhere"], fields: ["name", ...WHERE, ...WHO] },
  {
    choose: ["#node-config-input-caSource", "text"],
    fields: ["name", "host", "caSource", "caText", ...WHO],
  },
  { choose: ["#teamviewer-iot-agent-place", "local"], fields: ["name", ...WHO] },
  {
    choose: ["#node-config-input-identity", "files"],
    fields: ["name", "identity", "certificateFile", "keyFile", "teamviewerIotPassphrase"],
  },
  {
    choose: ["#node-config-input-identity", "credentials"],
    fields: ["name", "identity", "teamviewerIotCertificate", "teamviewerIotPassphrase"],
  },
  {
    choose: ["#node-config-input-identity", "managed"],
    open: true,
    fields: ["name", ...WHO, ...MORE],
  },
];

/** Buttons beside lists of configuration nodes, and at the end of a list's rows. */
const NODE_RED_S_OWN = ["[id*='-btn-']", ".red-ui-editableList-item-remove"];

export function describeDialogs(world: World): void {
  const { language } = world;
  let editor: EditorPage;
  const checkComplaints = (): void => assert.deepEqual(editor.complaints.splice(0), []);

  describe("The dialogs", () => {
    afterEach(checkComplaints);
    let agent: string;
    before(async () => {
      await world.nodeRed.deploy([{ id: "tab", type: "tab", label: "flow" }]);
      editor = await world.open();
      agent = await editor.add(AGENT);
    });
    after(() => editor.close());

    it("stand behind palette entries with a name and an icon", async () => {
      for (const short of Object.keys(PALETTE)) {
        const entry = editor.page.locator(`[data-palette-type="teamviewer-iot-${short}"]`);
        // Node-RED breaks long labels at hyphens and spaces.
        const bare = (text: string) => text.replaceAll(/\s/g, "");
        assert.equal(bare(await entry.innerText()), bare(text(language, short, "palette.label")));
        const icon = await entry.locator(".red-ui-palette-icon").getAttribute("style");
        assert.match(icon ?? "", new RegExp(`teamviewer-iot-${short}\\.svg`));
      }
    });

    for (const [short, { list, fields }] of Object.entries(PALETTE)) {
      it(`show the fields of ${short}, with its words and accessible names`, async () => {
        const id = await editor.add(`teamviewer-iot-${short}`, short === "simulator" ? {} : { agent });
        await editor.openDialog(id);
        for (const [choice, expected] of Object.entries(fields)) {
          if (list !== undefined) await editor.page.selectOption(`#node-input-${list}`, choice);
          assert.deepEqual(await visibleFields("node-input"), expected, choice);
          await isWellMade(short, choice);
        }
        assert.deepEqual(await editor.untranslated(), []);
        await fitsIntoLittle(short);
        await editor.cancel();
      });
    }

    it("show each unit of a metric whole, beside its name and a unit of one's own", async () => {
      const metrics = [
        { name: "Temperature", valueUnit: "SI.Temperature.CELSIUS" },
        { name: "Weight", valueUnit: "SI.Mass.GRAM" },
      ];
      const id = await editor.add("teamviewer-iot-metric", { agent, definitionsType: "list", metrics });
      await editor.openDialog(id);
      await isWellMade("metric", "units");
      await fitsIntoLittle("metric-units");
      await editor.cancel();
    });

    it("show the fields of the agent, with their words and accessible names", async () => {
      await editor.openAgent(agent);
      for (const { choose, open, fields } of AGENT_FIELDS) {
        if (choose !== undefined) await editor.page.selectOption(...choose);
        if (open) await editor.page.click("#teamviewer-iot-agent-more > summary");
        assert.deepEqual(await visibleFields("node-config-input"), fields, choose?.join(" "));
        await isWellMade("agent", choose?.[1] ?? "", open ? "more" : "");
      }
      assert.deepEqual(await editor.untranslated(), []);
      await fitsIntoLittle("agent");
      await editor.cancel();
    });

    it("belong to nodes whose colour none of Node-RED's own has", async () => {
      const colours = await editor.colours();
      const ours = Object.entries(colours).filter(([type]) => type.startsWith("teamviewer-iot-"));
      const others = Object.entries(colours).filter(([type]) => CORE.includes(type));
      assert.deepEqual([ours.length, others.length], [Object.keys(PALETTE).length, CORE.length]);
      for (const [type, colour] of ours) {
        for (const [other, its] of others) assert.ok(distance(colour, its) > 9, `${type} and ${other}`);
      }
    });

    it("name both outputs of each node, following its operation", async () => {
      for (const [short, { list, fields }] of Object.entries(PALETTE)) {
        for (const choice of Object.keys(fields)) {
          const id = await editor.add(
            `teamviewer-iot-${short}`,
            list === undefined ? {} : { [list]: choice },
          );
          const [response, error] = await editor.outputLabels(id);
          assert.equal(error, text(language, "agent", "output.error"));
          if (list !== undefined) assert.equal(response, text(language, short, `output.${choice}`));
          assert.doesNotMatch(response ?? "", /^output\./);
        }
      }
    });
  });

  it("The dialogs show the runtime's defaults for what a flow does not have", async () => {
    await world.nodeRed.deploy([
      { id: "bare", type: "tab", label: "bare" },
      { id: "bare-agent", type: "teamviewer-iot-agent" },
      {
        id: "bare-metric",
        type: "teamviewer-iot-metric",
        z: "bare",
        x: 200,
        y: 100,
        wires: [],
        agent: "bare-agent",
      },
    ]);
    const later = await world.open("en-US");
    assert.deepEqual(await later.property("bare-agent", "validationErrors"), []);
    assert.deepEqual(await later.property("bare-metric", "validationErrors"), []);
    assert.equal(await later.property("bare-agent", "keepalive"), "12");
    await later.openDialog("bare-metric");
    assert.equal(await later.page.inputValue("#node-input-operation"), "create");
    assert.deepEqual(later.complaints, []);
    await later.close();
  });

  describe("The dialogs keep what is entered", () => {
    afterEach(checkComplaints);
    let agent: string;
    before(async () => {
      editor = await world.open("en-US");
      agent = await editor.add(AGENT, { name: "press hall" });
    });
    after(() => editor.close());

    it("in the agent, with a key that does not come back", async () => {
      await editor.openAgent(agent);
      await editor.page.selectOption("#teamviewer-iot-agent-place", "elsewhere");
      await editor.page.fill("#node-config-input-host", "agent.example");
      await editor.page.click("#teamviewer-iot-agent-more > summary");
      await editor.page.fill("#node-config-input-port", "${AGENT_PORT}");
      await editor.page.selectOption("#node-config-input-identity", "credentials");
      await editor.page.fill("#node-config-input-teamviewerIotCertificate", PEM("CERTIFICATE"));
      await editor.page.fill("#teamviewer-iot-agent-new-key", PEM("PRIVATE KEY"));
      await editor.done();
      // Configuration nodes that nobody uses are not looked at by Node-RED.
      await editor.add("teamviewer-iot-ping", { agent });
      await editor.deploy(world.nodeRed);

      const saved = (await world.nodeRed.flow()).find(({ id }) => id === agent);
      assert.equal(saved?.host, "agent.example");
      assert.equal(saved?.port, "${AGENT_PORT}");
      assert.equal(saved?.identity, "credentials");
      const credentials: unknown = await world.nodeRed.get(`credentials/${AGENT}/${agent}`);
      assert.deepEqual(credentials, {
        teamviewerIotCertificate: PEM("CERTIFICATE"),
        has_teamviewerIotKey: true,
        has_teamviewerIotPassphrase: false,
      });

      const again = await world.open("en-US");
      await again.openAgent(agent);
      assert.equal(await again.page.inputValue("#teamviewer-iot-agent-place"), "elsewhere");
      assert.equal(await again.page.inputValue("#teamviewer-iot-agent-new-key"), "");
      assert.match(
        (await again.page.getAttribute("#teamviewer-iot-agent-new-key", "placeholder")) ?? "",
        /is stored/,
      );
      await again.cancel();
      await again.close();
    });

    it("in the list of metrics: predefined units, units of one's own, and units that the list does not know", async () => {
      const id = await editor.add("teamviewer-iot-metric", { agent });
      await editor.openDialog(id);
      await editor.page
        .locator("#node-input-definitions + .red-ui-typedInput-container .red-ui-typedInput-type-select")
        .click();
      await editor.page
        .locator(".red-ui-typedInput-options:visible a")
        .filter({ hasText: "the list below" })
        .click();
      const add = editor.page.locator(".red-ui-editableList-addButton");
      const wanted = [
        { name: "Temperature", unit: "SI.Temperature.CELSIUS" },
        { name: "Pieces", unit: "integer", own: "pieces per minute" },
        { name: "Weight", unit: "other", own: "SI.Mass.GRAM" },
      ];
      for (const [index, { name, unit, own }] of wanted.entries()) {
        await add.click();
        const row = editor.page.locator(".teamviewer-iot-metric").nth(index);
        await row.locator(".teamviewer-iot-metric-name").fill(name);
        await row.locator(".teamviewer-iot-metric-unit").selectOption(unit);
        if (own === undefined)
          assert.equal(await row.locator(".teamviewer-iot-metric-own").isVisible(), false);
        else await row.locator(".teamviewer-iot-metric-own").fill(own);
      }
      assert.deepEqual(await editor.unnamed(), []);
      await editor.screenshot("metric-list");
      await editor.done();
      await editor.deploy(world.nodeRed);
      const saved = (await world.nodeRed.flow()).find((item) => item.id === id);
      assert.equal(saved?.definitionsType, "list");
      assert.deepEqual(saved?.metrics, [
        { name: "Temperature", valueUnit: "SI.Temperature.CELSIUS" },
        { name: "Pieces", valueType: "integer", valueAnnotation: "pieces per minute" },
        { name: "Weight", valueUnit: "SI.Mass.GRAM" },
      ]);

      await editor.openDialog(id);
      const units = editor.page.locator(".teamviewer-iot-metric-unit");
      assert.deepEqual(
        await units.evaluateAll((lists) => lists.map((list) => (list as HTMLSelectElement).value)),
        ["SI.Temperature.CELSIUS", "integer", "other"],
      );
      assert.equal(await units.first().locator("option").count(), 24 + 1 + 4);
      await editor.cancel();
    });

    it("in typed fields and lists", async () => {
      const push = await editor.add("teamviewer-iot-push", { agent });
      await editor.openDialog(push);
      await editor.page
        .locator("#node-input-sensor + .red-ui-typedInput-container .red-ui-typedInput-input")
        .fill("press-12");
      await editor.done();
      const client = await editor.add("teamviewer-iot-client", { agent });
      await editor.openDialog(client);
      await editor.page.selectOption("#node-input-operation", "delete");
      await editor.page.check("#node-input-confirmDelete");
      await editor.done();
      await editor.deploy(world.nodeRed);

      const flow = await world.nodeRed.flow();
      const pushed = flow.find(({ id }) => id === push);
      assert.deepEqual([pushed?.sensor, pushed?.sensorType], ["press-12", "str"]);
      const deleting = flow.find(({ id }) => id === client);
      assert.deepEqual([deleting?.operation, deleting?.confirmDelete], ["delete", true]);
    });

    it("but a confirmation to delete does not outlast another choice", async () => {
      const id = await editor.add("teamviewer-iot-client", {
        agent,
        operation: "delete",
        confirmDelete: true,
      });
      await editor.openDialog(id);
      assert.equal(await editor.page.isChecked("#node-input-confirmDelete"), true);
      await editor.page.selectOption("#node-input-operation", "update");
      await editor.page.selectOption("#node-input-operation", "delete");
      assert.equal(await editor.page.isChecked("#node-input-confirmDelete"), false);
      await editor.cancel();
    });
  });

  /** Nothing is cut, and whoever does not see it or sees it badly can use it, in either theme. */
  async function isWellMade(...name: string[]): Promise<void> {
    const about = name.join(" ");
    assert.deepEqual(await editor.clipped(), [], about);
    assert.deepEqual(await editor.overflowing(), [], about);
    assert.deepEqual(
      await violations(editor.page, [".teamviewer-iot"], { excluded: NODE_RED_S_OWN }),
      [],
      about,
    );
    await editor.screenshot(picture(...name));
  }

  async function fitsIntoLittle(name: string): Promise<void> {
    const { page } = editor;
    await editor.resize(900, 700);
    assert.deepEqual(await editor.clipped(), [], name);
    assert.deepEqual(await editor.overflowing(), [], name);
    await editor.screenshot(picture(name, "900"));
    await editor.resize(1280, 900);
    if (world.colorScheme === "light") return;
    await page.evaluate(() => document.documentElement.classList.remove("nr-theme-dark"));
    const only = ["color-contrast"];
    assert.deepEqual(
      await violations(page, [".teamviewer-iot"], { excluded: NODE_RED_S_OWN, only }),
      [],
      name,
    );
    await editor.screenshot(picture(name, "light"));
    await page.evaluate(() => document.documentElement.classList.add("nr-theme-dark"));
  }

  const picture = (...parts: string[]): string =>
    [world.short, ...parts].filter((part) => part !== "").join("-");

  /** The fields that a person sees, in the order of the dialog. */
  function visibleFields(prefix: string): Promise<string[]> {
    return editor.page.evaluate((prefix) => {
      const form = document.querySelector(
        prefix === "node-input" ? "#dialog-form" : "#node-config-dialog-edit-form",
      );
      return [...(form?.querySelectorAll<HTMLElement>(`[id^="${prefix}-"]`) ?? [])]
        .filter((field) => /^(INPUT|SELECT|TEXTAREA)$/.test(field.tagName))
        .filter((field) => {
          // A typed field shows its stand-in.
          const shown = field.classList.contains("red-ui-typedInput") ? field.nextElementSibling : field;
          return shown?.checkVisibility() === true;
        })
        .map((field) => field.id.slice(prefix.length + 1));
    }, prefix);
  }
}

/** What is wrong with a field, said in German. */
export function describeProblems(world: World): void {
  let editor: EditorPage;

  describe("The dialogs say what is wrong", () => {
    before(async () => {
      editor = await world.open("de");
    });
    after(() => editor.close());

    for (const { property, value, others, problem } of [
      { property: "port", value: "70000", problem: /ganze Zahl von 1 bis 65535/ },
      { property: "queueAge", value: "bald", problem: /Zahl von 0 bis/ },
      { property: "clientName", value: "Presse 12", problem: /Client-Name darf nur/ },
      { property: "caFile", value: "", problem: /darf nicht leer sein/ },
      { property: "caText", value: "hallo", others: { caSource: "text" }, problem: /PEM-Format/ },
      {
        property: "keyFile",
        value: "",
        others: { identity: "files", certificateFile: "a" },
        problem: /darf nicht leer/,
      },
      {
        property: "identity",
        value: "credentials",
        others: { credentials: {} },
        problem: /Client-Zertifikat und privater Schlüssel/,
      },
    ]) {
      it(`of ${property} "${value}" in the agent`, async () => {
        const id = await editor.add(AGENT, { ...others, [property]: value });
        assert.match(String(await editor.property(id, "validationErrors")), problem);
      });
    }

    it("of a sensor ID with a character that topics must not have", async () => {
      const agent = await editor.add(AGENT);
      const id = await editor.add("teamviewer-iot-push", { agent, sensor: "press/12" });
      assert.match(
        String(await editor.property(id, "validationErrors")),
        /höchstens 32 der Zeichen a-z A-Z 0-9 _ - und Leerzeichen/,
      );
    });

    it("of an empty list of metrics, where it is to be used", async () => {
      const agent = await editor.add(AGENT);
      const list = { definitions: "", definitionsType: "list", metrics: [] };
      const used = await editor.add("teamviewer-iot-metric", { agent, ...list });
      assert.match(String(await editor.property(used, "validationErrors")), /Liste der Metriken ist leer/);
      const unused = await editor.add("teamviewer-iot-metric", { agent, ...list, operation: "delete" });
      assert.deepEqual(await editor.property(unused, "validationErrors"), []);
    });

    it("but not of a field whose row the operation hides", async () => {
      const agent = await editor.add(AGENT);
      const wrong = { agent, sensor: "press/12", sensorType: "str" };
      for (const [operation, count] of [
        ["create", 0],
        ["delete", 1],
      ] as const) {
        const id = await editor.add("teamviewer-iot-sensor", { ...wrong, operation });
        const found = (await editor.property(id, "validationErrors")) as unknown[];
        assert.equal(found.length, count, operation);
      }
    });

    it("and nothing of an environment variable in any field", async () => {
      const id = await editor.add(AGENT, {
        host: "${A}",
        port: "${A}",
        clientName: "${A}",
        queueAge: "${A}",
        caFile: "${A}",
      });
      assert.deepEqual(await editor.property(id, "validationErrors"), []);
    });
  });
}

/** In CIELAB, where two colours that a person can just tell apart side by side are about 2.3 apart. */
function distance(one: Rgb, other: Rgb): number {
  const [a, b] = [lab(one), lab(other)];
  return Math.hypot(...a.map((part, index) => part - (b[index] ?? 0)));
}

function lab(rgb: Rgb): number[] {
  const [r = 0, g = 0, b = 0] = rgb
    .map((part) => part / 255)
    .map((part) => (part > 0.04045 ? ((part + 0.055) / 1.055) ** 2.4 : part / 12.92));
  const [x = 0, y = 0, z = 0] = [
    (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
    0.2126 * r + 0.7152 * g + 0.0722 * b,
    (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.0888,
  ].map((part) => (part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

function text(language: string, short: string, key: string): string {
  let entry: unknown = JSON.parse(
    readFileSync(join(__dirname, "../../locales", language, `${short}.json`), "utf8"),
  );
  for (const step of key.split(".")) entry = (entry as Record<string, unknown>)[step];
  return entry as string;
}

function PEM(label: string): string {
  return `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
}
