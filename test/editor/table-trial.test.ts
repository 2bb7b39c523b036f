/**
 * A stranger with a spreadsheet: 200 registers of a Modbus node, in the editor of a real Node-RED, in a real browser,
 * without a function node; and what the agent got of it, beside plain code that shares nothing with the package.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clipboard, germanCsv, PlainCode, POINTS, readings, REGISTERS } from "../support/press-line";
import { RealNodeRed, type FlowItem } from "../support/real-node-red";
import { EditorPage } from "./editor-page";
import { Hand } from "./hand";
import { useStage } from "./world";

const ROUNDS = 6;

describe("A stranger with a spreadsheet of 200 registers", function () {
  const stage = useStage(() => RealNodeRed.start());

  /** Where the Modbus node would be: its message, by an inject node for each reading. */
  function flow(read: (number | null)[][]): FlowItem[] {
    const { port, registrationPort, ca } = stage.simulator;
    return [
      { id: "tab", type: "tab", label: "line 4" },
      {
        id: "agent",
        type: "teamviewer-iot-agent",
        ...{ port: String(port), registrationPort: String(registrationPort), caFile: ca },
        autoRegister: true,
        clientName: "line-4",
      },
      ...read.map((registers, round) => ({
        id: `reading${round}`,
        type: "inject",
        ...{ z: "tab", x: 120, y: 60 + 40 * round, wires: [["joined"]] },
        props: [{ p: "payload" }],
        // The editor asks before it deploys a node that it finds incomplete.
        ...{ repeat: "", crontab: "", once: false, onceDelay: 0.1, topic: "" },
        payload: JSON.stringify(registers),
        payloadType: "json",
      })),
      { id: "joined", type: "junction", z: "tab", x: 260, y: 120, wires: [["push"]] },
      {
        id: "push",
        type: "teamviewer-iot-push",
        ...{ z: "tab", x: 420, y: 120, wires: [["answer"], ["error"]] },
        agent: "agent",
      },
      ...["answer", "error"].map((id, index) => ({
        ...{ id, type: "debug", z: "tab", x: 640, y: 100 + 40 * index, wires: [] },
        complete: "true",
        targetType: "full",
      })),
    ];
  }

  it("has them in the agent as plain code makes them, half pasted and half read from a CSV file of a German Excel", async () => {
    const line = readings(9);
    const read = Array.from({ length: ROUNDS }, () => line.next().value as (number | null)[]);
    // A device that does not answer for some of them.
    read[3] = read[3]!.map((value, index) => (index % 40 === 5 ? null : value));
    const plain = new PlainCode();
    for (const [round, registers] of read.entries()) plain.read(round, registers);
    await stage.nodeRed.deploy(flow(read));

    const editor = await EditorPage.open(stage.browser, stage.nodeRed.url, "de");
    const { page } = editor;
    const hand = new Hand(editor);
    const told = (): Promise<string> => page.locator(".teamviewer-iot-table-told").innerText();
    const found = (): Promise<string> => page.locator(".teamviewer-iot-table-found").innerText();
    await editor.openDialog("push");
    // The table's type is chosen in the list of the typed field.
    await page.locator("#node-input-table + .red-ui-typedInput-container button").first().click();
    await page.locator(".red-ui-typedInput-options:visible a", { hasText: "in diesem Node" }).click();
    // A list of numbers is what a table takes, whatever a push without one does.
    const form = page.locator("#dialog-form");
    assert.equal(await form.locator('[data-i18n$="hint.values"]').isVisible(), false);
    await editor.screenshot("trial-1-empty");

    await hand.click(page.locator("#teamviewer-iot-table-open"));
    await page.locator("#teamviewer-iot-table-paste").evaluate(
      (area, text) => {
        area.focus();
        document.execCommand("insertText", false, text);
      },
      clipboard(POINTS.slice(0, REGISTERS / 2)),
    );
    assert.match(await found(), /Zeilen: 100\. Neu: 100, geändert: 0, gleich: 0\. Probleme: 0\./);
    await page.locator("#teamviewer-iot-table-merge").scrollIntoViewIfNeeded();
    await editor.screenshot("trial-2-pasted");
    await hand.click(page.locator("#teamviewer-iot-table-merge"));

    const file = join(stage.folder, "Registerliste.csv");
    await writeFile(file, germanCsv(POINTS.slice(REGISTERS / 2 - 10)));
    await hand.click(page.locator("#teamviewer-iot-table-open"));
    await page.setInputFiles(".teamviewer-iot-table-import input[type=file]", file);
    await stage.nodeRed.until("the file is read", async () =>
      /Zeilen: 110\. Neu: 100, geändert: 0, gleich: 10\. Probleme: 0\./.test(await found()),
    );
    await page.locator("#teamviewer-iot-table-merge").scrollIntoViewIfNeeded();
    await editor.screenshot("trial-3-file");
    await hand.click(page.locator("#teamviewer-iot-table-merge"));
    assert.match(await told(), /Zeilen: 200\. Mit einem Problem: 0\./);
    await stage.nodeRed.connected("agent");
    await hand.click(page.locator("#teamviewer-iot-table-check"));
    await stage.nodeRed.until(
      "the agent is asked",
      async () => /200/.test(await told()) && !/Mit/.test(await told()),
    );
    await page.locator(".teamviewer-iot-grid").scrollIntoViewIfNeeded();
    await editor.screenshot("trial-4-checked");
    await editor.done();
    await editor.deploy(stage.nodeRed);

    const pushes: { sensorId: string; metrics: { metricId: string; value: unknown }[] }[] = [];
    stage.simulator.on("request", ({ operation, payload, topic }) => {
      if (operation !== "pushValues") return;
      const { metrics } = JSON.parse(payload) as (typeof pushes)[0];
      pushes.push({ sensorId: topic.split("/")[4]!, metrics });
    });
    let errors: unknown[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await stage.nodeRed.inject(`reading${round}`);
      await stage.nodeRed.until("the reading has ended", async () => {
        const sent = (await stage.nodeRed.sent()).filter(({ id }) => id === "push");
        errors = [...errors, ...sent.flatMap(({ output, error }) => (output === 1 ? [error] : []))];
        return sent.length > 0;
      });
    }
    await editor.screenshot("trial-5-sent");

    const names = await namesOfAgent();
    const sent = new Map<string, unknown[]>();
    for (const { sensorId, metrics } of pushes)
      for (const { metricId, value } of metrics) {
        const name = names.get(`${sensorId}/${metricId}`) ?? metricId;
        sent.set(name, [...(sent.get(name) ?? []), value]);
      }
    assert.equal(sent.size, REGISTERS);
    // What the ends of windows send comes after it.
    for (const [name, values] of plain.sent)
      assert.deepEqual(sent.get(name)?.slice(0, values.length), values, name);
    assert.deepEqual(
      errors.map((error) => (error as { rows: unknown[] }).rows.length),
      [REGISTERS / 40],
    );
    assert.deepEqual(editor.complaints, []);
    await editor.close();
  });

  async function namesOfAgent(): Promise<Map<string, string>> {
    const path = "teamviewer-iot/agents/agent/sensors";
    interface Sensors {
      sensors: { sensorId: string; name: string }[];
    }
    interface Metrics {
      metrics: { metricId: string; name: string }[];
    }
    const names = new Map<string, string>();
    const { sensors } = await stage.nodeRed.get<Sensors>(`${path}?anew=1`);
    for (const { sensorId, name } of sensors) {
      const { metrics } = await stage.nodeRed.get<Metrics>(`${path}/${sensorId}/metrics?anew=1`);
      for (const metric of metrics) names.set(`${sensorId}/${metric.metricId}`, `${name}/${metric.name}`);
    }
    return names;
  }
});
