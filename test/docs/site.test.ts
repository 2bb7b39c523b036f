/** The site: every link leads somewhere, every node and error has its page, and whatever code stands on it works. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join, posix } from "node:path";
import { Script } from "node:vm";
import { bin, name, scripts } from "../../package.json";
import { ENGLISH, LANGUAGES, TRANSLATIONS } from "../../scripts/shared/languages.mjs";
import { headingsOf, sidebarOf, sitePages, slugOf, tokensOf } from "../../scripts/shared/site.mjs";
import { codeOf } from "../../scripts/shared/site-code.mjs";
import { errorPage } from "../../nodes/shared/texts";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { freePorts, onPorts } from "../support/ports";
import { readYaml } from "../support/yaml";
import { type FlowItem, RealNodeRed } from "../support/real-node-red";

type Expression = { evaluate: (message: unknown) => Promise<unknown> };
/** The expressions of Node-RED. */
const ofNodeRed = createRequire(require.resolve("node-red"));
const jsonata = ofNodeRed("jsonata") as (text: string) => Expression;

const code = codeOf(require);
const pages = sitePages(code);
const pageAt = new Map(pages.map((page) => [page.path, page]));
const REPOSITORY = /^https:\/\/github\.com\/tviot\/node-red-teamviewer-iot\/blob\/main\/([^#]*)/;
const RECIPES = readdirSync(join(projectRoot, "docs/recipes"));

/** Where the links of a page lead that are not to other hosts. */
const linksOf = (text: string): string[] =>
  [
    ...text
      .replace(/^ *```[\s\S]*?^ *```$/gm, "")
      .replace(/`[^`\n]*`/g, "")
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, href]) => href!);

type Table = Record<string, { kind: string }>;

interface Piece {
  readonly language: string;
  readonly kind: string;
  readonly text: string;
}

/** The pieces of code of a document, without their indentation. */
const piecesOf = (text: string): Piece[] =>
  [...text.matchAll(/^( *)```([a-z]+) ?(\w*)\n([\s\S]*?)^ *```$/gm)].map(
    ([, indent = "", language = "", kind = "", body = ""]) => ({
      language,
      kind,
      text: body.replace(new RegExp(`^${indent}`, "gm"), ""),
    }),
  );

const WITH_CODE = [
  "docs/first-minute.md",
  "docs/operating.md",
  "docs/monitoring.md",
  ...RECIPES.map((file) => `docs/recipes/${file}`),
].map((document) => ({ document, pieces: piecesOf(readFileSync(join(projectRoot, document), "utf8")) }));

/** Lines of Node-RED's settings file are properties of an object. */
const isOfSettings = (text: string): boolean => /^\w+: /.test(text);

/** A script of this project, or a command of the package by its package's name. */
const COMMAND = new RegExp(
  `^npm run (${Object.keys(scripts).join("|")})$|^npx -p ${name} (${Object.keys(bin).join("|")}) [\\w. -]+$`,
);

const flowsOf = (pieces: readonly Piece[]): FlowItem[][] =>
  pieces.filter(({ kind }) => kind === "flow").map(({ text }) => JSON.parse(text) as FlowItem[]);

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

describe("The code in the documents", () => {
  for (const { document, pieces } of WITH_CODE) {
    if (pieces.length === 0) continue;

    it(`of ${document} can be read by what it is for`, () => {
      for (const { language, text } of pieces) {
        if (language === "json") JSON.parse(text);
        else if (language === "js")
          new Script(isOfSettings(text) ? `({${text}})` : `(function (msg) {${text}})`);
        else if (language === "jsonata") jsonata(text);
        else if (language === "yaml") assert.equal(typeof readYaml(text), "object");
        else if (language === "dockerfile") assert.match(text, /^FROM \S+\n((RUN|COPY) .+\n)+$/);
        else {
          assert.equal(language, "sh", "no other languages");
          for (const line of text.trim().split("\n")) assert.match(line, COMMAND);
        }
      }
    });

    it(`of ${document} makes of each message what it says`, async () => {
      for (const [index, { language, text }] of pieces.entries()) {
        if (language !== "jsonata") continue;
        const before = pieces.slice(0, index).findLast(({ kind }) => kind === "msg");
        const after = pieces[index + 1];
        const result = await jsonata(text).evaluate(JSON.parse(before?.text ?? "{}"));
        assert.equal(after?.kind, "result", "each expression is followed by its result");
        assert.deepEqual(JSON.parse(JSON.stringify(result)), JSON.parse(after.text));
      }
    });

    for (const flow of flowsOf(pieces)) {
      it(`of ${document} is a flow whose wires lead to its nodes, with properties that these have`, () => {
        const ids = new Set(flow.map(({ id }) => id));
        assert.equal(ids.size, flow.length);
        for (const item of flow) {
          for (const target of ((item.wires ?? []) as string[][]).flat()) assert.ok(ids.has(target), target);
          const table = code.tables[item.type.replace("teamviewer-iot-", "")] as Table | undefined;
          const allowed = [
            "id",
            "type",
            "z",
            "x",
            "y",
            "wires",
            "version",
            "name",
            "agent",
            ...keysOf(table),
          ];
          const others = Object.keys(item).filter((name) => !allowed.includes(name));
          if (item.type.startsWith("teamviewer-iot-")) assert.deepEqual(others, [], item.id);
        }
      });
    }
  }
});

/** A typed field has its type beside it. */
function keysOf(table: Table = {}): string[] {
  return Object.entries(table).flatMap(([name, { kind }]) =>
    kind === "typed" ? [name, `${name}Type`] : [name],
  );
}

describe("The flows in the documents, deployed", function () {
  this.timeout(120_000);
  let nodeRed: RealNodeRed;
  before(async () => {
    nodeRed = await RealNodeRed.start();
  });
  after(() => nodeRed.stop());

  for (const { document, pieces } of WITH_CODE) {
    // Others name an agent by the environment.
    const flows = flowsOf(pieces).filter((flow) =>
      flow.some(({ type }) => type === "teamviewer-iot-simulator"),
    );
    for (const flow of flows) {
      it(`that of ${document} brings values to an agent`, async () => {
        await nodeRed.deploy(onPorts(flow, await freePorts(2)));
        const injects = flow.filter(({ type }) => type === "inject");
        // They are clicked again while the simulator starts and the client registers.
        await nodeRed.until("the push node has an answer", async () => {
          for (const { id } of injects) await nodeRed.inject(id);
          const sent = await nodeRed.sent();
          return sent.some(({ type, output }) => type === "teamviewer-iot-push" && output === 0);
        });
      });
    }
  }
});
