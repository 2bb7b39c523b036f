// Builds dist/ from the sources: the runtime by tsc, and beside each built node what Node-RED looks for there:
// its dialog with the editor script inlined, its texts and its icons. Everything that can be built is built;
// the exit code tells whether that was all.
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { createRequire } from "node:module";
import { build } from "esbuild";
import { dialogMarkup, withDefaults } from "./shared/dialogs.mjs";
import { readHelp } from "./shared/help.mjs";
import { SERVED } from "./shared/languages.mjs";
import { projectRoot } from "./shared/project.mjs";

process.chdir(projectRoot);
const require = createRequire(import.meta.url);
const packageJson = JSON.parse(readFileSync("package.json", "utf8"));
const problems = [];

rmSync("dist", { recursive: true, force: true });
compileRuntime();
const { nodes, plugins } = packageJson["node-red"];
for (const builtFile of Object.values({ ...nodes, ...plugins })) {
  const short = basename(builtFile, ".js");
  try {
    await buildDialog(short, dirname(builtFile));
    layTexts(short, dirname(builtFile));
  } catch (error) {
    problems.push(`${short}: ${error.message}`);
  }
}
layIcons();
for (const program of Object.values(packageJson.bin)) makeExecutable(program);

for (const problem of problems) console.error(`build: ${problem}`);
markWhetherComplete();
process.exit(problems.length === 0 ? 0 : 1);

function compileRuntime() {
  const compiler = join(dirname(require.resolve("typescript/package.json")), "bin/tsc");
  const { status } = spawnSync(process.execPath, [compiler, "-p", "tsconfig.build.json"], {
    stdio: "inherit",
  });
  if (status !== 0) problems.push("tsc reported errors");
}

/** The sources of `dist/nodes/push/push.js` are in `nodes/push`. */
async function buildDialog(short, outputFolder) {
  const sources = relative("dist", outputFolder);
  const table = tableOf(outputFolder);
  const { outputFiles } = await build({
    stdin: {
      contents: scriptOf(`${sources}/${short}.editor.ts`, table),
      resolveDir: sources,
      sourcefile: `${sources}/${short}.editor.ts`,
      loader: "ts",
    },
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    // The Flow Library's parser reads no newer syntax.
    target: "es2020",
    charset: "utf8",
    tsconfig: "tsconfig.editor.json",
    legalComments: "none",
    logLevel: "silent",
  });
  const markup = dialogMarkup(`${sources}/${short}.html`, table);
  mkdirSync(outputFolder, { recursive: true });
  writeFileSync(
    join(outputFolder, `${short}.html`),
    `<script type="text/javascript">\n${outputFiles[0].text}</script>\n\n${markup}`,
  );
}

/** What the node's properties are, from the runtime that was just compiled; the explorer has none. */
function tableOf(outputFolder) {
  const compiled = resolve(outputFolder, "properties.js");
  return existsSync(compiled) ? require(compiled).PROPERTIES : undefined;
}

function scriptOf(file, table) {
  const script = readFileSync(file, "utf8");
  if (table === undefined) return script;
  return withDefaults(script, require(resolve("dist/nodes/shared/properties.js")).editorDefaults(table));
}

function layTexts(short, outputFolder) {
  for (const { name, language } of SERVED) {
    const folder = join(outputFolder, "locales", name);
    mkdirSync(folder, { recursive: true });
    // A plugin has no help.
    if (existsSync(`locales/${language}/${short}.html`)) {
      writeFileSync(join(folder, `${short}.html`), readHelp(language, short, tableOf(outputFolder)));
    }
    const texts = readTexts(language, short);
    // They stand in the help.
    delete texts.details;
    if (short === "agent") texts.errors = errorTexts(language);
    writeFileSync(join(folder, `${short}.json`), JSON.stringify(texts));
  }
}

/** A field that has no words of its own is called as its dialog calls it. */
function errorTexts(language) {
  const errors = readTexts(language, "errors");
  return { ...errors, fields: { ...labelsOf(language), ...errors.fields } };
}

function labelsOf(language) {
  const labels = Object.values(nodes).flatMap((builtFile) => {
    const { label } = readTexts(language, basename(builtFile, ".js"));
    return Object.keys(tableOf(dirname(builtFile)) ?? {}).map((name) => [name, label[name]]);
  });
  return Object.fromEntries(labels);
}

function readTexts(language, name) {
  return JSON.parse(readFileSync(`locales/${language}/${name}.json`, "utf8"));
}

/** Once, not once a node: Node-RED looks for a node's icon in all the folders of its package. */
function layIcons() {
  cpSync("icons", "dist/nodes/agent/icons", { recursive: true });
}

function makeExecutable(program) {
  if (existsSync(program)) chmodSync(program, 0o755);
  else problems.push(`${program} is missing`);
}

/** An incomplete build is older than any source, so that the next command builds again. */
function markWhetherComplete() {
  const time = problems.length === 0 ? new Date() : new Date(0);
  utimesSync("dist", time, time);
}
