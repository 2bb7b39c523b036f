/** From what stands in a message to the value of a metric: bit, raw × scale + offset, decimals, texts, type. */
import type { ValueType } from "../protocol/units";
import { readTexts, type Row } from "./columns";
import { linear, linearDecimals } from "./linear";
import { measureOf } from "./units";

export type Value = number | bigint | string | boolean;
/** The value, or the key of the sentence that says why there is none. */
export type Made = { value: Value } | { words: string };

type Step = (value: Value) => Made;

/** What makes the values of a row; the steps that it does not need cost nothing. */
export function conversionOf(row: Row): (raw: unknown) => Made {
  const steps = [...readingOf(row), ...typingOf(row)];
  return (raw) => {
    let made = known(raw);
    for (const step of steps) {
      if ("words" in made) return made;
      made = step(made.value);
    }
    return made;
  };
}

/** The decimals to which a mean of the row's values is rounded. */
export function decimalsOf(row: Row): number | undefined {
  const { decimals, scale, offset } = row;
  if (measureOf(row)?.valueType === "integer") return 0;
  if (decimals !== undefined) return decimals;
  return scale === undefined && offset === undefined ? undefined : linearDecimals(scale ?? 1, offset ?? 0);
}

function known(raw: unknown): Made {
  if (raw === undefined || raw === null) return { words: "words.rowNoValue" };
  if (typeof raw === "number") return Number.isFinite(raw) ? { value: raw } : { words: "words.rowNotNumber" };
  if (typeof raw === "boolean" || typeof raw === "bigint") return { value: raw };
  if (typeof raw === "string" && raw.isWellFormed()) return { value: raw };
  return { words: "words.rowNotValue" };
}

function* readingOf({ bit, scale, offset, decimals, texts }: Row): Generator<Step> {
  if (bit !== undefined) yield (value) => bitOf(value, bit);
  if (scale !== undefined || offset !== undefined || decimals !== undefined) {
    const scaled = linear(scale ?? 1, offset ?? 0, decimals);
    yield (value) => onNumber(value, (number) => ({ value: scaled(number) }));
  }
  if (texts !== undefined) {
    const map = readTexts(texts) ?? new Map<string, string>();
    yield (value) => textOf(map, value);
  }
}

function* typingOf(row: Row): Generator<Step> {
  const measure = measureOf(row);
  const type = measure?.valueUnit !== undefined ? "double" : measure?.valueType;
  if (type !== undefined) yield TYPES[type];
}

const TYPES: Readonly<Record<ValueType, Step>> = {
  double: (value) => onNumber(value, (number) => ({ value: number })),
  integer: (value) =>
    onNumber(value, (number) =>
      typeof number === "bigint" || Number.isInteger(number)
        ? { value: number }
        : { words: "words.rowNotWhole" },
    ),
  bool: (value) => {
    const bool = BOOLEANS.get(typeof value === "string" ? value.trim().toLowerCase() : value);
    return bool === undefined ? { words: "words.rowNotBool" } : { value: bool };
  },
  string: (value) => ({ value: String(value) }),
};
const BOOLEANS: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  [1n, true],
  ["true", true],
  ["1", true],
  [false, false],
  [0, false],
  [0n, false],
  ["false", false],
  ["0", false],
]);
const INTEGER = /^\s*[-+]?\d+\s*$/;

function onNumber(value: Value, step: (number: number | bigint) => Made): Made {
  const number = asNumber(value);
  if (number === undefined) return { words: "words.rowNotNumber" };
  const made = step(number);
  const isBeyond = "value" in made && typeof made.value === "number" && !Number.isFinite(made.value);
  return isBeyond ? { words: "words.rowNotNumber" } : made;
}

/** Registers come as numbers; some nodes give texts, and a contact is true or false. */
function asNumber(value: Value): number | bigint | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (typeof value !== "string") return value;
  const number = value.trim() === "" ? NaN : Number(value);
  if (!Number.isFinite(number)) return undefined;
  return INTEGER.test(value) && !Number.isSafeInteger(number) ? BigInt(value.trim()) : number;
}

/** Of a negative word, the bit of its two's complement. */
function bitOf(value: Value, bit: number): Made {
  const word = asNumber(value);
  if (word === undefined || (typeof word === "number" && !Number.isInteger(word)))
    return { words: "words.rowNotWord" };
  if (typeof word === "number" && bit < 31 && word >= -0x80000000 && word <= 0x7fffffff)
    return { value: (word >> bit) & 1 };
  return { value: Number((BigInt(word) >> BigInt(bit)) & 1n) };
}

function textOf(map: ReadonlyMap<string, string>, value: Value): Made {
  const text = map.get(String(value)) ?? map.get("*");
  return text === undefined ? { words: "words.rowNoText" } : { value: text };
}
