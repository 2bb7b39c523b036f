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
import { typedField } from "./typed-field";
import { CHECKS, decimal, plain, typed, whenShown, wholeNumber } from "./validators";

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
        if (row.kind === "typed") typedField(name, sourcesOf(row, node));
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

function validatorOf(name: string, row: Row | undefined, form: Form): Validator | undefined {
  const validator = row && checkOf(name, row);
  if (validator === undefined || row === undefined || !("when" in row)) return validator;
  return whenShown(row.when ?? {}, form, validator);
}

function checkOf(name: string, row: Row): Validator | undefined {
  if (row.kind === "typed") return typed(name, row.check && CHECKS[row.check]);
  if (row.kind === "text") return row.check && plain(CHECKS[row.check]);
  if (row.kind === "number") return plain((row.isDecimal ? decimal : wholeNumber)(row.least, row.most));
  return undefined;
}
