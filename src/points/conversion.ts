/** From what stands in a message to the value of a metric: bit, raw × scale + offset, decimals, texts, type. */
import type { ValueType } from "../protocol/units";
import { readTexts, type Row } from "./columns";
import { linear, linearDecimals } from "./linear";
import { measureOf } from "./units";

export type Value = number | bigint | string | boolean;
/** Why there is no value: the key of a sentence. */
export class NoValue {
  constructor(readonly words: string) {}
}

/** Values are made many times a second: one that can be made costs no object. */
export type Made = Value | NoValue;

type Step = (value: Value) => Made;

const NO = {
  value: new NoValue("words.rowNoValue"),
  kind: new NoValue("words.rowNotValue"),
  number: new NoValue("words.rowNotNumber"),
  whole: new NoValue("words.rowNotWhole"),
  bool: new NoValue("words.rowNotBool"),
  word: new NoValue("words.rowNotWord"),
  text: new NoValue("words.rowNoText"),
} as const;

/** What makes the values of a row; the steps that it does not need cost nothing. */
export function conversionOf(row: Row): (raw: unknown) => Made {
  const steps = [...readingOf(row), ...typingOf(row)];
  return (raw) => {
    let made = known(raw);
    for (const step of steps) {
      if (made instanceof NoValue) return made;
      made = step(made);
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
  if (raw === undefined || raw === null) return NO.value;
  if (typeof raw === "number") return Number.isFinite(raw) ? raw : NO.number;
  if (typeof raw === "boolean" || typeof raw === "bigint") return raw;
  if (typeof raw === "string" && raw.isWellFormed()) return raw;
  return NO.kind;
}

function* readingOf({ bit, scale, offset, decimals, texts }: Row): Generator<Step> {
  if (bit !== undefined) yield (value) => bitOf(value, bit);
  if (scale !== undefined || offset !== undefined || decimals !== undefined) {
    const scaled = linear(scale ?? 1, offset ?? 0, decimals);
    yield (value) => onNumber(value, (number) => scaled(number));
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
  double: (value) => onNumber(value, (number) => number),
  integer: (value) =>
    onNumber(value, (number) => (typeof number === "bigint" || Number.isInteger(number) ? number : NO.whole)),
  bool: (value) => {
    const bool = BOOLEANS.get(typeof value === "string" ? value.trim().toLowerCase() : value);
    return bool ?? NO.bool;
  },
  string: (value) => String(value),
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
  if (number === undefined) return NO.number;
  const made = step(number);
  return typeof made === "number" && !Number.isFinite(made) ? NO.number : made;
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
  if (word === undefined || (typeof word === "number" && !Number.isInteger(word))) return NO.word;
  if (typeof word === "number" && bit < 31 && word >= -0x80000000 && word <= 0x7fffffff)
    return (word >> bit) & 1;
  return Number((BigInt(word) >> BigInt(bit)) & 1n);
}

function textOf(map: ReadonlyMap<string, string>, value: Value): Made {
  const text = map.get(String(value)) ?? map.get("*");
  return text ?? NO.text;
}
