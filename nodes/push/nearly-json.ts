/** What is wrong with a text that was to be JSON, as the key of a sentence that says what to do. */

/** The mistakes of people and of other programs, each with what gives it away once the texts in it are emptied. */
const MISTAKES: readonly (readonly [sign: RegExp, words: string])[] = [
  [/[:,[]\s*[-+]?(?:nan|inf(?:inity)?)\b/i, "words.jsonNaN"],
  [/[:,[]\s*-?\d+,\d+\s*[,}\]]/, "words.jsonComma"],
  [/,\s*[}\]]/, "words.jsonLastComma"],
  [/[{,[:]\s*(?:'|“|”|„|[A-Za-z_][\w-]*\s*:)/, "words.jsonQuotes"],
  [/[:,[]\s*(?:undefined|None|True|TRUE|False|FALSE|NULL)\b/, "words.jsonWords"],
  [/[｛｝［］：，＂０-９．]/, "words.jsonWide"],
];
const TEXTS = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

/** `error` is what `JSON.parse` said; the place that it names fills the sentence. */
export function whatIsWrong(text: string, error: unknown): { allowed: string; place: number } {
  const withoutTexts = text.replace(TEXTS, '""');
  const known = MISTAKES.find(([sign]) => sign.test(withoutTexts))?.[1];
  const place = placeOf(error) ?? brokenAt(text);
  const isAtEnd = place >= text.trimEnd().length;
  return { allowed: known ?? (isAtEnd ? "words.jsonEnd" : "words.jsonPlace"), place: place + 1 };
}

/** Where the mistake is, as far as `JSON.parse` says. */
function placeOf(error: unknown): number | undefined {
  const [, place] = /position (\d+)/.exec(String(error)) ?? [];
  return place === undefined ? undefined : Number(place);
}

/** The first character with which the text cannot go on: of an unexpected one `JSON.parse` says what it is, not where. */
function brokenAt(text: string): number {
  if (canGoOn(text)) return text.length;
  let [good, bad] = [0, text.length];
  while (bad - good > 1) {
    const half = (good + bad) >> 1;
    if (canGoOn(text.slice(0, half))) good = half;
    else bad = half;
  }
  return good;
}

/** Whether this is the beginning of JSON. */
function canGoOn(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return /Unexpected end/.test(String(error)) || placeOf(error) === text.length;
  }
}
