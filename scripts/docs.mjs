// npm run docs: the site of docs/, static, with a search that needs no server. Its folder is the last line.
//   --to FOLDER     where it goes; .tmp/site of this working tree otherwise
//   --base PATH     where it stands on its host, "/" otherwise: --base /node-red-teamviewer-iot/
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { prepare } from "./shared/prepare.mjs";
import { projectRoot } from "./shared/project.mjs";
import { runtime } from "./shared/runtimes.mjs";
import { sidebarOf, sitePages, slugOf } from "./shared/site.mjs";
import { codeOf } from "./shared/site-code.mjs";
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
  const isGerman = ({ path }) => path.startsWith("de/");
  const config = {
    title: "TeamViewer IoT nodes",
    description: "Node-RED nodes for the TeamViewer IoT Agent",
    base,
    head: [["style", {}, STYLE]],
    locales: {
      root: { label: "English", lang: "en" },
      de: { label: "Deutsch", lang: "de", themeConfig: { sidebar: sidebarOf(pages, isGerman) } },
    },
    themeConfig: {
      search: { provider: "local" },
      sidebar: sidebarOf(pages, (page) => !isGerman(page)),
      socialLinks: [{ icon: "github", link: "https://github.com/tviot/node-red-teamviewer-iot" }],
      outline: [2, 3],
    },
  };
  return `const slugify = ${slugOf.toString()};
export default { ...${JSON.stringify(config)}, markdown: { anchor: { slugify }, languageAlias: { jsonata: "js" } } };
`;
}
