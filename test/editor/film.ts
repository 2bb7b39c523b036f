/**
 * A film of what a test does, for the README (`npm run pictures`): a caption, the pointer, and a picture at each step.
 * Where nobody asked for pictures there is none, and nothing of it is in the page.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Page } from "playwright-core";

/** Somebody has to read the caption; between captions the eye only follows. */
const READING_MS = 2200;
const MOVING_MS = 160;
const END_MS = 4000;

export class Film {
  private readonly frames: { file: string; ms: number }[] = [];

  private constructor(
    private readonly page: Page,
    private readonly folder: string,
  ) {}

  /** Undefined where nobody wants one. */
  static async start(
    page: Page,
    size: { width: number; height: number },
    folder = process.env.SCREENSHOTS,
  ): Promise<Film | undefined> {
    if (folder === undefined) return undefined;
    await page.setViewportSize(size);
    await page.evaluate(() => {
      const caption = document.createElement("div");
      caption.id = "film-caption";
      caption.style.cssText =
        "position:fixed;left:0;right:0;bottom:0;z-index:9998;padding:12px 20px;background:#1b2a33;color:#fff;" +
        "font:600 21px/1.3 sans-serif;pointer-events:none";
      const pointer = document.createElement("div");
      pointer.style.cssText =
        "position:fixed;z-index:9999;width:22px;height:22px;margin:-11px;border-radius:50%;pointer-events:none;" +
        "background:rgba(224,80,0,.55);border:2px solid #fff";
      document.body.append(caption, pointer);
      document.addEventListener(
        "mousemove",
        ({ clientX, clientY }) => {
          pointer.style.left = `${clientX}px`;
          pointer.style.top = `${clientY}px`;
        },
        { capture: true },
      );
    });
    mkdirSync(folder, { recursive: true });
    return new Film(page, resolve(folder));
  }

  /** A new caption, long enough to be read. */
  async say(caption: string): Promise<void> {
    await this.page.evaluate((text) => {
      document.querySelector("#film-caption")!.textContent = text;
    }, caption);
    await this.frame(READING_MS);
  }

  async frame(ms = MOVING_MS): Promise<void> {
    const file = `film-${String(this.frames.length).padStart(3, "0")}.png`;
    await this.page.screenshot({ path: join(this.folder, file) });
    this.frames.push({ file, ms });
  }

  async end(): Promise<void> {
    await this.frame(END_MS);
    writeFileSync(join(this.folder, "film.json"), JSON.stringify(this.frames));
  }
}
