// npm run docs: the site of docs/, static, with a search that needs no server. Its folder is the last line.
//   --to FOLDER     where it goes; .tmp/site of this working tree otherwise
//   --base PATH     where it stands on its host, "/" otherwise: --base /node-red-teamviewer-iot/
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { ENGLISH, LANGUAGES, TRANSLATIONS } from "./shared/languages.mjs";
import { prepare } from "./shared/prepare.mjs";
import { projectRoot } from "./shared/project.mjs";
import { runtime } from "./shared/runtimes.mjs";
import { languageName, sidebarOf, sitePages, slugOf } from "./shared/site.mjs";
import { codeOf } from "./shared/site-code.mjs";
import { termOf, tokensOf, weightOf } from "./shared/site-search.mjs";
import { searchOf, themeOf } from "./shared/site-words.mjs";
import { run } from "./shared/tools.mjs";

/** Of the help, which the editor shows with a style of its own. */
const STYLE =
  ".vp-doc dt { font-weight: 600 } .vp-doc .property-type { font-weight: 400; font-style: italic; opacity: 0.7 }";

try {
  const { values } = parseArgs({ options: { to: { type: "string" }, base: { type: "string" } } });
  await prepare();
  const to = resolve(values.to ?? join(projectRoot, ".tmp/site"));
  await buildSite(to, values.base ?? "/");
  console.log(to);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function buildSite(to, base) {
  const maker = await runtime("vitepress");
  // Below the packages that its pages are made with.
  const sources = join(maker, "site");
  rmSync(sources, { recursive: true, force: true });
  const pages = sitePages(codeOf(createRequire(import.meta.url)));
  for (const { path, text } of pages) lay(join(sources, path), `:::: v-pre\n\n${text}\n::::\n`);
  cpSync(join(projectRoot, "docs/images"), join(sources, "public/images"), { recursive: true });
  lay(join(sources, ".vitepress/config.mjs"), configuration(pages, base));
  const program = join(maker, "node_modules/vitepress/bin/vitepress.js");
  if ((await run([process.execPath, program, "build", sources, "--outDir", to])) !== 0)
    throw new Error("VitePress could not build the site: see above.");
}

function lay(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function configuration(pages, base) {
  const languageOf = ({ path }) =>
    TRANSLATIONS.find((language) => path.startsWith(`${language}/`)) ?? ENGLISH;
  const config = {
    title: "TeamViewer IoT nodes",
    description: "Node-RED nodes for the TeamViewer IoT Agent",
    base,
    head: [["style", {}, STYLE]],
    locales: Object.fromEntries(
      LANGUAGES.map((language) => {
        const sidebar = sidebarOf(pages, (page) => languageOf(page) === language);
        const label = languageName(language);
        return [keyOf(language), { label, lang: language, themeConfig: { ...themeOf(language), sidebar } }];
      }),
    ),
    themeConfig: {
      socialLinks: [{ icon: "github", link: "https://github.com/tviot/node-red-teamviewer-iot" }],
    },
  };
  const searches = Object.fromEntries(LANGUAGES.map((language) => [keyOf(language), searchOf(language)]));
  // Functions are carried over as text.
  return `const slugify = ${slugOf.toString()};
const tokenize = ${tokensOf.toString()};
const processTerm = ${termOf.toString()};
const boostDocument = ${weightOf.toString()};
const config = ${JSON.stringify(config)};
config.themeConfig.search = {
  provider: "local",
  options: {
    locales: ${JSON.stringify(searches)},
    miniSearch: { options: { tokenize, processTerm }, searchOptions: { boostDocument } },
  },
};
export default { ...config, markdown: { anchor: { slugify }, languageAlias: { jsonata: "js" } } };
`;
}

/** What VitePress calls a language. */
function keyOf(language) {
  return language === ENGLISH ? "root" : language;
}
