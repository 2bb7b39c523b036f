/**
 * JSON in which a number stays what it was written as, fractions too: the agent's integers and timestamps have 64 bits,
 * and JavaScript's numbers round beyond 2^53. Not the client's reader: a mistake in one is not repeated in the other.
 */
import { randomBytes } from "node:crypto";
import { isRecord, parseJson } from "../protocol/json";

/** A number that JavaScript cannot hold exactly, as it was written. */
export class Digits {
  constructor(readonly text: string) {}

  toString(): string {
    return this.text;
  }

  /** What `writeJson` turns into the bare digits. */
  toJSON(): string {
    return MARK + this.text;
  }
}

/** What no message contains: a text that begins with it stands for a number. */
const MARK = `\u2063${randomBytes(9).toString("base64url")}\u2063`;
const MARKED = new RegExp(`"${MARK}([^"]*)"`, "g");

/** Sixteen digits or an exponent: only such a number can be one that is rounded. */
const MAY_BE_ROUNDED = /\d[\d.]{15}|\d[eE]/;
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?/gs;

/** Parses a message as `parseJson` does, with its bounds; numbers that would be rounded are `Digits`. */
export function parseExactly(text: string): unknown {
  const plain = parseJson(text);
  return MAY_BE_ROUNDED.test(text) ? readMarked(text, plain) : plain;
}

/** The same without bounds, for a file of our own. */
export function readOwnJson(text: string): unknown {
  const plain: unknown = JSON.parse(text);
  return MAY_BE_ROUNDED.test(text) ? readMarked(text, plain) : plain;
}

/** Writes values that hold `Digits`. */
export function writeJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes(MARK) ? text.replace(MARKED, "$1") : text;
}

/** A decimal number as JavaScript's number, or as `Digits` where that would be another one. */
export function exactNumber(text: string): number | Digits {
  const number = Number(text);
  return sameDecimal(text, String(number)) ? number : new Digits(text);
}

/** Whether a value is an integer of 64 bits ("Long" in the document's tables). */
export function isLong(value: unknown): value is number | Digits {
  const integer = integerOf(value);
  return integer !== undefined && integer === BigInt.asIntN(64, integer);
}

/** The value of an integer; undefined for what is none. */
export function integerOf(value: unknown): bigint | undefined {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : undefined;
  return value instanceof Digits && /^-?\d{1,20}$/.test(value.text) ? BigInt(value.text) : undefined;
}

/** `plain` is what the text parses to; only its shape is used. */
function readMarked(text: string, plain: unknown): unknown {
  const marked = text.replace(TEXT_OR_NUMBER, (token) => {
    const number = token.startsWith('"') ? 0 : exactNumber(token);
    return number instanceof Digits ? JSON.stringify(number) : token;
  });
  return marked === text ? plain : put(JSON.parse(marked), plain);
}

/** Takes over the keys that `plain` kept, so that what the bounded parser drops stays dropped. */
function put(marked: unknown, plain: unknown): unknown {
  if (typeof marked === "string")
    return marked.startsWith(MARK) ? new Digits(marked.slice(MARK.length)) : marked;
  if (Array.isArray(marked)) return marked.map((entry, index) => put(entry, (plain as unknown[])[index]));
  if (!isRecord(marked) || !isRecord(plain)) return plain;
  return Object.fromEntries(Object.keys(plain).map((key) => [key, put(marked[key], plain[key])]));
}

function sameDecimal(one: string, other: string): boolean {
  return one === other || canonical(one) === canonical(other);
}

/** Sign, significant digits and exponent: the same for all ways to write a number. */
function canonical(text: string): string {
  const [, sign = "", whole = "", fraction = "", exponent = "0"] =
    /^(-?)(\d*)\.?(\d*)(?:[eE]([-+]?\d{1,12}))?$/.exec(text) ?? [];
  if (whole + fraction === "") return text;
  const digits = (whole + fraction).replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  if (significant === "") return "0";
  const shift = BigInt(exponent) - BigInt(fraction.length) + BigInt(digits.length - significant.length);
  return `${sign}${significant}e${shift}`;
}
