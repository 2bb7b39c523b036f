/**
 * The part of Node-RED's editor that the dialogs use. @types/node-red lacks validators that return a sentence,
 * credentials and `this` of the node in its callbacks, so these are declared here.
 */
/// <reference types="jquery" />

interface EditorNode {
  id: string;
  name: string;
  _: Translate;
  _def: DialogDefinition;
}

/** What a type's definition says of what its dialog shows. */
interface DialogDefinition {
  defaults: Record<string, { value: unknown }>;
  credentials?: Record<string, unknown>;
}

type Translate = (key: string, values?: Record<string, unknown>) => string;

/** `true`, or the sentence that says what is wrong. */
type Verdict = true | string;
/** Node-RED shows a sentence only for a function of two parameters. */
type Validator = (this: Record<string, unknown>, value: unknown, options: object) => Verdict;

interface NodeProperty<Value> {
  value: Value;
  required?: boolean;
  /** The type of configuration node that the property refers to. */
  type?: string;
  validate?: Validator;
}

interface NodeDefinition<Properties> {
  category: string;
  /** What the palette tells of the category: a key. */
  categoryDescription?: string;
  color?: string;
  icon?: string;
  inputs?: number;
  outputs?: number;
  defaults: { [Name in keyof Properties]: NodeProperty<Properties[Name]> };
  credentials?: Record<string, { type: "text" | "password" }>;
  paletteLabel?(): string;
  label(): string;
  labelStyle?(): string;
  inputLabels?(): string;
  outputLabels?(index: number): string | undefined;
  oneditprepare?(): void;
  oneditsave?(): void;
  oneditresize?(size: { width: number; height: number }): void;
}

/** A node as the editor has loaded it. */
interface LoadedNode extends Record<string, unknown> {
  id: string;
  type: string;
  _def: DialogDefinition;
}

/** A tab of the sidebar; `target` is Node-RED 5's: which of its two sidebars. */
interface SidebarTab {
  id: string;
  label: string;
  name: string;
  content: HTMLElement;
  iconClass: string;
  enableOnEdit: boolean;
  target: "primary" | "secondary";
}

interface Notification {
  close(): void;
}

interface NotificationOptions {
  modal: boolean;
  fixed: boolean;
  type: string;
  buttons: { text: string; class?: string; click(): void }[];
}

declare const RED: {
  _: Translate;
  plugins: { registerPlugin(id: string, plugin: { type: string; onadd(): void }): void };
  sidebar: { addTab(tab: SidebarTab): void; show(id: string): void };
  actions: { add(name: string, work: () => void): void };
  settings: { theme(property: string, usual: unknown): unknown };
  user: { hasPermission(permission: string): boolean };
  workspaces: { active(): string; isLocked(): boolean };
  view: { redraw(anew: boolean): void; scale(): number; importNodes(nodes: object[], options: object): void };
  editor: { validateNode(node: LoadedNode): void };
  history: { push(event: { t: "add"; nodes: string[]; dirty: boolean }): void };
  clipboard: { copyText(text: string, beside?: JQuery, messageKey?: string): boolean };
  tourGuide: { run(address: string, done: () => void): void };
  notify(markup: string, options: string | NotificationOptions): Notification;
  nodes: {
    id(): string;
    add(node: LoadedNode): LoadedNode;
    dirty(): boolean;
    getType(type: string): DialogDefinition;
    node(id: string): object | null;
    filterNodes(filter: { type: string }): LoadedNode[];
    eachConfig(look: (node: LoadedNode) => boolean): void;
    updateConfigNodeUsers(node: LoadedNode, options: { action: "add" }): void;
    registerType<Properties>(
      type: string,
      definition: NodeDefinition<Properties> & ThisType<EditorNode & Properties>,
    ): void;
  };
  events: {
    on(event: "nodes:add", listener: (node: LoadedNode, options?: { source?: string }) => void): void;
    on(event: "nodes:change", listener: (node: LoadedNode) => void): void;
    on(event: "deploy", listener: () => void): void;
  };
  utils: {
    getNodeLabel(node: object, usual: string): string;
    validateTypedProperty(value: unknown, type: string, options: object): Verdict;
  };
};

interface TypedInputType {
  value: string;
  label: string;
  icon?: string;
  hasValue?: boolean;
  /** A button at the end of the field. */
  expand?: { (): void; icon: string };
}

interface EditableListOptions<Item> {
  addButton: string;
  removable: boolean;
  sortable: boolean;
  height?: number | "auto";
  addItem(row: JQuery, index: number, item: Item): void;
}

interface JQuery {
  typedInput(options: { types: (string | TypedInputType)[]; typeField: JQuery }): this;
  typedInput(action: "type" | "value"): string;
  typedInput(action: "type" | "value", value: string): void;
  typedInput(action: "types", types: (string | TypedInputType)[]): void;
  editableList<Item>(options: EditableListOptions<Item>): this;
  editableList(action: "addItem", item: object): void;
  editableList(action: "items"): JQuery;
  editableList(action: "height", height: number): void;
  i18n(): this;
}
