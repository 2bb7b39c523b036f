// The help of the nodes. What several texts share is written once: `<!-- part: name -->` stands for the file of that name
// in the folder of parts. `<!-- choices: operation -->` stands for a list of the choices of that property, each with the
// text `details.<choice>` of the catalogue, which may have markup: whoever adds a choice writes all its words in one file.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.mjs";

/** @typedef {import("../../nodes/shared/properties").Table} Table */

const read = (path) => readFileSync(join(projectRoot, path), "utf8");

/**
 * The help of a node as it ships.
 * @param {string} language
 * @param {string} short
 * @param {Table} [table] of the node
 */
export function readHelp(language, short, table = {}) {
  const markup = read(`locales/${language}/${short}.html`);
  return markup.replace(/^( *)<!-- (part|choices): ([\w-]+) -->$/gm, (_, indent, kind, name) => {
    const written =
      kind === "part"
        ? read(`locales/${language}/parts/${name}.html`).trimEnd()
        : choices(JSON.parse(read(`locales/${language}/${short}.json`)), name, table);
    return written.replace(/^(?=.)/gm, indent);
  });
}

function choices(texts, property, table) {
  const entries = table[property].choices.map(
    (choice) => `  <dt>${texts[property][choice]}</dt>\n  <dd>${texts.details[choice]}</dd>`,
  );
  return ['<dl class="message-properties">', ...entries, "</dl>"].join("\n");
}
