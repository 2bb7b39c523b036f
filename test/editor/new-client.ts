/** A new client beside the old one, as somebody prepares and swaps it in the agent's dialog. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { violations } from "./accessibility";
import type { EditorPage } from "./editor-page";
import type { World } from "./world";

const PART = "#teamviewer-iot-agent-new-client";

interface Facts {
  state: string;
  clientId: string;
  certificate: { validTo: number };
}

export function describeNewClient(world: World): void {
  describe("A new client beside the old one", () => {
    let editor: EditorPage;
    const part = (name: string) => editor.page.locator(`${PART}-${name}`);
    const clientId = async (): Promise<string> => (await agent()).clientId;

    before(async () => {
      await world.nodeRed.deploy([
        { id: "tab", type: "tab", label: "flow" },
        world.agent({ id: "successor" }),
        {
          id: "ping",
          type: "teamviewer-iot-ping",
          z: "tab",
          agent: "successor",
          x: 100,
          y: 100,
          wires: [[], []],
        },
      ]);
      await agent();
      await change("createSensor", { name: "Press 12" });
      editor = await world.open();
      await editor.openAgent("successor");
      await part("details").locator("summary").click();
    });
    after(async () => {
      await editor.close();
      await world.nodeRed.deploy([]);
    });

    async function agent(): Promise<Facts> {
      return world.nodeRed.connected<Facts>("successor");
    }
    async function change(operation: string, parameters: object): Promise<void> {
      await world.nodeRed.post("teamviewer-iot/agents/successor/change", { operation, parameters });
    }
    async function look(name: string): Promise<void> {
      await part("details").evaluate((details) => details.scrollIntoView({ block: "center" }));
      await editor.screenshot(`new-client-${name}-${world.short}`);
      assert.deepEqual(await editor.overflowing(), []);
      assert.deepEqual(await editor.unnamed(), []);
      assert.deepEqual(await violations(editor.page, [PART + "-details"]), []);
    }
    const passes = async (action: string): Promise<void> => {
      await part(action).click();
      await editor.page.locator(`${PART}-result[data-outcome="passed"]`).waitFor();
    };

    it("is about a certificate of which the dialog says when it ends", async () => {
      const { validTo } = (await agent()).certificate;
      const day = await editor.page.evaluate((time) => new Date(time).toLocaleDateString(), validTo);
      assert.equal(
        await editor.page.locator('#teamviewer-iot-agent-card [data-fact="validTo"]').innerText(),
        day,
      );
    });

    it("is prepared with a click, step by step, while the old one goes on", async () => {
      const old = await clientId();
      await look("before");
      assert.match(await part("input").inputValue(), /^press-12-20\d\d$/);
      assert.equal(await part("swap").isVisible(), false);
      await passes("prepare");
      await look("prepared");
      const steps = part("steps").locator('li[data-outcome="passed"]');
      assert.equal(await steps.count(), 5);
      assert.equal(await clientId(), old);
    });

    it("gives the table of old and new IDs as a file", async () => {
      const saved = editor.page.waitForEvent("download");
      await part("csv").click();
      const text = await readFile(await (await saved).path(), "utf8");
      assert.match(text, /^client,sensor,metric,oldId,newId\r\n\w+,Press 12,,[0-9a-f]{32},[0-9a-f]{32}\r\n/);
    });

    it("takes the old one's place with a click, and gives it back with another", async () => {
      const old = await clientId();
      await passes("swap");
      await look("swapped");
      assert.notEqual(await clientId(), old);
      const card = editor.page.locator('#teamviewer-iot-agent-card [data-fact="clientId"]');
      assert.equal(await card.innerText(), await clientId());
      await passes("back");
      assert.equal(await clientId(), old);
      await passes("swap");
      await passes("confirm");
      assert.notEqual(await clientId(), old);
      assert.equal(await part("back").isVisible(), false);
      await look("confirmed");
      assert.deepEqual(editor.complaints, []);
    });

    it("says what failed, and leaves the old one as it was; it can be discarded", async () => {
      const old = await clientId();
      await part("input").fill("no spaces here");
      await part("prepare").click();
      const failed = editor.page.locator(`${PART}-result[data-outcome="failed"]`);
      await failed.waitFor();
      await look("failed");
      await part("input").fill("press-12-third");
      await passes("prepare");
      await passes("discard");
      assert.equal(await clientId(), old);
      assert.equal(await part("prepare").isVisible(), true);
    });
  });
}
