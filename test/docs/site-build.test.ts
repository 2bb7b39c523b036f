/** The site as `npm run docs` makes it. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { LANGUAGES, TRANSLATIONS } from "../../scripts/shared/languages.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { runtime } from "../../scripts/shared/runtimes.mjs";
import { termOf, tokensOf, weightOf } from "../../scripts/shared/site-search.mjs";

/** What strangers type into the search, and a page that has to be among the first three. */
const QUESTIONS = [
  [
    "keep values during an outage",
    "/questions.html#how-do-i-keep-values-during-an-outage-when-the-connection-is-down",
  ],
  ["ReplyTimeout", "/questions.html#what-does-replytimeout-mean"],
  ["firewall ports", "/questions.html#which-ports-are-used-what-must-the-firewall-let-through"],
  ["docker volume", "/recipes/docker.html#docker"],
  ["move gateway", "/questions.html#how-do-i-move-a-gateway-to-new-hardware-or-replace-it"],
  ["when does the certificate expire", "/questions.html#when-does-the-certificate-end-and-what-then"],
  ["scale modbus register", "/recipes/modbus.html#modbus-registers"],
  ["several agents", "/recipes/several-agents.html#several-agents"],
  [
    "value not in console",
    "/questions.html#the-flow-says-it-was-sent-but-i-do-not-see-the-value-in-the-console-why",
  ],
  ["read-only user", "/questions.html#who-may-see-and-change-what-in-the-editor-is-there-a-read-only-user"],
  ["memory of a small gateway", "/questions.html#what-do-i-need-and-what-does-it-cost-the-machine"],
  ["install offline", "/questions.html#how-do-i-install-it-without-internet"],
  ["error 15", "/errors/UnknownSensorId.html#unknownsensorid-error-15"],
  ["wrong CA", "/questions.html#the-badge-says-wrong-ca-what-is-wrong"],
  ["prometheus", "/monitoring.html#prometheus"],
  ["duplicates", "/questions.html#can-a-value-arrive-twice-are-there-duplicates"],
  ["ECONNREFUSED", "/questions.html#it-does-not-connect-how-do-i-debug-a-connection-problem"],
  [
    "same certificate on two machines",
    "/questions.html#can-two-machines-or-programs-use-the-same-certificate-identity",
  ],
  ["push several metrics at once", "/questions.html#how-do-i-push-several-values-at-once-in-which-format"],
  ["log file", "/questions.html#where-are-the-log-files"],
  ["max message size", "/questions.html#how-often-may-i-send-and-how-large-may-a-message-be"],
  ["heartbeat", "/recipes/on-change-and-heartbeat.html#on-change-and-a-heartbeat"],
] as const;

interface Index {
  search(question: string): { id: string }[];
}

/** The search as VitePress has it in the page: its own library, with its weights and ours. */
async function searchIn(file: string): Promise<(question: string) => string[]> {
  const library = createRequire(join(await runtime("vitepress"), "package.json"))("minisearch") as {
    loadJSON(json: string, options: object): Index;
  };
  const { default: json } = (await import(pathToFileURL(file).href)) as { default: string };
  const index = library.loadJSON(json, {
    fields: ["title", "titles", "text"],
    tokenize: tokensOf,
    processTerm: termOf,
    searchOptions: {
      fuzzy: 0.2,
      prefix: true,
      boost: { title: 4, text: 2, titles: 1 },
      boostDocument: weightOf,
    },
  });
  return (question) =>
    index
      .search(question)
      .slice(0, 3)
      .map(({ id }) => id.replace(/^\/somewhere/, ""));
}

describe("npm run docs", function () {
  this.timeout(600_000); // npm may have to install VitePress first.

  it("makes pages that need no server, in every language, and a search over all of them", async () => {
    const folder = await mkdtemp(join(tmpdir(), "teamviewer-iot-site-"));
    try {
      const args = [join(projectRoot, "scripts/docs.mjs"), "--to", folder, "--base", "/somewhere/"];
      const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
      assert.equal(stdout.trim().split("\n").at(-1), folder);

      const push = await readFile(join(folder, "nodes/push.html"), "utf8");
      assert.match(push, /<h2 id="properties"/);
      assert.match(push, /href="\/somewhere\/recipes\/modbus\.html"/);
      assert.match(await readFile(join(folder, "de/nodes/push.html"), "utf8"), /<h2 id="eigenschaften"/);
      for (const language of TRANSLATIONS) {
        const errors = await readFile(join(folder, language, "errors.html"), "utf8");
        assert.match(errors, new RegExp(`lang="${language}"`));
        assert.match(errors, /<h2 id="replytimeout"/);
      }
      assert.ok((await readdir(join(folder, "images"))).includes("demo-flow.png"));

      const indexes = (await readdir(join(folder, "assets/chunks"))).filter((name) =>
        /localSearch/.test(name),
      );
      assert.equal(indexes.length, LANGUAGES.length, "one a language");
      const index = await Promise.all(
        indexes.map((name) => readFile(join(folder, "assets/chunks", name), "utf8")),
      );
      const english = indexes.find((name) => name.includes("root"))!;
      const found = await searchIn(join(folder, "assets/chunks", english));
      for (const [question, page] of QUESTIONS)
        assert.ok(found(question).includes(page), `${question}: ${found(question).join(", ")}`);

      for (const word of ["ReplyTimeout", "heartbeat", "Eigenschaften"])
        assert.ok(index.join("").includes(word), word);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
