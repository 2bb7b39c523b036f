// node scripts/screenshots.mjs: makes the pictures of docs/images from a running demo. Needs Debian's chromium.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { openBrowser } from "./shared/browser.mjs";
import { readyLine, startProgram } from "./shared/program.mjs";
import { projectRoot } from "./shared/project.mjs";

const IMAGES = join(projectRoot, "docs/images");
/** Long enough that the charts have a shape. */
const WARM_UP_MS = Number(process.argv[2] ?? 90) * 1000;

const SETTLE_MS = 2000;

mkdirSync(IMAGES, { recursive: true });
const demo = await startProgram(
  [
    process.execPath,
    join(projectRoot, "scripts/demo.mjs"),
    ...["--port", "0"],
    ...["--agent-port", "0"],
    ...["--agent-registration-port", "0"],
  ],
  { readyIn: readyLine },
);
const browser = await openBrowser();
try {
  const page = await browser.newPage({ viewport: { width: 1180, height: 950 } });
  await page.goto(demo.ready.dashboard);
  await wait(WARM_UP_MS);
  await page.screenshot({ path: join(IMAGES, "demo-dashboard.png") });

  await page.setViewportSize({ width: 1180, height: 1460 });
  await page.goto(demo.ready.editor);
  await page.locator("#red-ui-loading-progress").waitFor({ state: "hidden" });
  await page.locator("#red-ui-workspace-chart .red-ui-flow-node-group").first().waitFor();
  await page.locator("#red-ui-palette-search input").pressSequentially("teamviewer");
  await page.evaluate(() => globalThis.RED.actions.invoke("core:toggle-sidebar"));
  await wait(SETTLE_MS);
  await page.screenshot({ path: join(IMAGES, "demo-flow.png") });
} finally {
  await browser.close();
  await demo.stop();
}
