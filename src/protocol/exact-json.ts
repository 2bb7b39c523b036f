/**
 * JSON in which a number is what was written. JavaScript's numbers are doubles: 9007199254740993 is not among them, and
 * would silently become …992. A fraction or an exponent says that a double is meant; a double is what it is read as.
 */
import { randomUUID } from "node:crypto";

/** Makes a value of the digits of a number that JavaScript has no exact number for. */
export type Beyond = (digits: string) => unknown;

/** For a flow: JSON.stringify and Node-RED's debug node cannot show a BigInt, a text with the digits they can. */
export const asText: Beyond = (digits) => digits;

/** For what is written as JSON again (`writePushedValues`). What no double can be near of is infinite, and refused there. */
export const asBigInt: Beyond = (digits) => {
  const number = Number(digits);
  return Number.isFinite(number) && INTEGER.test(digits) ? BigInt(digits) : number;
};

const INTEGER = /^-?\d+$/;
/** Where such a number can stand in a text; without one, nothing is slower than `JSON.parse`. */
const MAY_BE_BEYOND = /(?:^|[:,[\s])-?(?:\d{17}|9\d{15}|\d[\d.]*[eE]\+?\d{3})/;
/** Texts are passed over whole, so that only numbers are found. */
const TEXT_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.]*(?:[eE][+-]?\d+)?/g;

type Reviver = (key: string, value: unknown) => unknown;

/** `JSON.parse`, but for integers beyond ±(2^53 − 1) and numbers beyond a double's range, which are given to `beyond`. */
export function parseExactly(text: string, beyond: Beyond, reviver?: Reviver): unknown {
  const parsed: unknown = JSON.parse(text, reviver);
  if (!MAY_BE_BEYOND.test(text)) return parsed;
  // Nobody can know this mark, so no text of the message begins with it.
  const mark = randomUUID();
  const marked = text.replace(TEXT_OR_NUMBER, (token) =>
    token.startsWith('"') || isNumber(token) ? token : `"${mark}${token}"`,
  );
  return JSON.parse(marked, (key, value: unknown) => {
    const isMarked = typeof value === "string" && value.startsWith(mark);
    return isMarked ? beyond(value.slice(mark.length)) : reviver ? reviver(key, value) : value;
  });
}

/** One number as a text; `undefined` where the text is none. */
export function parseNumber(text: string): number | bigint | undefined {
  const number = Number(text);
  if (text.trim() === "" || !Number.isFinite(number)) return undefined;
  return INTEGER.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number;
}

/** Whether JavaScript's number is the one that is written. */
function isNumber(token: string): boolean {
  const number = Number(token);
  return INTEGER.test(token) ? Number.isSafeInteger(number) : Number.isFinite(number);
}
