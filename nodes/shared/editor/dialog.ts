/** A node's dialog, as far as its table tells it: what the node keeps, what is wrong with it, its typed fields. */
import {
  editorDefaults,
  type Config,
  type OwnSource,
  type Row,
  type Table,
  type TypedRow,
} from "../properties";
import { followChoices, type Form } from "./conditional-rows";
import type { Lookup } from "./lookup";
import { typedField } from "./typed-field";
import {
  CHECKS,
  checkedWhen,
  decimal,
  identifiers,
  isMet,
  plain,
  typed,
  unchecked,
  wholeNumber,
} from "./validators";

interface Dialog<T extends Table> {
  /** The build writes them out in their place: the Flow Library reads the names without running anything. */
  defaults: { version: NodeProperty<number> } & { [N in keyof Config<T>]: NodeProperty<Config<T>[N]> };
  /** Makes the open dialog's typed fields, and its conditional rows follow. */
  prepare(node: EditorNode): void;
}

/**
 * `validators`: of the properties that the node checks itself.
 * `form`: a configuration node has its own, since its dialog can be open above that of the node which uses it.
 */
export function dialogOf<T extends Table>(
  table: T,
  validators: Partial<Record<keyof T, Validator>> = {},
  form: Form = "node-input",
): Dialog<T> {
  const defaults = Object.entries(editorDefaults(table)).map(([name, property]) => {
    const validate = validators[name] ?? validatorOf(name, table[name], form);
    return [name, validate === undefined ? property : { ...property, validate }];
  });
  return {
    defaults: Object.fromEntries(defaults) as Dialog<T>["defaults"],
    prepare(node) {
      for (const [name, row] of Object.entries(table)) {
        if (row.kind === "typed") typedField(name, sourcesOf(row, node), lookupOf(row, node));
      }
      followChoices(form);
    },
  };
}

/** The sources of a typed field as Node-RED wants them. */
export function sourcesOf({ sources }: TypedRow, node: EditorNode): (string | TypedInputType)[] {
  const own = ({ label, ...source }: OwnSource) => ({ hasValue: false, ...source, label: node._(label) });
  return sources.map((source) => (typeof source === "string" ? source : own(source)));
}

function lookupOf(row: TypedRow, node: EditorNode): Lookup | undefined {
  if (row.offers === undefined) return undefined;
  const { offers, several, isMade = false } = row;
  const isSeveral = (): boolean => several !== undefined && isMet(several, "node-input", node);
  return { of: offers, isSeveral, isMade };
}

function validatorOf(name: string, row: Row | undefined, form: Form): Validator | undefined {
  const validator = row && checkOf(name, row, form);
  if (validator === undefined || row === undefined || !("when" in row)) return validator;
  return checkedWhen(row.when ?? {}, form, validator, unchecked);
}

function checkOf(name: string, row: Row, form: Form): Validator | undefined {
  if (row.kind === "typed") {
    const one = typed(name, row.check && CHECKS[row.check]);
    return row.several === undefined ? one : checkedWhen(row.several, form, typed(name, identifiers), one);
  }
  if (row.kind === "text") return row.check && plain(CHECKS[row.check]);
  if (row.kind === "number") return plain((row.isDecimal ? decimal : wholeNumber)(row.least, row.most));
  return undefined;
}
