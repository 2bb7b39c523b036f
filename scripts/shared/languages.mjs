// The languages there are: a language is a folder of locales/, so that whoever adds one adds a folder and nothing else.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.mjs";

/** The language that the sources are written in, and that Node-RED falls back to. */
export const ENGLISH = "en-US";

export const LANGUAGES = readdirSync(join(projectRoot, "locales")).sort();

/** All languages but English. */
export const TRANSLATIONS = LANGUAGES.filter((language) => language !== ENGLISH);

/**
 * Node-RED looks for a text in the whole name of a language and then in what stands before its first "-": es-MX finds es.
 * Where we have only the longer name, as of Chinese, its folder is laid under the shorter one, too: a machine whose LANG
 * is zh_CN asks for "zh", and a browser may ask for "zh-Hans".
 */
export const SERVED = LANGUAGES.flatMap((language) => {
  const base = language.split("-")[0];
  const names = language === ENGLISH || LANGUAGES.includes(base) ? [language] : [language, base];
  return [...new Set(names)].map((name) => ({ name, language }));
});
