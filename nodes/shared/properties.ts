/**
 * A node is one table: what each of its properties is. The runtime takes its defaults and types from it, the dialog its
 * fields and what is wrong with them, the build the rows of the markup and the editor's `defaults`; docs/nodes.md is
 * held against it. The order is that of the dialog.
 */
import { SHARED } from "./texts";

/** What a dialog checks in a text that is entered as it is (`nodes/shared/editor/validators.ts`). */
export type CheckName = "identifier" | "clientName" | "filled" | "pemCertificate";

/** Another property, a choice, has one of these values. */
export type Condition = Readonly<Record<string, readonly string[]>>;

/** How a property stands in the dialog. Texts are keys of the node's catalogue; the label is `label.<property>`. */
interface Shown {
  label?: string;
  /** What the field is to mean or to be given, below it. */
  hint?: string;
  /** The row, with its hint, is there while this is so. */
  when?: Condition;
  /** The first `version` of the node that has the property; left out: 1. */
  since?: number;
}

interface WithIcon extends Shown {
  /** A name of Font Awesome. */
  icon: string;
  /** What an empty field shows: a key. */
  placeholder?: string;
  /** The same, where it is the same in every language: the text itself. */
  example?: string;
}

/** Where a value comes from that is none of Node-RED's types; `label` is a key. */
export interface OwnSource {
  value: string;
  label: string;
  icon?: string;
  /** A text stands beside it. */
  hasValue?: true;
}

/** A typed field: the property holds the text, `<property>Type` where the value comes from. */
export interface TypedRow extends WithIcon {
  kind: "typed";
  value: string;
  type: string;
  /** The first is offered first. */
  sources: readonly (string | OwnSource)[];
  /** For what is entered as it is. */
  check?: CheckName;
  /** What the agent has of these is offered. */
  offers?: "sensors" | "metrics";
  /** While this is so, the text may be several IDs with commas between them; `{}`: always. */
  several?: Condition;
  /** What the agent does not have, it makes. */
  isMade?: boolean;
}

interface TextRow extends WithIcon {
  kind: "text";
  value: string;
  check?: CheckName;
  /** How high the field is; left out: one line, and no line break can be entered. */
  lines?: number;
  /** Stands beside the field; the node's own dialog says what it does. */
  button?: { id: string; icon: string; label: string };
}

/** A number, stored as text: a whole one, where it is not said to be decimal. */
export interface NumberRow extends WithIcon {
  kind: "number";
  value: string;
  least: number;
  most: number;
  isDecimal?: boolean;
  /** Stands behind the field: a key. */
  unit?: string;
}

/** One of several; each is called `<property>.<choice>`. */
export interface ChoiceRow extends WithIcon {
  kind: "choice";
  value: string;
  choices: readonly string[];
  /** Below the list stands `hint.<choice>` of what is chosen. */
  hints?: boolean;
}

interface TickRow extends Shown {
  kind: "tick";
  value: boolean;
}

/** The agent node that a palette node uses. */
interface AgentRow extends WithIcon {
  kind: "agent";
  value: "";
}

/** A list that the node's own dialog shows and checks. */
interface ListRow extends Pick<Shown, "since"> {
  kind: "list";
  value: readonly unknown[];
}

export type Row = TypedRow | TextRow | NumberRow | ChoiceRow | TickRow | AgentRow | ListRow;
export type Table = Readonly<Record<string, Row>>;

type SourceOf<R extends TypedRow> = R["sources"][number] extends infer S
  ? S extends OwnSource
    ? S["value"]
    : S
  : never;
type ValueOf<R extends Row> = R extends ChoiceRow
  ? R["choices"][number]
  : R extends TickRow
    ? boolean
    : R extends ListRow
      ? unknown[]
      : string;

/** The properties whose rows are of one kind. */
export type NameOf<T extends Table, R extends Row> = { [N in keyof T]: T[N] extends R ? N : never }[keyof T] &
  string;
export type TypedName<T extends Table> = NameOf<T, TypedRow>;
/**
 * A node's properties as the dialog writes them. A flow that was made by hand can have others: a choice that matters is
 * looked up (`chosenOperation`), not believed.
 */
export type Config<T extends Table> = { -readonly [N in keyof T]: ValueOf<T[N]> } & {
  [N in TypedName<T> as `${N}Type`]: T[N] extends TypedRow ? SourceOf<T[N]> : never;
};

export const ANY_SOURCE = ["msg", "str", "flow", "global", "env", "jsonata"] as const;
export const FIXED_FIRST = ["str", "msg", "flow", "global", "env", "jsonata"] as const;

/** The rows that nodes have in common. */
export const NAME = {
  kind: "text",
  value: "",
  icon: "tag",
  label: "node-red:common.label.name",
  placeholder: "node-red:common.label.name",
} as const satisfies Row;
export const AGENT = {
  kind: "agent",
  value: "",
  icon: "globe",
  label: `${SHARED}label.agent`,
} as const satisfies Row;

/** The ID of a sensor or a metric; where it comes from differs. */
export const SENSOR_ID = {
  kind: "typed",
  check: "identifier",
  icon: "microchip",
  placeholder: "placeholder.sensor",
  offers: "sensors",
} as const satisfies Partial<Row>;
export const METRIC_ID = {
  kind: "typed",
  check: "identifier",
  icon: "line-chart",
  placeholder: "placeholder.metric",
  offers: "metrics",
} as const satisfies Partial<Row>;

/** The properties and what they are where a flow does not say. */
export function defaultsOf<T extends Table>(table: T): Config<T> {
  const defaults = Object.entries(table).flatMap(([name, row]) => [
    [name, row.value],
    ...(row.kind === "typed" ? [[`${name}Type`, row.type]] : []),
  ]);
  return Object.fromEntries(defaults) as Config<T>;
}

/** The `version` that a node of today has in a flow: that of its newest property. */
export function versionOf(table: Table): number {
  return Math.max(...Object.values(table).map(({ since = 1 }) => since));
}

/** One of a node's `defaults`, as Node-RED's editor wants them. */
export interface EditorDefault {
  value: unknown;
  /** The type of configuration node that the property refers to. */
  type?: string;
  required?: boolean;
}

/** All that a node keeps in a flow, without its validators. */
export function editorDefaults(table: Table): Record<string, EditorDefault> {
  const defaults = Object.entries(defaultsOf(table)).map(([name, value]): [string, EditorDefault] => [
    name,
    table[name]?.kind === "agent" ? { value, type: "teamviewer-iot-agent", required: true } : { value },
  ]);
  return { version: { value: versionOf(table) }, ...Object.fromEntries(defaults) };
}
