/** The dialogs in every language, in one Node-RED: nothing is left untranslated, and nothing is cut in a narrow window. */
import assert from "node:assert/strict";
import { TRANSLATIONS } from "../../scripts/shared/languages.mjs";
import { TABLES } from "../support/tables";
import type { EditorPage } from "./editor-page";
import type { World } from "./world";

const ROWS = [
  "source,sensor,metric,unit,scale,report,atMost",
  "line.temp,Boiler,Temperature,°C,0.1,0.5,10",
  "line.burning,Boiler,Burning,bool,,change,",
];

/** What is opened of each node, so that everything of its dialog is seen once. */
const DIALOGS: Readonly<Record<string, object>> = {
  push: { tableType: "rows", rows: ROWS, report: "absolute", band: "0.5", atMost: "10", atLeast: "60" },
  metric: { definitionsType: "list", metrics: [{ name: "Weight", valueUnit: "SI.Mass.GRAM" }] },
};

/** In all languages that no dialog of this world is looked at in elsewhere. */
export function describeLanguages(world: World): void {
  describe("The dialogs", () => {
    before(() => world.nodeRed.deploy([{ id: "tab", type: "tab", label: "flow" }, world.agent()]));

    for (const language of TRANSLATIONS.filter((other) => other !== world.language)) {
      it(`are whole in ${language}, in a narrow window too`, async () => {
        const editor = await world.open(language);
        // Before a dialog is open, for which `resize` would wait.
        await editor.page.setViewportSize({ width: 900, height: 700 });
        const problems: string[] = [];
        await editor.screenshot(`${language}-palette`);
        for (const [short, table] of Object.entries(TABLES)) {
          if (short === "agent") continue;
          await editor.openDialog(
            await editor.add(`teamviewer-iot-${short}`, { agent: "press", ...DIALOGS[short] }),
          );
          const choices = table.operation?.kind === "choice" ? table.operation.choices : [""];
          for (const choice of choices) {
            if (choice !== "") await editor.page.selectOption("#node-input-operation", choice);
            problems.push(...(await problemsOf(editor, `${language}-${short}-${choice}`)));
          }
          await editor.cancel();
        }
        await editor.openAgent("press");
        await editor.page.click("#teamviewer-iot-agent-more > summary");
        problems.push(...(await problemsOf(editor, `${language}-agent`)));
        await editor.cancel();
        await editor.showExplorer();
        await editor.page.locator(".teamviewer-iot-explorer .teamviewer-iot-row").first().click();
        problems.push(...(await editor.cutPlaceholders(".teamviewer-iot-explorer")));
        await editor.screenshot(`${language}-explorer`);
        await editor.close();
        assert.deepEqual([...problems, ...editor.complaints], []);
      });
    }
  });
}

async function problemsOf(editor: EditorPage, dialog: string): Promise<string[]> {
  await editor.screenshot(dialog);
  const found = [
    editor.clipped(),
    editor.overflowing(),
    editor.squeezed(),
    editor.cutPlaceholders(),
    editor.untranslated(),
  ];
  return (await Promise.all(found)).flat().map((problem) => `${dialog}: ${problem}`);
}
