/** Reading JSON that somebody else wrote: bounded in size and depth, without keys that reach prototypes. */
import { parseExactly, type Beyond } from "./exact-json";
import { MAX_JSON_DEPTH, MAX_PAYLOAD_BYTES } from "./limits";

const UNSAFE_KEYS: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const UNSAFE_TEXT = /__proto__|constructor|prototype|\\u/;

/**
 * Parses `text`, of `most` bytes at most, or throws a `SyntaxError` that says what was wrong with it. `beyond` makes a
 * value of a number that JavaScript has none for; without it that is rounded.
 */
export function parseJson(text: string, beyond?: Beyond, most = MAX_PAYLOAD_BYTES): unknown {
  // A character has at most three bytes: what is short is not counted.
  if (text.length * 3 > most && Buffer.byteLength(text) > most)
    throw new SyntaxError(`longer than ${most} bytes`);
  if (nestsTooDeep(text)) throw new SyntaxError(`nested deeper than ${MAX_JSON_DEPTH} levels`);
  // The reviver costs more than the parse; it is needed only where an unsafe key can be written.
  const reviver = UNSAFE_TEXT.test(text) ? dropUnsafeKeys : undefined;
  return beyond ? parseExactly(text, beyond, reviver) : JSON.parse(text, reviver);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isUnsafeKey(key: string): boolean {
  return UNSAFE_KEYS.has(key);
}

function dropUnsafeKeys(key: string, value: unknown): unknown {
  return isUnsafeKey(key) ? undefined : value;
}

/** Counts brackets outside of strings, before anything is built from them. */
function nestsTooDeep(text: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (quoted) {
      if (character === 0x5c) at++;
      else if (character === 0x22) quoted = false;
    } else if (character === 0x22) quoted = true;
    else if (character === 0x7b || character === 0x5b) {
      if (++depth > MAX_JSON_DEPTH) return true;
    } else if (character === 0x7d || character === 0x5d) depth--;
  }
  return false;
}
