/** The site: every link leads somewhere, and every node and error has its page, in every language. */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join, posix } from "node:path";
import { ENGLISH, LANGUAGES, TRANSLATIONS } from "../../scripts/shared/languages.mjs";
import { headingsOf, sidebarOf, sitePages, slugOf } from "../../scripts/shared/site.mjs";
import { termOf, tokensOf } from "../../scripts/shared/site-search.mjs";
import { codeOf } from "../../scripts/shared/site-code.mjs";
import { errorPage } from "../../nodes/shared/texts";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { catalogue } from "../locales/texts";

const code = codeOf(require);
const pages = sitePages(code);
const pageAt = new Map(pages.map((page) => [page.path, page]));
const REPOSITORY = /^https:\/\/github\.com\/tviot\/node-red-teamviewer-iot\/blob\/main\/([^#]*)/;

/** Where the links of a page lead that are not to other hosts. */
const linksOf = (text: string): string[] =>
  [
    ...text
      .replace(/^ *```[\s\S]*?^ *```$/gm, "")
      .replace(/`[^`\n]*`/g, "")
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, href]) => href!);

describe("The site", () => {
  it("has a page for each node, in each language, and for each error", () => {
    for (const short of Object.keys(code.tables)) {
      for (const folder of ["nodes", ...TRANSLATIONS.map((language) => `${language}/nodes`)])
        assert.ok(pageAt.has(`${folder}/${short}.md`), `${folder}/${short}`);
    }
    for (const name of [...Object.values(code.agentErrors), ...Object.keys(code.clientErrors)]) {
      assert.match(
        pageAt.get(`errors/${name}.md`)?.text ?? "",
        /## What it says, and what to do\n\n- \S.*\n/,
        name,
      );
      const address = errorPage(name);
      if (address !== undefined)
        assert.ok(pageAt.has(address.replace(/.*(errors\/\w+)\.html$/, "$1.md")), address);
    }
  });

  it("calls a node in each language as the palette does", () => {
    for (const language of TRANSLATIONS) {
      for (const short of Object.keys(code.tables)) {
        const label = catalogue(language, short).get("palette.label") ?? "";
        const { title, text } = pageAt.get(`${language}/nodes/${short}.md`)!;
        assert.equal(title, label === short ? short : `${label} (${short})`);
        assert.ok(text.startsWith(`# ${title}\n`));
      }
    }
  });

  it("shows the help of a node with all of its properties, and nothing left to be filled in", () => {
    const push = pageAt.get("nodes/push.md")?.text ?? "";
    for (const name of Object.keys(code.tables.push ?? {})) {
      if (!["name", "agent"].includes(name)) assert.ok(push.includes(`\n| \`${name}\` | `), name);
    }
    for (const { path, text } of pages) assert.doesNotMatch(text, /^ *<!-- /m, path);
  });

  it("lists every page that has a group, each once, those of other languages apart", () => {
    const languageOf = ({ path }: { path: string }): string =>
      TRANSLATIONS.find((language) => path.startsWith(`${language}/`)) ?? ENGLISH;
    const lists = LANGUAGES.map((language) => sidebarOf(pages, (page) => languageOf(page) === language));
    const links = lists.flatMap((list) => list.flatMap(({ items }) => items.map(({ link }) => link)));
    assert.equal(new Set(links).size, links.length);
    assert.equal(links.length, pages.filter(({ group }) => group !== "").length);
  });

  it("is searched by words, and by pairs of characters where a language has no spaces", () => {
    assert.deepEqual(tokensOf("msg.action, ReplyTimeout"), ["msg", "action", "ReplyTimeout"]);
    assert.deepEqual(tokensOf("証明書の期限。CAファイル"), [
      ...["証明", "明書", "書の", "の期", "期限"],
      ...["CA", "ファ", "ァイ", "イル"],
    ]);
  });

  it("is not searched for the words that say nothing, of which questions are full", () => {
    assert.deepEqual(["How", "do", "I", "keep", "Values"].map(termOf), [null, null, null, "keep", "values"]);
  });

  it("asks no other host for a picture", () => {
    for (const { path, text } of pages) assert.doesNotMatch(text, /!\[[^\]]*\]\(https?:/, path);
  });

  for (const { path, text } of pages) {
    it(`${path} has only links that lead somewhere`, () => {
      for (const href of linksOf(text)) {
        const [, file] = REPOSITORY.exec(href) ?? [];
        if (file !== undefined) assert.ok(existsSync(join(projectRoot, file)), href);
        else if (href.startsWith("/images/")) assert.ok(existsSync(join(projectRoot, "docs", href)), href);
        else if (!/^[a-z]+:/.test(href)) {
          const [target = "", hash] = href.split("#");
          const page = target === "" ? pageAt.get(path) : pageAt.get(posix.join(posix.dirname(path), target));
          assert.ok(page !== undefined, `${href}: no such page`);
          const anchors = headingsOf(page.text).map(slugOf);
          assert.ok(hash === undefined || anchors.includes(hash), `${href}: only ${anchors.join(", ")}`);
        }
      }
    });
  }
});
