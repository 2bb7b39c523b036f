/** Fills the blanks of a sentence for a person, in the runtime and in the browser alike. */

/** What fills the blanks of an error's sentence: `__field__`, `__value__`, … */
export type ErrorDetails = Readonly<Record<string, string | number>>;

type TextOf = (key: string) => string | undefined;

/**
 * The details in a person's words. What is wrong, what is allowed and what the system said can be a key of the sentences' `words`.
 * A field keeps its name in `details`, for programs; a person reads what its dialog calls it, from `fields`.
 */
export function fillWords(details: ErrorDetails, textOf: TextOf): ErrorDetails {
  const inWords: [name: string, words: string][] = WORDED.flatMap((name) => {
    const key = details[name];
    const isKey = typeof key === "string" && key.startsWith("words.");
    return isKey ? [[name, fill(textOf(key) ?? key, details)]] : [];
  });
  const { field } = details;
  if (typeof field === "string") inWords.push(["field", fieldInWords(field, textOf)]);
  return { ...details, ...Object.fromEntries(inWords) };
}
const WORDED = ["allowed", "value", "code"] as const;

/** `values[3].metricId` is told as the words for `values`, and the path from there. */
function fieldInWords(field: string, textOf: TextOf): string {
  const [, name = "", path = ""] = /^(\w+)(.*)$/s.exec(field) ?? [];
  const words = textOf(`fields.${name}`);
  if (words === undefined) return field;
  return words + path.replace(/^\.?(?=\S)/, ": ");
}

export function fill(template: string, details: ErrorDetails): string {
  return template.replace(/__(\w+?)__/g, (blank, name: string) => String(details[name] ?? blank));
}
