// What several help texts share is written once: `<!-- part: name -->` stands for the file of that name in the folder
// of parts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.mjs";

/** @param {string} language */
export const helpParts = (language) => `locales/${language}/parts`;

/**
 * @param {string} file
 * @param {string} parts
 */
export function readWithParts(file, parts) {
  const markup = readFileSync(join(projectRoot, file), "utf8");
  return markup.replace(
    /^( *)<!-- part: ([\w-]+) -->$/gm,
    (_, /** @type {string} */ indent, /** @type {string} */ name) => {
      const part = readFileSync(join(projectRoot, parts, `${name}.html`), "utf8");
      return part.trimEnd().replace(/^(?=.)/gm, indent);
    },
  );
}
