/** Somebody's first minute with the package, counted in what the hand does. */
import assert from "node:assert/strict";
import { freePorts } from "../support/ports";
import { Film } from "./film";
import { Hand } from "./hand";
import type { World } from "./world";

const AGENT = "teamviewer-iot-agent";
/** Held to these numbers; a double click is two clicks. */
const MOST_CLICKS = 11;
const MOST_KEYS = 9;

export function describeFirstMinute(world: World): void {
  it("leads from an empty canvas to a value in the agent, with few clicks and keys and no path typed", async () => {
    await world.nodeRed.deploy([{ id: "tab", type: "tab", label: "flow" }]);
    const editor = await world.open();
    const { page } = editor;
    const film =
      world.language === "en-US" ? await Film.start(page, { width: 1080, height: 640 }) : undefined;
    const hand = new Hand(editor, film);
    const [port, registrationPort] = await freePorts(2);

    await film?.say("1 · A simulator node is an agent inside Node-RED: drag it in");
    const simulator = await hand.drag("teamviewer-iot-simulator", 260, 80);
    // Nothing that a person does: tests take ports that are free.
    await editor.change(simulator, { port: String(port), registrationPort: String(registrationPort) });
    await film?.say("2 · An inject node gives a value, a push node sends it");
    const inject = await hand.drag("inject", 160, 200);
    // Nor that: a timestamp is no temperature, and whoever sees the film would wonder.
    if (film !== undefined)
      await editor.change(inject, { payload: "21.5", payloadType: "num", name: "21.5 °C" });
    const push = await hand.drag("teamviewer-iot-push", 460, 200);
    await hand.wire(inject, push);
    await film?.say("3 · Any sensor and any metric: the agent creates what is missing");
    await hand.doubleClick(page.locator(`[id="${push}"]`));
    await page.locator("#node-input-name").waitFor();
    await hand.click(editor.field("sensor"));
    await hand.type("press");
    await hand.click(editor.field("metric"));
    await hand.type("temp");
    await hand.click(page.locator("#node-dialog-ok"));
    await page.locator("#dialog-form").waitFor({ state: "detached" });
    await film?.say("4 · Deploy: its agent node is there already, and registers by itself");
    await hand.click(page.locator("#red-ui-header-button-deploy"));

    const agent = await world.nodeRed.until("the agent is deployed", async () =>
      (await world.nodeRed.flow()).find(({ type }) => type === AGENT),
    );
    await world.nodeRed.connected(agent.id);
    await film?.say("5 · Connected. A click on the inject node sends the value");
    await hand.click(page.locator(`[id="${inject}"] .red-ui-flow-node-button-button`));
    const sensors = await world.nodeRed.until("the agent has the value", async () => {
      const { sensors } = await world.nodeRed.get<{ sensors: { sensorId: string; metricIds: string[] }[] }>(
        `teamviewer-iot/agents/${agent.id}/sensors?anew=1`,
      );
      return sensors.length > 0 && sensors;
    });

    assert.deepEqual(
      sensors.map(({ sensorId, metricIds }) => [sensorId, metricIds]),
      [["press", ["temp"]]],
    );
    if (film !== undefined) {
      await editor.showExplorer();
      await page
        .locator(".teamviewer-iot-row", { hasText: "press" })
        .last()
        .locator(".teamviewer-iot-handle")
        .click();
      await page.locator(".teamviewer-iot-row", { hasText: "temp" }).click();
      await film.say("6 · The value is in the agent; the sidebar shows it, live");
      await film.end();
    }
    assert.ok(hand.clicks <= MOST_CLICKS, `${hand.clicks} clicks`);
    assert.ok(hand.keys <= MOST_KEYS, `${hand.keys} keys`);
    assert.deepEqual(editor.complaints, []);

    // The only agent is the next node's, too.
    const ping = await hand.drag("teamviewer-iot-ping", 460, 300);
    assert.equal(await editor.property(ping, "agent"), agent.id);
    await editor.close();
  });

  it("begins with an agent node for the only simulator, which an undo takes away again", async () => {
    await world.nodeRed.deploy([{ id: "tab", type: "tab", label: "flow" }]);
    const editor = await world.open();
    const hand = new Hand(editor);
    await hand.drag("teamviewer-iot-simulator", 260, 80);
    const push = await hand.drag("teamviewer-iot-push", 460, 200);
    const agent = String(await editor.property(push, "agent"));
    assert.equal(await editor.property(agent, "caFile"), "teamviewer-iot/simulator/TeamViewerAuthority.crt");
    assert.deepEqual(await editor.property(push, "validationErrors"), []);
    assert.equal(await editor.exists(agent), true);
    await editor.undo();
    await editor.undo();
    assert.equal(await editor.exists(agent), false);
    assert.deepEqual(editor.complaints, []);
    await editor.close();
  });
}
