// Debian's Chromium without a window, for what only a browser can show.
import { chromium } from "playwright-core";

export const BROWSER = "/usr/bin/chromium";

/** Alone on this machine: no first-run pages, no requests to its maker, no sandbox, since CI runs as root. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @returns {Promise<import("playwright-core").Browser>} */
export function openBrowser() {
  return chromium.launch({ executablePath: BROWSER, args: ARGUMENTS });
}
