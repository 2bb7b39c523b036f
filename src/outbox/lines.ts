/**
 * The lines of the store's files: JSON with a checksum before it, so that damage costs the line that it hit, and every
 * other line is found without it. Pure.
 */
import { createHash, hash } from "node:crypto";
import { asBigInt, parseExactly } from "../protocol/exact-json";

/** A line: its text, what it says, or `undefined` for one that is damaged, and where it stands. */
export interface Line {
  text: string;
  value: object | undefined;
  /** Bytes from the beginning of the file. */
  at: number;
}

const CHECKSUM_LENGTH = 16;
const END = 0x0a;
/** Where a line begins. Within a text its quote would be escaped, so no value can look like one. */
const BEGINNING = /[0-9a-f]{16}\{"/g;

/** JSON with a checksum before it. */
export function seal(value: object): string {
  return sealText(JSON.stringify(value));
}

export function sealText(text: string): string {
  return checksum(text) + text;
}

/** What was sealed, or `undefined` when the text is not what was written. */
export function unseal(encoded: string): object | undefined {
  const text = encoded.slice(CHECKSUM_LENGTH);
  return checksum(text) === encoded.slice(0, CHECKSUM_LENGTH)
    ? (parseExactly(text, asBigInt) as object)
    : undefined;
}

/** Every line. It begins with a line feed: then what a crash left unfinished ends where the next begins. */
export function* readLines(bytes: Buffer): Generator<Line> {
  for (let from = 0; from < bytes.length;) {
    const end = endOfLine(bytes, from);
    if (end > from) {
      const text = bytes.toString("utf8", from, end);
      const value = unseal(text);
      yield { text, value, at: from };
      if (value === undefined) yield* readDamaged(bytes, from, end);
    }
    from = end + 1;
  }
}

/** Where the line that begins at `from` ends. */
export function endOfLine(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(END, from);
  return end < 0 ? bytes.length : end;
}

/** The whole lines in a damaged one: two look like one when it is the line feed between them that was hit. */
function* readDamaged(bytes: Buffer, from: number, end: number): Generator<Line> {
  const text = bytes.toString("latin1", from, end); // A character is a byte.
  const beginnings = [...text.matchAll(BEGINNING)].map(({ index }) => index);
  for (const [at, beginning] of beginnings.entries()) {
    const last = text.lastIndexOf("}", (beginnings[at + 1] ?? text.length) - 1);
    const whole = bytes.toString("utf8", from + beginning, from + last + 1);
    const value = unseal(whole);
    if (value !== undefined) yield { text: whole, value, at: from + beginning };
  }
}

/** Before Node.js 20.12 there is none. */
const hashInOneStep = hash as typeof hash | undefined;

function checksum(text: string): string {
  // In one step it takes half of the time.
  const digest = hashInOneStep?.("sha256", text) ?? createHash("sha256").update(text).digest("hex");
  return digest.slice(0, CHECKSUM_LENGTH);
}
