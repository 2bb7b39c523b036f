/** Examples as a person imports them: one after the other, and one of them twice, beside an agent that is there already. */
import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { RealNodeRed } from "../support/real-node-red";
import { until } from "../support/waits";
import { EditorPage } from "./editor-page";
import { useStage } from "./world";

declare const RED: {
  actions: { invoke(action: string): void };
  nodes: {
    eachConfig(look: (node: { type: string; name: string; valid?: boolean }) => void): void;
    eachNode(look: (node: { type: string; valid?: boolean }) => void): void;
  };
};

describe("Examples, imported in the editor", function () {
  const stage = useStage(() => RealNodeRed.start());
  let editor: EditorPage;
  let page: Page;

  before(async () => {
    await stage.nodeRed.deploy([
      { id: "tab", type: "tab", label: "flow" },
      { id: "hall", type: "teamviewer-iot-agent", name: "Press hall" },
    ]);
    editor = await EditorPage.open(stage.browser, stage.nodeRed.url, "en-US");
    ({ page } = editor);
  });

  async function importExample(name: string): Promise<void> {
    await page.evaluate(() => RED.actions.invoke("core:show-examples-import-dialog"));
    const dialog = page.locator(".ui-dialog", { has: page.locator("#red-ui-clipboard-dialog-ok") });
    const entry = (text: string) => dialog.locator(".red-ui-treeList-label").getByText(text, { exact: true });
    const folder = entry("@tviot/node-red-teamviewer-iot");
    await folder.waitFor();
    if (!(await entry(name).isVisible())) await folder.click();
    const button = dialog.locator("#red-ui-clipboard-dialog-ok");
    // While the list is still unfolding a click can miss its row.
    await until(`the row of "${name}"`, async () => {
      await entry(name).click();
      return button.isEnabled();
    });
    await button.click();
  }

  const tabs = (): Promise<number> => page.locator("#red-ui-workspace-tabs .red-ui-tab").count();
  const agents = (): Promise<string[]> =>
    page.evaluate(() => {
      const names: string[] = [];
      RED.nodes.eachConfig(({ type, name }) => type === "teamviewer-iot-agent" && names.push(name));
      return names.sort();
    });
  const conflict = () => page.locator(".red-ui-notification").filter({ hasText: "already exist" });

  it("ask nothing when they are different ones, and each brings an agent of its own", async () => {
    for (const [count, name] of [
      [2, "push values"],
      [3, "receive live data"],
    ] as const) {
      await importExample(name);
      await until(name, async () => (await tabs()) === count);
      assert.equal(await conflict().count(), 0, name);
    }
    assert.deepEqual(await agents(), [
      "Press hall",
      "Simulated agent (push values)",
      "Simulated agent (receive live data)",
    ]);
  });

  it("use the agent that is there when one of them is imported again as a copy", async () => {
    await importExample("push values");
    await conflict().getByRole("button", { name: "Import copy" }).click();
    await until("the copy", async () => (await tabs()) === 4);
    assert.equal((await agents()).length, 3);
    const invalid = await page.evaluate(() => {
      const types: string[] = [];
      RED.nodes.eachNode(({ type, valid }) => valid === false && types.push(type));
      RED.nodes.eachConfig(({ type, valid }) => valid === false && types.push(type));
      return types;
    });
    assert.deepEqual(invalid, []);
    assert.deepEqual(editor.complaints, []);
    await editor.screenshot("examples-imported");
  });
});
