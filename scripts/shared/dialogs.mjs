// What the build writes from a node's table (nodes/<node>/properties.ts): the rows of its dialog in place of
// `<!-- rows -->` in its markup, and the editor's `defaults` in place of `dialog.defaults` in its script. The Flow
// Library reads the names of the defaults without running anything, so they must stand there.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.mjs";

/** @typedef {import("../../nodes/shared/properties").Table} Table */
/** @typedef {import("../../nodes/shared/properties").Row} Row */
/** @typedef {import("../../nodes/shared/properties").EditorDefault} EditorDefault */

/**
 * The markup of a dialog.
 * @param {string} file
 * @param {Table} [table] of a node that has one
 */
export function dialogMarkup(file, table) {
  const markup = readFileSync(join(projectRoot, file), "utf8");
  if (table === undefined) return markup;
  return replaceOnce(markup, /^( *)<!-- rows -->$/m, (_, indent) =>
    Object.entries(table)
      .flatMap(([name, row]) => rowAndHints(name, row))
      .join("\n")
      .replace(/^(?=.)/gm, indent),
  );
}

/**
 * A dialog's script with its defaults written out.
 * @param {string} script
 * @param {Readonly<Record<string, EditorDefault>>} defaults
 */
export function withDefaults(script, defaults) {
  const written = Object.entries(defaults).map(([name, property]) => {
    const literals = Object.entries(property).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    // What judges it comes from where it was.
    return `${name}: { ${literals.join(", ")}, ...dialog.defaults.${name} }`;
  });
  const lines = written.map((line) => `    ${line},\n`);
  return replaceOnce(script, /(?<=^ *defaults: )dialog\.defaults(?=,$)/m, () => `{\n${lines.join("")}  }`);
}

/** @type {(text: string, place: RegExp, by: (...groups: string[]) => string) => string} */
function replaceOnce(text, place, by) {
  if (!place.test(text)) throw new Error(`there is nothing like ${place}`);
  return text.replace(place, by);
}

/** @type {(name: string, row: Row) => string[]} */
function rowAndHints(name, row) {
  const write = WRITERS[row.kind];
  if (write === undefined) return [];
  const hints = [];
  if (row.hint !== undefined) hints.push(hint(row.hint, row.when));
  if (row.hints) hints.push(...row.choices.map((choice) => hint(`hint.${choice}`, { [name]: [choice] })));
  return [write(name, row), ...hints];
}

/** How each kind of row is written. A list is the dialog's own. */
const WRITERS = {
  typed: (name, row) =>
    labelled(name, row, [input(name, row), `<input type="hidden" id="${id(name)}Type" />`]),
  text: (name, row) => labelled(name, row, [input(name, row)]),
  number: (name, row) => labelled(name, row, [input(name, row, ' class="teamviewer-iot-short"')]),
  agent: (name, row) => labelled(name, row, [input(name, row)]),
  choice: (name, row) =>
    labelled(name, row, [`<select id="${id(name)}">`, ...options(name, row), "</select>"]),
  tick: (name, row) =>
    [
      `<div class="form-row teamviewer-iot-indent"${when(row.when)}>`,
      `  <input type="checkbox" id="${id(name)}" />`,
      `  <label for="${id(name)}" data-i18n="${label(name, row)}"></label>`,
      "</div>",
    ].join("\n"),
};

const id = (name) => `node-input-${name}`;
const label = (name, row) => row.label ?? `label.${name}`;

function labelled(name, row, control) {
  return [
    `<div class="form-row"${when(row.when)}>`,
    `  <label for="${id(name)}">`,
    `    <i class="fa fa-fw fa-${row.icon}" aria-hidden="true"></i>`,
    `    <span data-i18n="${label(name, row)}"></span>`,
    "  </label>",
    ...control.map((line) => `  ${line}`),
    "</div>",
  ].join("\n");
}

function input(name, { placeholder, example }, attributes = "") {
  const shown =
    placeholder === undefined
      ? attribute("placeholder", example)
      : attribute("data-i18n", `[placeholder]${placeholder}`);
  return `<input type="text" id="${id(name)}"${attributes}${shown} />`;
}

function options(name, { choices }) {
  return choices.map((choice) => `  <option value="${choice}" data-i18n="${name}.${choice}"></option>`);
}

function hint(key, condition) {
  return `<div class="teamviewer-iot-hint"${when(condition)} data-i18n="${key}"></div>`;
}

/** As nodes/shared/editor/conditional-rows.ts reads it. */
function when(condition = {}) {
  const [list] = Object.entries(condition).map(([name, values]) => `${name}: ${values.join(" ")}`);
  return attribute("data-when", list);
}

function attribute(name, value) {
  return value === undefined ? "" : ` ${name}="${value}"`;
}
