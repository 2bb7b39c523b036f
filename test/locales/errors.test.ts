/** The errors' sentences: every error has one, in both languages, about the same things. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import english from "../../locales/en-US/errors.json";
import german from "../../locales/de/errors.json";
import { AGENT_ERRORS, CLIENT_ERRORS } from "../../src/protocol/errors";
import { markupOf, TABLES } from "../support/tables";

const root = join(__dirname, "../..");

/** Errors that are several, told apart by their reason, as "Name.reason". */
function sentencesOf(catalogue: object): Map<string, string> {
  const sentences = new Map<string, string>();
  for (const [name, entry] of Object.entries(catalogue) as [string, string | Record<string, string>][]) {
    if (typeof entry === "string") sentences.set(name, entry);
    else for (const [reason, sentence] of Object.entries(entry)) sentences.set(`${name}.${reason}`, sentence);
  }
  return sentences;
}

/** The fields of all dialogs that an error can be about, with their labels. */
function labelledFields(language: string): [short: string, field: string, label: string][] {
  const read = (file: string) => readFileSync(join(root, file), "utf8");
  const shorts = readdirSync(join(root, "nodes")).filter((folder) => folder !== "shared");
  return shorts.flatMap((short) => {
    const texts = JSON.parse(read(`locales/${language}/${short}.json`)) as { label: Record<string, string> };
    const labels = markupOf(short).matchAll(
      /<label\s+for="node-(?:config-)?input-(\w+)"[^]*?data-i18n="(?:[^"]*\b)?label\.(\w+)"/g,
    );
    return [...labels]
      .filter(([, field = ""]) => !NEVER_WRONG.has(field))
      .map(([, field = "", key = ""]): [string, string, string] => [
        short,
        // A credential's name is longer, so that it is nobody else's.
        field.replace(/^teamviewerIot(.)/, (_, first: string) => first.toLowerCase()),
        texts.label[key] ?? "?",
      ]);
  });
}
/** Node-RED's own, and the reference to the agent node. */
const NEVER_WRONG = new Set(["name", "agent"]);

/** All sources as one text. */
const text = ["src", "nodes", "explorer"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => readFileSync(join(root, folder, file), "utf8")),
  )
  .join("\n");

/** Not sentences, but what fills their blanks. */
const PHRASES = ["words", "fields", "short", "shortReasons", "shortFields"];
const isPhrase = (key: string) => PHRASES.some((name) => key.startsWith(`${name}.`));

const blanksOf = (sentence: string) => [...new Set(sentence.match(/__\w+?__/g))].sort();

describe("The sentences of the errors", () => {
  const names = [
    ...Object.values(AGENT_ERRORS),
    ...Object.keys(CLIENT_ERRORS),
    "AgentAnswer",
    ...PHRASES,
  ].sort();

  for (const [language, catalogue] of Object.entries({ english, german })) {
    it(`are there in ${language} for every error, and for nothing else`, () => {
      assert.deepEqual(Object.keys(catalogue).sort(), names);
    });

    it(`are sentences in ${language}: not empty, and ended`, () => {
      for (const [key, sentence] of sentencesOf(catalogue)) {
        if (!isPhrase(key)) assert.match(sentence, /\S.*(\.|__)$/, key);
      }
    });
  }

  it("have the same reasons in both languages", () => {
    assert.deepEqual([...sentencesOf(german).keys()], [...sentencesOf(english).keys()]);
  });

  it("have the same blanks in both languages", () => {
    const translations = sentencesOf(german);
    for (const [key, sentence] of sentencesOf(english)) {
      assert.deepEqual(blanksOf(translations.get(key) ?? ""), blanksOf(sentence), key);
    }
  });

  it("have all the words: what is wrong or allowed is no English text of the sources", () => {
    const literals = [...text.matchAll(/\b(?:allowed|value): ?\s*(["'`])((?:(?!\1).)*)\1/g)].map(
      ([, , literal = ""]) => literal,
    );
    assert.ok(literals.length > 10);
    assert.deepEqual(
      literals.filter((literal) => /\b[a-z]+ [a-z]+\b/.test(literal)),
      [],
    );
    const used = [...text.matchAll(/"(words\.\w+)"/g)].map(([, key = ""]) => key);
    assert.deepEqual(
      used.filter((key) => !sentencesOf(english).has(key)),
      [],
    );
  });

  it("are used: every name and every reason stands in the sources", () => {
    const isUsed = (word: string) => text.includes(`"${word}"`) || new RegExp(`\\b${word}:`).test(text);
    const isUsedKey = (key: string) =>
      key.startsWith("words.")
        ? text.includes(`"${key}"`)
        : key
            .replace(/^(fields|short\w*)\./, "")
            .split(".")
            .every(isUsed);
    const unused = [...sentencesOf(english).keys()].filter((key) => !isUsedKey(key));
    assert.deepEqual(unused, []);
  });

  it("name each field as its dialog does, so that a person finds it", () => {
    for (const [language, { fields }] of Object.entries({ "en-US": english, de: german })) {
      for (const [short, field, label] of labelledFields(language)) {
        // Where a node with a table has no words of its own for a field, the build takes its label.
        const words = (fields as Record<string, string>)[field] ?? (short in TABLES ? label : "");
        assert.ok(words.includes(label), `${language} ${short}: ${field} is "${label}", not "${words}"`);
      }
    }
  });

  it("differ between the languages", () => {
    const translations = sentencesOf(german);
    const same = [...sentencesOf(english)].filter(([key, sentence]) => translations.get(key) === sentence);
    assert.deepEqual(same, []);
  });
});
