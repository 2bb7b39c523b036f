/** The editor of a real Node-RED in a browser, as far as the tests of dialogs use it. */
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Browser, Locator, Page } from "playwright-core";
import type { RealNodeRed } from "../support/real-node-red";

/** Where pictures go for whoever wants to look: `SCREENSHOTS=folder npm test -- test/editor`. */
const SCREENSHOTS = process.env.SCREENSHOTS;

/** What the browser is waited for at most: long for a slow machine, and shorter than mocha's, which cannot say what for. */
const PATIENCE_MS = 120_000;

/** The part of the editor's own API that the tests call inside the page. */
interface EditorApi {
  sidebar: { show(id: string): void };
  actions: { invoke(name: string): void };
  _(key: string): string;
  editor: { edit(node: unknown): void; editConfig(name: string, type: string, id: string): void };
  nodes: {
    eachNode(look: (node: { id: string }) => void): void;
    node(id: string): Record<string, unknown>;
    getType(type: string): {
      defaults: Record<string, { value: unknown }>;
      outputLabels: (this: unknown, index: number) => string;
    };
  };
  view: { importNodes(flow: unknown, options: object): void };
}
declare const RED: EditorApi;

/** Red, green and blue, each from 0 to 255. */
export type Rgb = number[];

export class EditorPage {
  /** What the browser complained about. */
  readonly complaints: string[] = [];

  private constructor(readonly page: Page) {
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
  }

  /** `token`: of somebody who may see the editor; `login`: signs in by hand instead. */
  static async open(
    browser: Browser,
    url: string,
    language: string,
    {
      colorScheme = "light",
      token,
      login,
    }: {
      colorScheme?: "light" | "dark";
      token?: string;
      login?: (page: Page) => Promise<void>;
    } = {},
  ): Promise<EditorPage> {
    const viewport = { width: 1280, height: 900 };
    const context = await browser.newContext({ locale: language, viewport });
    context.setDefaultTimeout(PATIENCE_MS);
    // Node-RED 5 keeps the theme that somebody has chosen there; 4.1 has one.
    await context.addInitScript((theme) => localStorage.setItem("view-dark-theme", theme), colorScheme);
    const editor = new EditorPage(await context.newPage());
    await editor.page.goto(token === undefined ? url : `${url}?access_token=${token}`);
    await login?.(editor.page);
    await editor.page.locator('.red-ui-palette-node[data-palette-type="teamviewer-iot-push"]').waitFor();
    await editor.page.locator("#red-ui-loading-progress").waitFor({ state: "hidden" });
    return editor;
  }

  async close(): Promise<void> {
    await this.page.context().close();
  }

  /** Puts a node with its default properties, changed by `properties`, into the open flow; gives its ID. */
  async add(type: string, properties: Record<string, unknown> = {}): Promise<string> {
    const id = `test${Math.random().toString(16).slice(2)}`;
    await this.page.evaluate(
      ([type, id, properties]) => {
        const { defaults } = RED.nodes.getType(type);
        const values = Object.fromEntries(Object.entries(defaults).map(([name, { value }]) => [name, value]));
        const place = type.endsWith("-agent") ? {} : { x: 300, y: 200, wires: [[], []] };
        RED.view.importNodes([{ id, type, ...values, ...place, ...properties }], {
          generateIds: false,
          addFlow: false,
          touchImport: true,
          notify: false,
        });
      },
      [type, id, properties] as const,
    );
    return id;
  }

  /** What a person types into of a typed field. */
  field(name: string): Locator {
    return this.page.locator(`#node-input-${name} + .red-ui-typedInput-container .red-ui-typedInput-input`);
  }

  /** The colour of each node of the palette. */
  colours(): Promise<Record<string, Rgb>> {
    return this.page.evaluate(() =>
      Object.fromEntries(
        [...document.querySelectorAll<HTMLElement>(".red-ui-palette-node")].map((node) => [
          node.dataset.paletteType ?? "",
          (getComputedStyle(node).backgroundColor.match(/\d+/g) ?? []).slice(0, 3).map(Number),
        ]),
      ),
    );
  }

  async showExplorer(): Promise<void> {
    await this.page.evaluate(() => RED.sidebar.show("teamviewer-iot-explorer"));
    await this.page.locator(".teamviewer-iot-explorer .teamviewer-iot-row").first().waitFor();
  }

  /** Opens the dialog of a palette node. */
  async openDialog(id: string): Promise<void> {
    await this.page.evaluate((id) => RED.editor.edit(RED.nodes.node(id)), id);
    await this.page.locator("#node-input-name").waitFor();
    await this.settle();
  }

  /** Opens the dialog of the agent. */
  async openAgent(id: string): Promise<void> {
    await this.page.evaluate((id) => RED.editor.editConfig("", "teamviewer-iot-agent", id), id);
    await this.page.locator("#node-config-input-name").waitFor();
    await this.settle();
  }

  async done(): Promise<void> {
    await this.page.locator("#node-dialog-ok, #node-config-dialog-ok").last().click();
    await this.closed();
  }

  async cancel(): Promise<void> {
    await this.page.locator("#node-dialog-cancel, #node-config-dialog-cancel").last().click();
    await this.closed();
  }

  /** A property as the editor has it, without deploying. */
  property(id: string, name: string): Promise<unknown> {
    return this.page.evaluate(([id, name]) => RED.nodes.node(id)[name], [id, name] as const);
  }

  exists(id: string): Promise<boolean> {
    return this.page.evaluate((id) => Boolean(RED.nodes.node(id)), id);
  }

  async undo(): Promise<void> {
    await this.page.evaluate(() => RED.actions.invoke("core:undo"));
  }

  /** What a node is called on the canvas. */
  async label(id: string): Promise<string> {
    return (await this.page.locator(`[id="${id}"] .red-ui-flow-node-label`).textContent()) ?? "";
  }

  /** Changes properties without a dialog. */
  async change(id: string, properties: Record<string, unknown>): Promise<void> {
    await this.page.evaluate(([id, properties]) => void Object.assign(RED.nodes.node(id), properties), [
      id,
      properties,
    ] as const);
  }

  /** The IDs of all nodes on the canvas. */
  nodes(): Promise<string[]> {
    return this.page.evaluate(() => {
      const ids: string[] = [];
      RED.nodes.eachNode(({ id }) => ids.push(id));
      return ids;
    });
  }

  /** The labels of both outputs. */
  outputLabels(id: string): Promise<string[]> {
    return this.page.evaluate((id) => {
      const node = RED.nodes.node(id);
      const { outputLabels } = node._def as ReturnType<EditorApi["nodes"]["getType"]>;
      return [0, 1].map((index) => outputLabels.call(node, index));
    }, id);
  }

  /** Deploys by the button and waits until the nodes run, and the editor knows it. */
  async deploy(nodeRed: RealNodeRed): Promise<void> {
    await nodeRed.deployBy(async () => {
      const answer = this.page.waitForResponse(
        (response) => response.url().endsWith("/flows") && response.request().method() === "POST",
      );
      await this.page.locator("#red-ui-header-button-deploy").click();
      const response = await answer;
      if (!response.ok()) throw new Error(`deploying: ${response.status()}`);
    });
    // Its shade lies over everything until then.
    await this.page.locator("#red-ui-header-shade").waitFor({ state: "hidden" });
  }

  /** The dialog's words that were not found in the catalogue: Node-RED shows their keys. */
  async untranslated(): Promise<string[]> {
    return this.page.evaluate(() => {
      const form =
        document.querySelector("#node-config-dialog-edit-form") ?? document.querySelector("#dialog-form");
      const elements = [...(form?.querySelectorAll<HTMLElement>("[data-i18n]") ?? [])];
      return elements
        .map((element) => {
          const [, attribute, key = ""] = /^(?:\[(\w+)\])?(.*)$/.exec(element.dataset.i18n ?? "") ?? [];
          const text = attribute === undefined ? element.textContent : element.getAttribute(attribute);
          const bare = key.slice(key.indexOf(":") + 1);
          return text === null || text.trim() === "" || text.includes(bare) ? key : "";
        })
        .filter((key) => key !== "");
    });
  }

  /** Visible controls of the dialog that a screen reader could not name. */
  async unnamed(): Promise<string[]> {
    return this.page.evaluate(() => {
      const form =
        document.querySelector("#node-config-dialog-edit-form") ?? document.querySelector("#dialog-form");
      const controls = [...(form?.querySelectorAll<HTMLElement>("input, select, textarea, button") ?? [])];
      return (
        controls
          .filter((control) => control.offsetParent !== null && !control.id.startsWith("red-ui-trap"))
          // Node-RED's own buttons: beside the list of configuration nodes, and at the end of a list's rows.
          .filter((control) => !control.closest(".red-ui-editableList-item-remove"))
          .filter((control) => !/-btn-\w+-(?:edit|add)$/.test(control.id))
          .filter((control) => {
            const ids = control.getAttribute("aria-labelledby")?.split(" ") ?? [];
            const labels = [
              ...((control as HTMLInputElement).labels ?? []),
              ...ids.map((id) => document.getElementById(id)),
            ];
            const texts = [
              ...labels.map((label) => label?.textContent),
              control.getAttribute("aria-label"),
              control.textContent,
            ];
            return texts.every((text) => (text ?? "").trim() === "");
          })
          .map((control) => control.outerHTML)
      );
    });
  }

  /** Visible lists of the dialog that are too narrow for one of their choices, with how much they lack. */
  async clipped(): Promise<string[]> {
    return this.page.evaluate(() => {
      const form =
        document.querySelector("#node-config-dialog-edit-form") ?? document.querySelector("#dialog-form");
      return [...(form?.querySelectorAll("select") ?? [])]
        .filter((list) => list.offsetParent !== null)
        .flatMap((list) => {
          const shown = list.offsetWidth;
          const { style } = list;
          const before = style.cssText;
          style.cssText = "flex: none !important; width: max-content !important; max-width: none !important";
          const wanted = list.offsetWidth;
          style.cssText = before;
          return shown < wanted ? [`${list.className || list.id}: ${shown} of ${wanted}`] : [];
        });
    });
  }

  /** What of the dialog reaches beyond its right edge, or beyond that of the page. */
  async overflowing(): Promise<string[]> {
    return this.page.evaluate(() => {
      const form =
        document.querySelector("#node-config-dialog-edit-form") ?? document.querySelector("#dialog-form");
      const tray = form?.closest(".red-ui-tray-body")?.getBoundingClientRect();
      const edge = Math.min(tray?.right ?? 0, window.innerWidth);
      return [...(form?.querySelectorAll<HTMLElement>("*") ?? [])]
        .filter((part) => part.checkVisibility() && part.getBoundingClientRect().right > edge + 1)
        .map((part) => `${part.tagName} ${part.id || part.className}`);
    });
  }

  /** Visible labels and buttons of the dialog that have too little room, but for those that tell all when pointed at. */
  async squeezed(): Promise<string[]> {
    return this.page.evaluate(() => {
      const form =
        document.querySelector("#node-config-dialog-edit-form") ?? document.querySelector("#dialog-form");
      return [...(form?.querySelectorAll<HTMLElement>("label, button, summary, span") ?? [])]
        .filter(
          (part) => part.checkVisibility() && part.clientWidth > 1 && part.scrollWidth > part.clientWidth + 1,
        )
        .filter((part) => getComputedStyle(part).textOverflow !== "ellipsis" || part.title === "")
        .map((part) => `"${part.textContent.trim()}": ${part.clientWidth} of ${part.scrollWidth}`);
    });
  }

  /** What stands in empty fields of a part of the page, and is cut. */
  async cutPlaceholders(part = "#node-config-dialog-edit-form, #dialog-form"): Promise<string[]> {
    return this.page.evaluate((part) => {
      const pen = document.createElement("canvas").getContext("2d")!;
      const fields = [...document.querySelectorAll<HTMLInputElement>(`:is(${part}) input[placeholder]`)];
      return fields
        .filter((field) => field.checkVisibility() && field.value === "")
        .flatMap((field) => {
          const { font, paddingLeft, paddingRight } = getComputedStyle(field);
          pen.font = font;
          const wanted = Math.ceil(pen.measureText(field.placeholder).width);
          const shown = field.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
          return wanted > shown + 1 ? [`"${field.placeholder}": ${shown} of ${wanted}`] : [];
        });
    }, part);
  }

  async resize(width: number, height: number): Promise<void> {
    await this.page.setViewportSize({ width, height });
    // The page hears of it with its next picture.
    await this.page.evaluate(
      () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))),
    );
    await this.settle();
  }

  /** A picture of the page, where somebody asked for pictures. */
  async screenshot(name: string): Promise<void> {
    if (SCREENSHOTS === undefined) return;
    mkdirSync(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: join(resolve(SCREENSHOTS), `${name}.png`) });
  }

  /** The dialog slides in; until then clicks miss. */
  private async settle(): Promise<void> {
    await this.page.waitForFunction(() => {
      const tray = [...document.querySelectorAll(".red-ui-tray")].at(-1);
      const area = document.querySelector("#red-ui-editor-stack")?.getBoundingClientRect();
      const box = tray?.getBoundingClientRect();
      return box !== undefined && area !== undefined && Math.abs(box.right - area.right) < 2;
    });
  }

  private async closed(): Promise<void> {
    await this.page.locator("#dialog-form, #node-config-dialog-edit-form").waitFor({ state: "detached" });
  }
}
