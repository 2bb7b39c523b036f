/** Somebody's first minute with the package, counted in what the hand does; and the agent's dialog, whatever is wrong. */
import assert from "node:assert/strict";
import type { Browser, Locator } from "playwright-core";
import { openBrowser } from "../../scripts/shared/browser.mjs";
import { needs } from "../support/needs";
import { Authority } from "../support/agent/authority";
import { freePorts } from "../support/ports";
import { RealNodeRed } from "../support/real-node-red";
import { useSimulator } from "../support/simulator";
import { EditorPage } from "./editor-page";

const AGENT = "teamviewer-iot-agent";
/** Held to these numbers; a double click is two clicks. */
const MOST_CLICKS = 13;
const MOST_KEYS = 30;

describe("The first minute", function () {
  this.timeout(90_000);
  let nodeRed: RealNodeRed;
  let browser: Browser;
  let editor: EditorPage;

  before(async function () {
    needs(this, "chromium");
    nodeRed = await RealNodeRed.start();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
  });

  it("leads from an empty canvas to a value in the agent, with few clicks and keys and no path typed", async () => {
    editor = await EditorPage.open(browser, nodeRed.url, "en-US");
    const { page } = editor;
    const hand = new Hand(editor);
    const [port, registrationPort] = await freePorts(2);

    const simulator = await hand.drag("teamviewer-iot-simulator", 260, 80);
    // Nothing that a person does: tests take ports that are free.
    await editor.change(simulator, { port: String(port), registrationPort: String(registrationPort) });
    const inject = await hand.drag("inject", 160, 200);
    const push = await hand.drag("teamviewer-iot-push", 460, 200);
    await hand.wire(inject, push);
    await hand.doubleClick(page.locator(`[id="${push}"]`));
    await page.locator("#node-input-name").waitFor();
    await hand.click(page.locator("#node-input-btn-agent-add"));
    await page.locator("#teamviewer-iot-agent-place").waitFor();
    await editor.screenshot("first-minute-agent");
    await hand.click(page.locator("#node-config-dialog-ok"));
    await page.locator("#node-config-dialog-edit-form").waitFor({ state: "detached" });
    await hand.click(field(editor, "sensor"));
    await hand.type("press");
    await hand.click(field(editor, "metric"));
    await hand.type("temp");
    await hand.click(page.locator("#node-dialog-ok"));
    await page.locator("#dialog-form").waitFor({ state: "detached" });
    await hand.click(page.locator("#red-ui-header-button-deploy"));

    const agent = await nodeRed.until("the agent is deployed", async () =>
      (await nodeRed.flow()).find(({ type }) => type === AGENT),
    );
    await nodeRed.until("the agent is connected", async () => {
      const { agents } = await look<{ agents: { state: string }[] }>("agents");
      return agents.some(({ state }) => state === "connected");
    });
    await hand.click(page.locator(`[id="${inject}"] .red-ui-flow-node-button-button`));
    const sensors = await nodeRed.until("the agent has the value", async () => {
      const { sensors } = await look<{ sensors: { sensorId: string; metricIds: string[] }[] }>(
        `agents/${agent.id}/sensors?anew=1`,
      );
      return sensors.length > 0 && sensors;
    });

    assert.deepEqual(
      sensors.map(({ sensorId, metricIds }) => [sensorId, metricIds]),
      [["press", ["temp"]]],
    );
    await editor.screenshot("first-minute");
    assert.ok(hand.clicks <= MOST_CLICKS, `${hand.clicks} clicks`);
    assert.ok(hand.keys <= MOST_KEYS, `${hand.keys} keys`);
    assert.deepEqual(editor.complaints, []);

    // What the agent has is offered, by name or ID; what was typed stays possible.
    await editor.openDialog(push);
    await offers("sensor", "pre", ["pre", "press"]);
    await offers("sensor", "press", ["press"]);
    await offers("metric", "", ["temp"]);
    await page.keyboard.press("Escape");
    await editor.cancel();
    // The only agent is the next node's, too.
    const ping = await hand.drag("teamviewer-iot-ping", 460, 300);
    assert.equal(await editor.property(ping, "agent"), agent.id);
    await editor.close();
  });

  describe("with an agent that is there", () => {
    const simulator = useSimulator();
    let stranger: Authority;
    before(async () => {
      stranger = await Authority.make();
    });
    after(() => stranger.remove());

    it("tests what is in the form, step by step, and each step fails and heals", async () => {
      editor = await EditorPage.open(browser, nodeRed.url, "en-US");
      const { page } = editor;
      const { port, registrationPort, ca: caFile } = simulator.current;
      const mine = await stranger.issue("0123456789abcdef0123456789abcdef");
      const id = await editor.add(AGENT, { port: String(port), registrationPort: String(registrationPort) });
      await editor.openAgent(id);
      await page.click("#teamviewer-iot-agent-more > summary");
      const fill = (name: string, value: string) => page.fill(`#node-config-input-${name}`, value);
      const choose = (list: string, value: string) => page.selectOption(list, value);
      await choose("#teamviewer-iot-agent-place", "elsewhere");

      await fill("caFile", "/nowhere/ca.crt");
      await ends("settings", /CA|authority/i);
      await fill("caFile", caFile);
      await fill("host", "no-such-host.invalid");
      await ends("name", /no-such-host\.invalid/);
      await fill("host", "localhost");
      const [nobody] = await freePorts(1);
      await fill("registrationPort", String(nobody));
      await ends("network", new RegExp(String(nobody)));
      await fill("registrationPort", String(registrationPort));
      await fill("caFile", stranger.certificateFile);
      await ends("encryption", /CA/);
      await fill("caFile", caFile);
      await fill("port", String(registrationPort));
      await fill("registrationPort", String(port));
      await ends("identity", /swapped/);
      await fill("port", String(port));
      await fill("registrationPort", String(registrationPort));
      assert.match(await passes("identity"), /not registered yet/);

      await choose("#node-config-input-identity", "credentials");
      await fill("teamviewerIotCertificate", mine.certificate);
      await page.fill("#teamviewer-iot-agent-new-key", mine.key);
      await ends("identity", /certificate/);
      await editor.screenshot("connection-test-failed");
      await choose("#node-config-input-identity", "managed");
      await page.click("#teamviewer-iot-agent-register");
      await page.locator('#teamviewer-iot-agent-registered[data-outcome="passed"]').waitFor();
      const clientId = await page.locator('#teamviewer-iot-agent-card [data-fact="clientId"]').innerText();
      assert.match(clientId, /^[0-9a-f-]{32,}$/);

      simulator.current.setFaults({ lose: 1 });
      await ends("answer", /did not answer/);
      simulator.current.setFaults({ lose: 0 });
      assert.match(await passes("answer"), /The agent answers/);
      await page.locator("#teamviewer-iot-agent-verdict").scrollIntoViewIfNeeded();
      await editor.screenshot("connection-test-passed");
      await page.setViewportSize({ width: 900, height: 900 });
      await editor.screenshot("connection-test-900");
      assert.deepEqual(await editor.clipped(), []);
      assert.deepEqual(editor.complaints, []);
      await editor.close();
    });
  });

  it("takes a certificate and its key from a file that is dropped, and from a text that is pasted", async () => {
    editor = await EditorPage.open(browser, nodeRed.url, "de");
    const { page } = editor;
    await editor.openAgent(await editor.add(AGENT));
    const pem = (label: string) => `-----BEGIN ${label}-----\nAAAA\n-----END ${label}-----\n`;
    const both = `# made elsewhere\n${pem("CERTIFICATE")}${pem("PRIVATE KEY")}`;
    await page.evaluate((text) => {
      const dataTransfer = new DataTransfer();
      dataTransfer.items.add(new File([text], "client.pem"));
      document
        .querySelector("#teamviewer-iot-agent-who")
        ?.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    }, both);
    const certificate = page.locator("#node-config-input-teamviewerIotCertificate");
    const key = page.locator("#teamviewer-iot-agent-new-key");
    await certificate.waitFor();
    assert.equal(await page.inputValue("#node-config-input-identity"), "credentials");
    assert.equal(await certificate.inputValue(), pem("CERTIFICATE"));
    assert.equal(await key.inputValue(), pem("PRIVATE KEY"));

    await certificate.fill("");
    await key.fill("");
    await certificate.evaluate((field, text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData("text/plain", text);
      field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
    }, both);
    assert.equal(await certificate.inputValue(), pem("CERTIFICATE"));
    assert.equal(await key.inputValue(), pem("PRIVATE KEY"));
    assert.deepEqual(editor.complaints, []);
    await editor.close();
  });

  /** Types into a field, and looks at the IDs that are offered. */
  async function offers(name: string, typed: string, expected: string[]): Promise<void> {
    const { page } = editor;
    await field(editor, name).fill(typed);
    await field(editor, name).press("ArrowDown");
    const menu = page.locator(".red-ui-autoComplete-container");
    await menu.waitFor();
    const shown = await menu.locator(".red-ui-menu-label > div, a > div").allInnerTexts();
    for (const id of expected)
      assert.ok(
        shown.some((text) => text.includes(id)),
        shown.join(" | "),
      );
    await editor.screenshot(`lookup-${name}`);
    await page.keyboard.press("Escape");
  }

  async function look<T>(path: string): Promise<T> {
    return (await (await fetch(`${nodeRed.url}teamviewer-iot/${path}`)).json()) as T;
  }

  /** Runs the test; gives the last step and its outcome, and the sentence at the end. */
  async function run(): Promise<{ step: string; outcome: string; sentence: string }> {
    const { page } = editor;
    await page.click("#teamviewer-iot-agent-test");
    const verdict = page.locator("#teamviewer-iot-agent-verdict[data-outcome]");
    await verdict.waitFor();
    const last = page.locator("#teamviewer-iot-agent-steps > li").last();
    return {
      step: (await last.getAttribute("data-step")) ?? "",
      outcome: (await last.getAttribute("data-outcome")) ?? "",
      sentence: await verdict.innerText(),
    };
  }

  async function ends(step: string, sentence: RegExp): Promise<void> {
    const result = await run();
    assert.deepEqual([result.step, result.outcome], [step, "failed"], result.sentence);
    assert.match(result.sentence, sentence);
  }

  async function passes(step: string): Promise<string> {
    const result = await run();
    assert.deepEqual([result.step, result.outcome], [step, "passed"], result.sentence);
    return result.sentence;
  }
});

function field({ page }: EditorPage, name: string): Locator {
  return page.locator(`#node-input-${name} + .red-ui-typedInput-container .red-ui-typedInput-input`);
}

/** Uses mouse and keyboard as a person does, and counts. */
class Hand {
  clicks = 0;
  keys = 0;

  constructor(private readonly editor: EditorPage) {}

  async click(what: Locator): Promise<void> {
    this.clicks++;
    await what.click();
  }

  async doubleClick(what: Locator): Promise<void> {
    this.clicks += 2;
    await what.dblclick();
  }

  async type(text: string): Promise<void> {
    this.keys += text.length;
    await this.editor.page.keyboard.type(text);
  }

  /** From the palette to a place of the canvas; gives the node's ID. */
  async drag(type: string, x: number, y: number): Promise<string> {
    const { page } = this.editor;
    const before = await this.editor.nodes();
    const entry = page.locator(`.red-ui-palette-node[data-palette-type="${type}"]`);
    await entry.scrollIntoViewIfNeeded();
    const chart = await page.locator("#red-ui-workspace-chart").boundingBox();
    await this.move(await middle(entry), { x: chart!.x + x, y: chart!.y + y });
    const after = await this.editor.nodes();
    return after.find((id) => !before.includes(id)) ?? assert.fail(`${type} was not added`);
  }

  async wire(from: string, to: string): Promise<void> {
    const { page } = this.editor;
    const output = page.locator(`[id="${from}"] .red-ui-flow-port-output .red-ui-flow-port`);
    const input = page.locator(`[id="${to}"] .red-ui-flow-port-input .red-ui-flow-port`);
    await this.move(await middle(output), await middle(input));
  }

  private async move(from: Place, to: Place): Promise<void> {
    const { mouse } = this.editor.page;
    this.clicks++;
    await mouse.move(from.x, from.y);
    await mouse.down();
    await mouse.move(from.x + 20, from.y + 5, { steps: 3 });
    await mouse.move(to.x, to.y, { steps: 10 });
    await mouse.up();
  }
}

interface Place {
  x: number;
  y: number;
}

async function middle(what: Locator): Promise<Place> {
  const box = await what.boundingBox();
  assert.ok(box);
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
