// The pages of the site, from what is written once elsewhere: the documents, the help of the nodes, the tables of their
// properties, the sentences of the errors, the example flows. Pure but for reading these.
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, posix } from "node:path";
import { ADVICE } from "./error-advice.mjs";
import { readable } from "./errors-page.mjs";
import { readHelp } from "./help.mjs";
import { ENGLISH, TRANSLATIONS } from "./languages.mjs";
import { projectRoot } from "./project.mjs";
import { wordsOf } from "./site-words.mjs";

const REPOSITORY = "https://github.com/tviot/node-red-teamviewer-iot/blob/main";

/**
 * @typedef {object} Page
 * @property {string} path in the site, `nodes/push.md`
 * @property {string} title as the list beside the pages has it
 * @property {string} group of that list
 * @property {string} text Markdown, with links as the site has them
 *
 * @typedef {object} Code what the built package says of itself
 * @property {Record<string, Record<string, any>>} tables properties, by the node's short name
 * @property {Record<number, string>} agentErrors names by code
 * @property {Record<string, { retryable: boolean }>} clientErrors kinds by name
 * @property {(code: number) => boolean} isPassing whether an error of the agent can pass
 */

/** The documents that have a place of their own; all others of docs/ are reference. */
const DOCUMENTS = [
  ["Start", "README.md", "index.md", "What it is"],
  ["Start", "docs/first-minute.md", "first-minute.md", "The first minute"],
  ["Start", "docs/questions.md", "questions.md", "Questions"],
  ["Start", "docs/operating.md", "operating.md", "Running it for years"],
  ["Start", "docs/monitoring.md", "monitoring.md", "Monitoring"],
  ["Start", "docs/fleet.md", "fleet.md", "A fleet of gateways"],
  ["Start", "docs/errors.md", "errors/index.md", "Errors"],
  ["Nodes", "docs/nodes.md", "nodes/exactly.md", "All, exactly"],
  ["Security", "SECURITY.md", "security.md", "Security"],
  ["Security", "docs/threat-model.md", "threat-model.md", "Threat model"],
  ["Performance", "docs/performance.md", "performance.md", "Performance"],
  ["Performance", "docs/decisions/measurements.md", "decisions/measurements.md", "Measurements"],
  ["Contributing", "CONTRIBUTING.md", "contributing.md", "Working on it"],
  ["Contributing", "ARCHITECTURE.md", "architecture.md", "How it is built"],
  ["Contributing", "CODE_OF_CONDUCT.md", "code-of-conduct.md", "Code of conduct"],
  ["Contributing", "CHANGELOG.md", "changelog.md", "What has changed"],
].map(([group, source, path, title]) => ({ group, source, path, title }));

const GROUPS = [
  "Start",
  "Nodes",
  "Recipes",
  "Reference",
  "Security",
  "Performance",
  "Contributing",
  "Decisions",
];

const read = (path) => readFileSync(join(projectRoot, path), "utf8");
const titleOf = (text) => (/^# (.*)$/m.exec(text)?.[1] ?? "").replaceAll("`", "");

/** @returns {{ group: string, source: string, path: string, title: string }[]} */
function documents() {
  const placed = new Set(DOCUMENTS.map(({ source }) => source));
  const others = ["docs", "docs/recipes", "docs/decisions"].flatMap((folder) =>
    readdirSync(join(projectRoot, folder))
      .filter((file) => file.endsWith(".md") && !placed.has(`${folder}/${file}`))
      .map((file) => documentIn(folder, file)),
  );
  return [...DOCUMENTS.filter(({ source }) => existsSync(join(projectRoot, source))), ...others];
}

function documentIn(folder, file) {
  const source = `${folder}/${file}`;
  const inside = posix.join(folder.replace(/^docs\/?/, ""), file.replace("README.md", "index.md"));
  const group = { docs: "Reference", "docs/recipes": "Recipes", "docs/decisions": "Decisions" }[folder];
  return { group, source, path: inside, title: titleOf(read(source)) };
}

/**
 * All pages, in the order of the list beside them.
 * @param {Code} code
 * @returns {Page[]}
 */
export function sitePages(code) {
  const known = documents();
  const paths = new Map(known.map(({ source, path }) => [source, path]));
  const written = known.map(({ group, source, path, title }) => {
    const text = withoutBadges(withCaptions(withExamples(withLinks(read(source), source, path, paths))));
    return { group, path, title, text: path === "errors/index.md" ? withErrorLinks(text) : text };
  });
  const pages = [...written, ...nodePages(ENGLISH, code), ...errorPages(code), ...otherLanguages(code)];
  return pages.toSorted((one, other) => place(one) - place(other));
}

/** The list's group; within it the order in which the pages are found. */
function place({ group }) {
  const index = GROUPS.indexOf(group);
  return index < 0 ? GROUPS.length : index;
}

/** Links between documents become links between pages, those to other files lead to the repository. */
function withLinks(text, source, path, paths) {
  return outsideOfCode(text, (part) =>
    part.replace(/(!?)\]\(([^)\s]+)\)/g, (whole, _, href) => {
      if (/^(#|[a-z]+:)/.test(href)) return whole;
      const [file, hash = ""] = href.split(/(?=#)/);
      const target = posix.join(posix.dirname(source), file).replace(/\/$/, "");
      if (target.startsWith("docs/images/")) return `](/${target.slice("docs/".length)})`;
      const page = paths.get(target) ?? paths.get(`${target}/README.md`);
      if (page === undefined) return `](${REPOSITORY}/${target}${hash})`;
      return `](${relativeLink(path, page)}${hash})`;
    }),
  );
}

function relativeLink(from, to) {
  const link = posix.relative(posix.dirname(from), to);
  return link.startsWith(".") ? link : `./${link}`;
}

/** What stands between code, changed. */
function outsideOfCode(text, change) {
  return text
    .split(/(^ *```[\s\S]*?^ *```$|`[^`\n]+`)/m)
    .map((part, index) => (index % 2 === 0 ? change(part) : part))
    .join("");
}

/** `<!-- example: name -->` stands for that flow, to be copied. */
function withExamples(text) {
  return text.replace(/^<!-- example: (.*) -->$/gm, (_, name) => {
    const flow = read(`examples/${name}.json`).trim();
    return `<details>\n<summary>The flow “${name}”</summary>\n\n\`\`\`json\n${flow}\n\`\`\`\n\n</details>`;
  });
}

/** They are pictures of other hosts, which a plant cannot reach and a reader need not ask. */
function withoutBadges(text) {
  return text.replace(/^\[!\[[^\n]*\n/gm, "");
}

/** What stands before a piece of code on the site, by what it is: only tests read that elsewhere. */
const CAPTIONS = {
  msg: "This comes in:",
  result: "This goes out:",
  values: "This is sent:",
};

function withCaptions(text) {
  return text.replace(/^( *)```(json|csv) (\w+)$/gm, (_, indent, language, kind) => {
    const caption = CAPTIONS[kind];
    return `${caption === undefined ? "" : `${indent}${caption}\n\n`}${indent}\`\`\`${language}`;
  });
}

function withErrorLinks(text) {
  return text.replace(/^(\|(?: \d+ +\|)?) `(\w+)`/gm, "$1 [`$2`](./$2.md)");
}

/** The help of each node, and the table of its properties. */
function nodePages(language, { tables }) {
  const words = wordsOf(language);
  const folder = language === ENGLISH ? "nodes" : `${language}/nodes`;
  return Object.entries(tables).map(([short, table]) => {
    const texts = JSON.parse(read(`locales/${language}/${short}.json`));
    const title = titleIn(language, short, texts.palette.label);
    const parts = [
      `# ${title}`,
      helpAsMarkdown(readHelp(language, short, table)),
      `## ${words.properties}`,
      propertyRows(table, texts, words),
      `## ${words.examples}`,
      examplesWith(short)
        .map((name) => `- ${name}`)
        .join("\n"),
      `[${words.exactly}](${language === ENGLISH ? "./" : "../../nodes/"}exactly.md#${slugOf(headingOf(short))})`,
    ];
    return {
      group: words.nodes,
      path: `${folder}/${short}.md`,
      title,
      text: `${parts.join("\n\n")}\n`,
    };
  });
}

/** In another language a person looks for what the palette says; the manual and the flows say the word of the type. */
function titleIn(language, short, label) {
  return language === ENGLISH || label === short ? short : `${label} (${short})`;
}

/** Below it the manual has all of the node. */
const headingOf = (short) => (short === "agent" ? "agent (configuration)" : short);

/** Without indentation, so that nothing is taken for code, and with headings that are found by the search. */
function helpAsMarkdown(help) {
  return help
    .replace(/^<script[^>]*>|<\/script>$/gm, "")
    .replace(/^ +/gm, "")
    .replace(/<h3>([\s\S]*?)<\/h3>/g, "\n## $1\n")
    .trim();
}

function propertyRows(table, texts, { property, label, standard }) {
  const rows = Object.entries(table)
    .filter(([name]) => !["name", "agent"].includes(name))
    .map(([name, row]) => {
      const text = texts.label?.[name] ?? "";
      return `| \`${name}\` | ${text} | \`${JSON.stringify(row.value)}\` |`;
    });
  return [`| ${property} | ${label} | ${standard} |`, "| --- | --- | --- |", ...rows].join("\n");
}

function examplesWith(short) {
  return readdirSync(join(projectRoot, "examples"))
    .filter((file) => file.endsWith(".json"))
    .filter((file) =>
      JSON.parse(read(`examples/${file}`)).some(({ type }) => type === `teamviewer-iot-${short}`),
    )
    .map((file) => file.replace(/\.json$/, ""));
}

/** What is known of each error, under its name. */
function errorPages({ agentErrors, clientErrors, isPassing }) {
  const sentences = sentencesOf(ENGLISH);
  const pageOf = (name, origin, again, title = name) => {
    const others = TRANSLATIONS.map(
      (language) => `[${languageName(language)}](../${language}/errors.md#${slugOf(name)})`,
    );
    const text = [
      `# ${title}`,
      others.join(" · "),
      origin,
      again
        ? "The same request can succeed later without anybody changing anything (`msg.error.retryable` is `true`)."
        : "Somebody has to change something first (`msg.error.retryable` is `false`).",
      "## What it says, and what to do",
      listOf(sentences[name]),
      ADVICE[name] ?? "",
      "[All errors](./index.md) · [What the badge says, and what to do](../index.md#when-it-does-not-work)",
    ];
    return { group: "", path: `errors/${name}.md`, title: name, text: `${text.join("\n\n")}\n` };
  };
  const document = 'An error of the agent: code %, in the API document under "Error Codes".';
  return [
    ...Object.entries(agentErrors).map(([code, name]) =>
      pageOf(name, document.replace("%", `\`${code}\``), isPassing(Number(code)), `${name}: error ${code}`),
    ),
    ...Object.entries(clientErrors).map(([name, { retryable }]) =>
      pageOf(name, "An error of the nodes; it has no code.", retryable),
    ),
  ];
}

function listOf(sentence) {
  const all = typeof sentence === "string" ? [sentence] : Object.values(sentence ?? {});
  return all.map((text) => `- ${readable(text)}`).join("\n");
}

/** As its speakers call it. */
export const languageName = (language) => new Intl.DisplayNames(language, { type: "language" }).of(language);

const sentencesOf = (language) => JSON.parse(read(`locales/${language}/errors.json`));

/** Of every other language: a page for each node, one with all errors, and a first one that leads to them. */
function otherLanguages(code) {
  return TRANSLATIONS.flatMap((language) => {
    const { nodes, errors, intro, english } = wordsOf(language);
    const pages = nodePages(language, code);
    const links = pages.map(({ path, title }) => `- [${title}](./${path.slice(language.length + 1)})`);
    const further = `[${errors}](./errors.md) · [${english}](../index.md)`;
    const text = `# ${nodes}\n\n${intro}\n\n${links.join("\n")}\n\n${further}\n`;
    return [
      { group: nodes, path: `${language}/index.md`, title: nodes, text },
      ...pages,
      errorsIn(language, code),
    ];
  });
}

/** All errors on one page, each below its name, where the search of that language finds them. */
function errorsIn(language, { agentErrors, clientErrors }) {
  const { nodes, errors } = wordsOf(language);
  const sentences = sentencesOf(language);
  const names = [...Object.values(agentErrors), ...Object.keys(clientErrors)];
  const parts = names.map((name) => `## ${name}\n\n${listOf(sentences[name])}`);
  return {
    group: nodes,
    path: `${language}/errors.md`,
    title: errors,
    text: `# ${errors}\n\n${parts.join("\n\n")}\n`,
  };
}

/**
 * What a heading is called in a link, as GitHub does it: the documents are read there too.
 * @param {string} heading
 */
export function slugOf(heading) {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, "")
    .replaceAll(" ", "-");
}

/** @param {string} text Markdown */
export function headingsOf(text) {
  const lines = text.replace(/^ *```[\s\S]*?^ *```$/gm, "");
  return [...lines.matchAll(/^#{1,6} (.*)$/gm)].map(([, heading]) =>
    heading.replace(/[`*_]|\]\([^)]*\)|\[/g, ""),
  );
}

/**
 * The list beside the pages.
 * @param {readonly Page[]} pages
 * @param {(page: Page) => boolean} isOf
 */
export function sidebarOf(pages, isOf) {
  const shown = pages.filter((page) => page.group !== "" && isOf(page));
  const groups = [...new Set(shown.map(({ group }) => group))];
  return groups.map((text) => ({
    text,
    collapsed: text === "Decisions",
    items: shown
      .filter(({ group }) => group === text)
      .map(({ path, title }) => ({
        text: title,
        link: `/${path.replace(/(^|\/)index\.md$/, "$1").replace(/\.md$/, "")}`,
      })),
  }));
}
