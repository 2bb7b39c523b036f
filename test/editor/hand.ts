/** Mouse and keyboard as a person uses them, counted. */
import assert from "node:assert/strict";
import type { Locator } from "playwright-core";
import type { EditorPage } from "./editor-page";
import type { Film } from "./film";

/** In a film: long enough to read what was typed. */
const WORD_MS = 900;

/** Uses mouse and keyboard as a person does, and counts. */
export class Hand {
  clicks = 0;
  keys = 0;

  /** `film`: gets a picture of each thing that the hand does. */
  constructor(
    private readonly editor: EditorPage,
    private readonly film?: Film,
  ) {}

  async click(what: Locator): Promise<void> {
    this.clicks++;
    if (this.film !== undefined) {
      await what.hover();
      await this.film.frame();
    }
    await what.click();
    await this.film?.frame();
  }

  async doubleClick(what: Locator): Promise<void> {
    this.clicks += 2;
    await what.dblclick();
  }

  async type(text: string): Promise<void> {
    this.keys += text.length;
    await this.editor.page.keyboard.type(text);
    await this.film?.frame(WORD_MS);
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
    for (const part of [0.35, 0.7]) {
      await mouse.move(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part, { steps: 4 });
      await this.film?.frame();
    }
    await mouse.move(to.x, to.y, { steps: 4 });
    await this.film?.frame();
    await mouse.up();
    await this.film?.frame();
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
