// npm run pictures: makes the pictures of the README (docs/images) anew: those of the demo from a running one, the film of
// the first minute and those of the editor from what the browser tests show on their way. Needs Debian's chromium.
//   node scripts/pictures.mjs demo | editor     only these
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openBrowser } from "./shared/browser.mjs";
import { buildPackage } from "./shared/prepare.mjs";
import { readyLine, startProgram } from "./shared/program.mjs";
import { projectRoot } from "./shared/project.mjs";
import { movingPng, smallPng } from "./shared/small-png.mjs";
import { run, tool } from "./shared/tools.mjs";

const IMAGES = join(projectRoot, "docs/images");
/** Long enough that the charts have a shape. */
const WARM_UP_MS = 60_000;
const OUTAGE_MS = 20_000;
const SETTLE_MS = 2000;

/** Names of pictures in the tests, and what is kept of them. */
const TESTS = [
  "test/editor/editors.test.ts",
  "test/editor/push-table.test.ts",
  "test/explorer/explorer.test.ts",
];
/** What a test calls its picture, where it takes one in each Node-RED. */
const SOURCES = { lookup: "4.1-lookup-metrics" };
const SIDEBAR = { x: 964, y: 48, width: 316 };
const PARTS = {
  lookup: { x: 396, y: 168, width: 562, height: 442 },
  "push-table-check": { x: 258, y: 256, width: 700, height: 410 },
  "connection-test-passed": { x: 396, y: 325, width: 564, height: 475 },
  "explorer-live": { ...SIDEBAR, height: 825 },
  "explorer-reading": { ...SIDEBAR, height: 160 },
};

const [only] = process.argv.slice(2);
if (only !== "editor") await pictureDemo();
if (only !== "demo") await pictureEditor();

async function pictureDemo() {
  const demo = await startProgram(
    [
      process.execPath,
      join(projectRoot, "scripts/demo.mjs"),
      ...["--port", "0"],
      ...["--agent-port", "0"],
      ...["--agent-registration-port", "0"],
      ...["--language", "en-US"],
    ],
    { readyIn: readyLine },
  );
  const browser = await openBrowser();
  try {
    const page = await browser.newPage({ viewport: { width: 1180, height: 1110 }, locale: "en-US" });
    await page.goto(demo.ready.dashboard);
    await wait(WARM_UP_MS);
    // After an outage in which the press became too hot, when all that waited has arrived.
    const connection = page.getByLabel("Connection to the agent");
    await connection.click();
    await page.getByRole("button", { name: "Overheat the press" }).click();
    await wait(OUTAGE_MS);
    await connection.click();
    await page.locator(".demo-verdict.comes").waitFor();
    await page.locator(".demo-verdict.good").waitFor();
    await wait(SETTLE_MS);
    keep("demo-dashboard", await page.screenshot());

    await page.setViewportSize({ width: 1280, height: 1150 });
    await page.goto(demo.ready.editor);
    await page.locator("#red-ui-loading-progress").waitFor({ state: "hidden" });
    await page.locator("#red-ui-workspace-chart .red-ui-flow-node-group").first().waitFor();
    await page.locator("#red-ui-palette-search input").pressSequentially("teamviewer");
    await page.locator(".teamviewer-iot-explorer").getByText("Press", { exact: true }).dblclick();
    await wait(SETTLE_MS);
    keep("demo-flow", await page.screenshot());
  } finally {
    await browser.close();
    await demo.stop();
  }
}

async function pictureEditor() {
  await buildPackage();
  const shown = mkdtempSync(join(tmpdir(), "tviot-pictures-"));
  try {
    const code = await run([...tool("mocha"), ...TESTS], { env: { SCREENSHOTS: shown } });
    if (code !== 0) throw new Error("The browser tests failed: see above.");
    for (const [name, part] of Object.entries(PARTS))
      keep(name, readFileSync(join(shown, `${SOURCES[name] ?? name}.png`)), part);
    const frames = JSON.parse(readFileSync(join(shown, "film.json"), "utf8"));
    const film = frames.map(({ file, ms }) => ({ png: readFileSync(join(shown, file)), ms }));
    writeFileSync(join(IMAGES, "first-minute.png"), movingPng(film));
  } finally {
    rmSync(shown, { recursive: true, force: true });
  }
}

/** @type {(name: string, png: Buffer, part?: Parameters<typeof smallPng>[1]) => void} */
function keep(name, png, part) {
  writeFileSync(join(IMAGES, `${name}.png`), smallPng(png, part));
}
