/** What is wrong with a text that was to be JSON, as the key of a sentence that says what to do. */

/** The mistakes of people and of other programs, each with what gives it away once the texts in it are emptied. */
const MISTAKES: readonly (readonly [sign: RegExp, words: string])[] = [
  [/[:,[]\s*[-+]?(?:nan|inf(?:inity)?)\b/i, "words.jsonNaN"],
  [/[:,[]\s*-?\d+,\d+\s*[,}\]]/, "words.jsonComma"],
  [/,\s*[}\]]/, "words.jsonLastComma"],
  [/[{,[:]\s*(?:'|“|”|„|[A-Za-z_][\w-]*\s*:)/, "words.jsonQuotes"],
  [/[:,[]\s*(?:undefined|None|True|TRUE|False|FALSE|NULL)\b/, "words.jsonWords"],
];
const TEXTS = /"[^"\\]*(?:\\.[^"\\]*)*"/g;

/** `error` is what `JSON.parse` said; the place that it names fills the sentence. */
export function whatIsWrong(text: string, error: unknown): { allowed: string; place: number } {
  const withoutTexts = text.replace(TEXTS, '""');
  const known = MISTAKES.find(([sign]) => sign.test(withoutTexts))?.[1];
  const place = Number(/position (\d+)/.exec(String(error))?.[1] ?? text.length);
  const isAtEnd = place >= text.trimEnd().length;
  return { allowed: known ?? (isAtEnd ? "words.jsonEnd" : "words.jsonPlace"), place: place + 1 };
}
