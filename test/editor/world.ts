/**
 * Where the editor is tested: a Node-RED, an agent and a browser, once for all that is looked at there. The two worlds
 * differ in all that may make a difference, so that two starts of Node-RED are enough.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { openBrowser } from "../../scripts/shared/browser.mjs";
import { startSimulator, type Simulator } from "../../src/simulator/index";
import { RUNTIMES } from "../package/installation";
import { needs } from "../support/needs";
import { RealNodeRed, type FlowItem } from "../support/real-node-red";
import { EditorPage } from "./editor-page";

export interface World {
  /** In names of pictures. */
  readonly short: string;
  readonly colorScheme: "light" | "dark";
  readonly language: string;
  readonly nodeRed: RealNodeRed;
  readonly browser: Browser;
  readonly simulator: Simulator;
  /** Opens the editor, by default in the language of the world. */
  open(language?: string): Promise<EditorPage>;
  /** Opens the editor as somebody who types name and password. */
  signIn(user: string): Promise<EditorPage>;
  /** An agent node, in a flow, for the simulator. */
  agent(properties?: object): FlowItem;
}

interface Setting {
  name: string;
  short: string;
  runtime: (typeof RUNTIMES)[number];
  language: string;
  colorScheme: "light" | "dark";
  root: string;
  /** Its token, where people have to sign in. */
  token?: string;
  settings?: string;
}

/** The password of both is "secret". */
const USERS = `module.exports.adminAuth = {
  type: "credentials",
  users: [
    { username: "anna", password: "$2b$04$Lfdx0.nfTZFs5HTEytrwB.1GzRuvOMOaCtrLL1mHj1jXqRJUa9Ney", permissions: "*" },
    { username: "rita", password: "$2b$04$Lfdx0.nfTZFs5HTEytrwB.1GzRuvOMOaCtrLL1mHj1jXqRJUa9Ney", permissions: "read" },
  ],
  tokens: async (token) => (token === "anna" ? { username: "anna", permissions: "*" } : null),
};`;

/** Where the tests are told to use one Node-RED, it is that in both worlds. */
const runtimeOf = (version: string): (typeof RUNTIMES)[number] =>
  RUNTIMES.find((runtime) => runtime.version === version) ?? RUNTIMES[0]!;

export const WITH_USERS: Setting = {
  name: "light and in English, where people sign in below a path",
  short: "4.1",
  runtime: runtimeOf("4.1"),
  language: "en-US",
  colorScheme: "light",
  root: "/plant/iot/",
  token: "anna",
  settings: USERS,
};
export const DARK: Setting = {
  name: "dark and in German",
  short: "5",
  runtime: runtimeOf("5"),
  language: "de",
  colorScheme: "dark",
  root: "/",
};

/** What a suite in a browser runs beside. */
export interface Stage {
  readonly folder: string;
  readonly simulator: Simulator;
  readonly nodeRed: RealNodeRed;
  readonly browser: Browser;
}

/** Starts a simulated agent, a Node-RED and a browser for a suite; call it inside `describe`. */
export function useStage(startNodeRed: () => Promise<RealNodeRed>): Stage {
  let folder: string | undefined;
  let simulator: Simulator | undefined;
  let nodeRed: RealNodeRed | undefined;
  let browser: Browser | undefined;
  before(async function () {
    needs(this, "chromium");
    this.timeout(600_000); // npm may have to install that Node-RED first.
    folder = await mkdtemp(join(tmpdir(), "tviot-editor-"));
    simulator = await startSimulator({ directory: folder });
    nodeRed = await startNodeRed();
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await nodeRed?.stop();
    await simulator?.stop();
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });
  return {
    get folder() {
      return running(folder);
    },
    get simulator() {
      return running(simulator);
    },
    get nodeRed() {
      return running(nodeRed);
    },
    get browser() {
      return running(browser);
    },
  };
}

/** The same as a world, in which the dialogs are tried. */
export function useWorld({ short, runtime, language, colorScheme, root, token, settings }: Setting): World {
  before(function () {
    needs(this, "openssl");
  });
  const stage = useStage(async () =>
    RealNodeRed.start({ command: await runtime.command(), root, token, settings }),
  );
  return {
    short,
    colorScheme,
    language,
    get nodeRed() {
      return stage.nodeRed;
    },
    get browser() {
      return stage.browser;
    },
    get simulator() {
      return stage.simulator;
    },
    open: (inLanguage = language) =>
      EditorPage.open(stage.browser, stage.nodeRed.url, inLanguage, { colorScheme, token }),
    signIn: (user) =>
      EditorPage.open(stage.browser, stage.nodeRed.url, language, {
        colorScheme,
        login: async (page) => {
          await page.fill("#node-dialog-login-username", user);
          await page.fill("#node-dialog-login-password", "secret");
          await page.click("#node-dialog-login-submit");
        },
      }),
    agent: (properties = {}) => {
      const { port, registrationPort, ca } = stage.simulator;
      return {
        id: "press",
        type: "teamviewer-iot-agent",
        name: "press hall",
        port: String(port),
        registrationPort: String(registrationPort),
        caFile: ca,
        autoRegister: true,
        clientName: "press-12",
        ...properties,
      };
    },
  };
}

function running<T>(thing: T | undefined): T {
  if (thing === undefined) throw new Error("it does not run yet");
  return thing;
}
