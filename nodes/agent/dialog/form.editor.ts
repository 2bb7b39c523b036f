/** What the dialog says at this moment, saved or not, as the runtime's endpoints want it. */

export interface Draft {
  id: string;
  definition: Record<string, unknown>;
  credentials: Record<string, string>;
}

/** What a password field shows of a secret that the runtime keeps. */
const STORED = "__PWRD__";

export function readForm(node: EditorNode & { _def: DialogDefinition }): Draft {
  const { defaults, credentials } = node._def;
  const entered = Object.keys(credentials ?? {}).map((name) => [name, String(control(name).val() ?? "")]);
  return {
    id: node.id,
    definition: Object.fromEntries(Object.keys(defaults).map((name) => [name, valueOf(name)])),
    credentials: Object.fromEntries(entered.filter(([, value]) => value !== STORED)) as Record<
      string,
      string
    >,
  };
}

function valueOf(name: string): unknown {
  const field = control(name);
  return field.is(":checkbox") ? field.prop("checked") : field.val();
}

const control = (name: string): JQuery => $(`#node-config-input-${name}`);
