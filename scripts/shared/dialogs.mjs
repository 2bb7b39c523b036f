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
 * The markup of a dialog. `<!-- rows -->` stands for all rows of the table, `<!-- rows: host port -->` for some of them,
 * where there is something else between; `config rows`, where the node is a configuration node.
 * @param {string} file
 * @param {Table} [table] of a node that has one
 */
export function dialogMarkup(file, table = {}) {
  const markup = readFileSync(join(projectRoot, file), "utf8");
  const missing = new Set(Object.keys(table));
  const written = markup.replace(ROWS, (_, indent, config, names) => {
    const form = config === undefined ? "node-input" : "node-config-input";
    return (names?.split(" ") ?? Object.keys(table))
      .flatMap((name) => {
        if (!missing.delete(name)) throw new Error(`${file} has a row too many: ${name}`);
        return rowAndHints({ ...table[name], name, id: `${form}-${name}` });
      })
      .join("\n")
      .replace(/^(?=.)/gm, indent);
  });
  if (missing.size > 0) throw new Error(`${file} has no rows for ${[...missing].join(", ")}`);
  return written;
}
const ROWS = /^( *)<!-- (config )?rows(?:: ([\w ]+))? -->$/gm;

/**
 * A dialog's script with its defaults written out.
 * @param {string} script
 * @param {Readonly<Record<string, EditorDefault>>} defaults
 */
export function withDefaults(script, defaults) {
  const written = Object.entries(defaults).map(([name, property]) => {
    const literals = Object.entries(property).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
    // The validators come from where they were.
    return `${name}: { ${literals.join(", ")}, ...dialog.defaults.${name} }`;
  });
  const lines = written.map((line) => `    ${line},\n`);
  const place = /(?<=^ *defaults: )dialog\.defaults(?=,$)/m;
  if (!place.test(script)) throw new Error(`there is nothing like ${place}`);
  return script.replace(place, () => `{\n${lines.join("")}  }`);
}

/** @typedef {Row & { name: string, id: string }} Field of the form */

/** @type {(field: Field) => string[]} */
function rowAndHints(field) {
  const write = WRITERS[field.kind];
  if (write === undefined) return [];
  const hints = [];
  if (field.hint !== undefined) hints.push(hint(field.hint, field.when));
  if (field.hints) {
    hints.push(...field.choices.map((choice) => hint(`hint.${choice}`, { [field.name]: [choice] })));
  }
  return [write(field), ...hints];
}

/** How each kind of row is written. A list is the dialog's own. */
const WRITERS = {
  typed: (field) => labelled(field, [input(field), `<input type="hidden" id="${field.id}Type" />`]),
  text: (field) =>
    labelled(field, [field.lines === undefined ? input(field) : area(field), ...button(field)]),
  number: (field) => labelled(field, [input(field, ' class="teamviewer-iot-short"'), ...unit(field)]),
  agent: (field) => labelled(field, [input(field)]),
  choice: (field) => labelled(field, [`<select id="${field.id}">`, ...options(field), "</select>"]),
  tick: (field) =>
    [
      `<div class="form-row teamviewer-iot-indent"${when(field.when)}>`,
      `  <input type="checkbox" id="${field.id}" />`,
      `  <label for="${field.id}" data-i18n="${label(field)}"></label>`,
      "</div>",
    ].join("\n"),
};

const label = ({ label, name }) => label ?? `label.${name}`;

function labelled(field, control) {
  const row = field.button === undefined ? "form-row" : "form-row teamviewer-iot-with-button";
  const top = field.lines === undefined ? "" : ' class="teamviewer-iot-top"';
  return [
    `<div class="${row}"${when(field.when)}>`,
    `  <label for="${field.id}"${top}>`,
    `    <i class="fa fa-fw fa-${field.icon}" aria-hidden="true"></i>`,
    `    <span data-i18n="${label(field)}"></span>`,
    "  </label>",
    ...control.map((line) => `  ${line}`),
    "</div>",
  ].join("\n");
}

function input(field, attributes = "") {
  return `<input type="text" id="${field.id}"${attributes}${shownWhenEmpty(field)} />`;
}

function area(field) {
  return `<textarea id="${field.id}" rows="${field.lines}" spellcheck="false"${shownWhenEmpty(field)}></textarea>`;
}

function shownWhenEmpty({ placeholder, example }) {
  return placeholder === undefined
    ? attribute("placeholder", example)
    : attribute("data-i18n", `[placeholder]${placeholder}`);
}

function unit({ unit }) {
  return unit === undefined ? [] : [`<span data-i18n="${unit}"></span>`];
}

function button({ button }) {
  if (button === undefined) return [];
  return [
    `<button type="button" class="red-ui-button" id="${button.id}">`,
    `  <i class="fa fa-${button.icon}" aria-hidden="true"></i>`,
    `  <span data-i18n="${button.label}"></span>`,
    "</button>",
  ];
}

function options({ name, choices }) {
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
