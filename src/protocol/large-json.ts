/**
 * JSON of many megabytes, read in steps: a large array or object is cut into its parts, and each part is parsed by
 * itself. Whoever takes the steps decides when others have their turn between them.
 */
import { isUnsafeKey, parseJson } from "./json";
import { MAX_ANSWER_BYTES, MAX_JSON_DEPTH } from "./limits";

/** Work that can rest wherever it yields. */
export type Steps<T> = Generator<undefined, T>;

/** Bytes that are parsed, and that are looked through, in one step. */
const STEP_BYTES = 64 * 1024;
/** Parts that are cut out: small ones need many times as much memory as their text. */
const MOST_PARTS = 250_000;

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_RECORD, CLOSE_RECORD] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Gives each entry of an array to `take`, in order; throws a `SyntaxError` where the text is not an array in JSON. */
export function* parseLargeList(
  bytes: Buffer,
  take: (entry: unknown) => void,
  stepBytes = STEP_BYTES,
): Steps<void> {
  const text = new LargeText(bytes, stepBytes);
  const start = text.skipSpace(0);
  if (bytes[start] !== OPEN_LIST) throw new SyntaxError("not an array");
  yield* text.list(start, bytes.length, 1, take);
}

/** Where a part of the text begins, and ends. */
type Part = readonly [start: number, end: number];

class LargeText {
  private partsLeft = MOST_PARTS;

  constructor(
    private readonly bytes: Buffer,
    private readonly stepBytes: number,
  ) {}

  *list(start: number, end: number, depth: number, take: (entry: unknown) => void): Steps<void> {
    for (const part of this.parts(start + 1, end, CLOSE_LIST)) {
      if (part !== undefined) take(yield* this.value(...part, depth));
      yield;
    }
  }

  private *record(start: number, end: number, depth: number): Steps<Record<string, unknown>> {
    const record: Record<string, unknown> = {};
    for (const part of this.parts(start + 1, end, CLOSE_RECORD)) {
      if (part !== undefined) {
        const [key, valueAt] = this.key(...part);
        const value = yield* this.value(valueAt, part[1], depth);
        if (!isUnsafeKey(key)) record[key] = value;
      }
      yield;
    }
    return record;
  }

  private *value(start: number, end: number, depth: number): Steps<unknown> {
    if (--this.partsLeft < 0) throw new SyntaxError(`more than ${MOST_PARTS} parts`);
    if (end - start <= this.stepBytes) return this.parse(start, end);
    if (depth >= MAX_JSON_DEPTH) throw new SyntaxError(`nested deeper than ${MAX_JSON_DEPTH} levels`);
    const at = this.skipSpace(start);
    const first = this.bytes[at];
    if (first === OPEN_RECORD) return yield* this.record(at, end, depth + 1);
    if (first !== OPEN_LIST) return this.parse(start, end);
    const list: unknown[] = [];
    yield* this.list(at, end, depth + 1, (entry) => list.push(entry));
    return list;
  }

  /** What stands between the commas, up to the bracket that closes; after that there is only space. */
  private *parts(from: number, end: number, close: number): Generator<Part | undefined, void> {
    const { bytes } = this;
    let start = from;
    let depth = 0;
    let isQuoted = false;
    let restAt = from + this.stepBytes;
    for (let at = from; at < end; at++) {
      const byte = bytes[at];
      if (at >= restAt) {
        restAt = at + this.stepBytes;
        yield undefined;
      }
      if (isQuoted) {
        if (byte === BACKSLASH) at++;
        else if (byte === QUOTE) isQuoted = false;
      } else if (byte === QUOTE) isQuoted = true;
      else if (byte === OPEN_LIST || byte === OPEN_RECORD) depth++;
      else if (byte === COMMA && depth === 0) {
        yield [start, at];
        start = at + 1;
      } else if ((byte === CLOSE_LIST || byte === CLOSE_RECORD) && depth-- === 0) {
        if (byte !== close || this.skipSpace(at + 1) < end) throw new SyntaxError("closed by something else");
        const isEmpty = start === from && this.skipSpace(start) === at;
        if (!isEmpty) yield [start, at];
        return;
      }
    }
    throw new SyntaxError("not closed");
  }

  /** The key of a part of an object, and where its value begins. */
  private key(start: number, end: number): [key: string, valueAt: number] {
    const { bytes } = this;
    const from = this.skipSpace(start);
    let at = from + 1;
    for (; at < end && bytes[at] !== QUOTE; at++) if (bytes[at] === BACKSLASH) at++;
    const colon = this.skipSpace(at + 1);
    const key = this.parse(from, at + 1);
    if (typeof key !== "string" || bytes[colon] !== COLON) throw new SyntaxError("no key");
    return [key, colon + 1];
  }

  private parse(start: number, end: number): unknown {
    if (end - start > MAX_ANSWER_BYTES)
      throw new SyntaxError(`a text of more than ${MAX_ANSWER_BYTES} bytes`);
    return parseJson(this.bytes.toString("utf8", start, end), undefined, MAX_ANSWER_BYTES);
  }

  skipSpace(at: number): number {
    const { bytes } = this;
    let next = at;
    while (isSpace(bytes[next])) next++;
    return next;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}
