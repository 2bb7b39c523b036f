// The flow of the demo in the visitor's language: demo/flow.json, with its functions and widgets, which are files of their
// own, and the texts of one language.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ENGLISH, LANGUAGES } from "./languages.mjs";
import { projectRoot } from "./project.mjs";

const FOLDER = join(projectRoot, "demo");
/** A value of the flow that is a file: its content stands there. */
const FILE = /^file:(.*)$/;
/** A text that stands in the catalogue, anywhere in a value. */
const TEXT = /\[\[([\w.]+)\]\]/g;

const read = (file) => readFileSync(join(FOLDER, file), "utf8");

/**
 * The language that a person asked for, or the one of the environment: as POSIX orders the variables, and of the system
 * where there are none.
 * @param {string | undefined} asked
 * @param {Record<string, string | undefined>} env
 * @param {string} system
 */
export function languageOf(asked, env, system = Intl.DateTimeFormat().resolvedOptions().locale) {
  const wanted = asked ?? ([env.LC_ALL, env.LC_MESSAGES, env.LANG].find(Boolean) || system);
  const found = nearest(wanted.replace(/[.@].*$/, "").replaceAll("_", "-"));
  if (found === undefined && asked !== undefined)
    throw new Error(`--language ${asked}: the demo speaks ${LANGUAGES.join(", ")}.`);
  return found ?? ENGLISH;
}

function nearest(tag) {
  const base = (name) => name.toLowerCase().split("-")[0];
  return (
    LANGUAGES.find((name) => name.toLowerCase() === tag.toLowerCase()) ??
    LANGUAGES.find((name) => base(name) === base(tag))
  );
}

/**
 * @param {string} language
 * @returns {Record<string, string>}
 */
export const textsOf = (language) => ({ language, ...JSON.parse(read(`texts/${language}.json`)) });

/** @returns {Record<string, unknown>[]} the flow with its files, and places for its texts */
export const demoParts = () =>
  mapTexts(JSON.parse(read("flow.json")), (text) => {
    const [, file] = FILE.exec(text) ?? [];
    return file === undefined ? text : read(file);
  });

/**
 * @param {string} language
 * @returns {Record<string, unknown>[]} a flow for Node-RED
 */
export function demoFlow(language) {
  const texts = textsOf(language);
  return mapTexts(demoParts(), (text) =>
    text.replace(TEXT, (place, key) => {
      if (texts[key] === undefined) throw new Error(`${place}: not in the demo's texts of ${language}`);
      return texts[key];
    }),
  );
}

/** Lines of a settings file: Node-RED speaks the language, and its editor shows the explorer. */
export const demoSettings = (language) => `
module.exports.lang = ${JSON.stringify(language)};
module.exports.editorTheme.page = { scripts: [${JSON.stringify(join(FOLDER, "open-explorer.js"))}] };
`;

/**
 * Where the flow's agent listens, and its authority.
 * @param {Record<string, number>} ports by the names of the demo's options
 * @param {string} userDirectory of Node-RED
 */
export const agentOf = (ports, userDirectory) => ({
  port: ports["agent-port"],
  registrationPort: ports["agent-registration-port"],
  ca: join(userDirectory, "teamviewer-iot/simulator/TeamViewerAuthority.crt"),
});

/**
 * The flow names the ports of its agent by environment variables.
 * @param {{ port: number, registrationPort: number }} agent
 */
export const agentEnvironment = ({ port, registrationPort }) => ({
  AGENT_PORT: String(port),
  AGENT_REGISTRATION_PORT: String(registrationPort),
});

/**
 * The keys that a value has places for.
 * @param {string} text
 * @returns {string[]}
 */
export const keysIn = (text) => [...text.matchAll(TEXT)].map(([, key]) => key ?? "");

function mapTexts(value, change) {
  if (typeof value === "string") return change(value);
  if (Array.isArray(value)) return value.map((entry) => mapTexts(entry, change));
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, mapTexts(entry, change)]));
}
