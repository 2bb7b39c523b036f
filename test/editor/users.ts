/** People who sign in: what each may do is what the dialogs offer. */
import assert from "node:assert/strict";
import type { EditorPage } from "./editor-page";
import type { World } from "./world";

export function describeUsers(world: World): void {
  describe("Somebody who signs in", () => {
    before(() => world.nodeRed.deploy([{ id: "tab", type: "tab", label: "flow" }, world.agent()]));

    it("and may only look, is told so by the connection test and by registering, and nothing is changed", async () => {
      const editor = await world.signIn("rita");
      await editor.openAgent("press");
      assert.match(await outcome(editor, "test", "verdict"), /does not let you/);
      assert.match(await outcome(editor, "register", "registered"), /does not let you/);
      assert.equal(await editor.page.locator("#teamviewer-iot-agent-new-client-details").isVisible(), false);
      await editor.close();
    });

    it("and may deploy, tests what is in the form", async () => {
      const editor = await world.signIn("anna");
      await editor.openAgent("press");
      await editor.page.click("#teamviewer-iot-agent-test");
      await editor.page.locator('#teamviewer-iot-agent-verdict[data-outcome="passed"]').waitFor();
      await editor.close();
    });
  });
}

async function outcome({ page }: EditorPage, button: string, result: string): Promise<string> {
  await page.click(`#teamviewer-iot-agent-${button}`);
  const shown = page.locator(`#teamviewer-iot-agent-${result}[data-outcome="failed"]`);
  await shown.waitFor();
  return shown.innerText();
}
