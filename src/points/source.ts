/** Where a value stands: the text of a source, made once into what finds it. Only own properties are found. */

export type Source =
  /** In the values that the node was given. */
  | { in: "values"; whole: string; path: readonly string[]; index?: number }
  | { in: "message"; path: readonly string[] }
  | { in: "expression"; text: string };

const EXPRESSION = /^jsonata:\s*/i;
const INDEX = /^(?:0|[1-9]\d{0,8})$/;
const STEP = /\[\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\d+))\s*\]|\.?([^.[\]]+)/gy;

/** `undefined` where the text is no path. */
export function readSource(text: string): Source | undefined {
  if (EXPRESSION.test(text)) return { in: "expression", text: text.replace(EXPRESSION, "") };
  const path = readPath(text);
  if (path === undefined) return undefined;
  if (path[0] === "msg" && path.length > 1) return { in: "message", path: path.slice(1) };
  const index = path.length === 1 && INDEX.test(path[0]!) ? Number(path[0]) : undefined;
  return { in: "values", whole: text, path, ...(index === undefined ? {} : { index }) };
}

/** What stands there; `undefined` where there is nothing. A key that is the whole text goes before a path. */
export function find(
  source: Exclude<Source, { in: "expression" }>,
  values: unknown,
  message: unknown,
): unknown {
  if (source.in === "message") return follow(message, source.path);
  // Registers: a list that is read by its index many times a second.
  if (source.index !== undefined && Array.isArray(values)) return at(values, source.index);
  if (source.path.length > 1 && isObject(values) && Object.hasOwn(values, source.whole))
    return (values as Record<string, unknown>)[source.whole];
  return follow(values, source.path);
}

function readPath(text: string): string[] | undefined {
  const path: string[] = [];
  let end = 0;
  STEP.lastIndex = 0;
  for (let step = STEP.exec(text); step !== null; step = STEP.exec(text)) {
    const [, double, single, index, name] = step;
    const quoted = double ?? single;
    path.push(quoted === undefined ? (index ?? name!.trim()) : quoted.replace(/\\(.)/g, "$1"));
    end = STEP.lastIndex;
  }
  return end === text.length && path.length > 0 ? path : undefined;
}

function at(values: readonly unknown[], index: number): unknown {
  return index < values.length ? values[index] : undefined;
}

function follow(from: unknown, path: readonly string[]): unknown {
  let value = from;
  for (const step of path) {
    if (!isObject(value) || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
