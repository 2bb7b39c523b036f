/** A palette node's dialog, as far as its table tells it: what the node keeps, what is wrong with it, its typed fields. */
import {
  editorDefaults,
  type Config,
  type OwnSource,
  type Row,
  type Table,
  type TypedRow,
} from "../properties";
import { followChoices } from "./conditional-rows";
import { typedField } from "./typed-field";
import { CHECKS, plain, typed, wholeNumber } from "./validators";

interface Dialog<T extends Table> {
  /** The build writes them out in their place: the Flow Library reads the names without running anything. */
  defaults: { version: NodeProperty<number> } & { [N in keyof Config<T>]: NodeProperty<Config<T>[N]> };
  /** Makes the open dialog's typed fields, and its conditional rows follow. */
  prepare(node: EditorNode): void;
}

/** `validators`: of the properties that the node judges itself. */
export function dialogOf<T extends Table>(
  table: T,
  validators: Partial<Record<keyof T, Validator>> = {},
): Dialog<T> {
  const defaults = Object.entries(editorDefaults(table)).map(([name, property]) => {
    const validate = validators[name] ?? validatorOf(name, table[name]);
    return [name, validate === undefined ? property : { ...property, validate }];
  });
  return {
    defaults: Object.fromEntries(defaults) as Dialog<T>["defaults"],
    prepare(node) {
      for (const [name, row] of Object.entries(table)) {
        if (row.kind === "typed") typedField(name, sourcesOf(row, node));
      }
      followChoices("node-input");
    },
  };
}

/** The sources of a typed field as Node-RED wants them. */
export function sourcesOf({ sources }: TypedRow, node: EditorNode): (string | TypedInputType)[] {
  const own = ({ label, ...source }: OwnSource) => ({ ...source, label: node._(label), hasValue: false });
  return sources.map((source) => (typeof source === "string" ? source : own(source)));
}

function validatorOf(name: string, row: Row | undefined): Validator | undefined {
  if (row?.kind === "typed") return typed(name, row.check && CHECKS[row.check]);
  if (row?.kind === "text") return row.check && plain(CHECKS[row.check]);
  if (row?.kind === "number") return plain(wholeNumber(row.least, row.most));
  return undefined;
}
