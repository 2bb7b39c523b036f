/** The errors' sentences: every error has one, in every language, about the same things. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AGENT_ERRORS, CLIENT_ERRORS } from "../../src/protocol/errors";
import { ENGLISH, LANGUAGES, TRANSLATIONS } from "../../scripts/shared/languages.mjs";
import { markupOf, TABLES } from "../support/tables";
import { catalogue, fixedParts, isForgotten } from "./texts";

const root = join(__dirname, "../..");

/** Errors that are several, told apart by their reason, have keys "Name.reason". */
const sentencesOf = (language: string): Map<string, string> => catalogue(language, "errors");
const english = sentencesOf(ENGLISH);

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

describe("The sentences of the errors", () => {
  const names = [
    ...Object.values(AGENT_ERRORS),
    ...Object.keys(CLIENT_ERRORS),
    "AgentAnswer",
    ...PHRASES,
  ].sort();

  for (const language of LANGUAGES) {
    const sentences = sentencesOf(language);

    it(`are there in ${language} for every error, and for nothing else`, () => {
      const found = [...sentences.keys()].map((key) => key.replace(/\..*/, ""));
      assert.deepEqual([...new Set(found)].sort(), names);
    });

    it(`are sentences in ${language}: not empty, and ended`, () => {
      for (const [key, sentence] of sentences) {
        if (!isPhrase(key)) assert.match(sentence, /\S.*(\.|。|__)$/, key);
      }
    });
  }

  for (const language of TRANSLATIONS) {
    const sentences = sentencesOf(language);

    it(`have the same reasons in ${language} as in English`, () => {
      assert.deepEqual([...sentences.keys()], [...english.keys()]);
    });

    it(`have the same blanks and names in ${language} as in English`, () => {
      for (const [key, sentence] of english) {
        assert.deepEqual(fixedParts(sentences.get(key) ?? ""), fixedParts(sentence), key);
      }
    });

    it(`were not left in English in ${language}`, () => {
      const forgotten = [...english].filter(
        ([key, sentence]) => sentences.get(key) === sentence && isForgotten(language, sentence),
      );
      assert.deepEqual(forgotten, []);
    });
  }

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
      used.filter((key) => !english.has(key)),
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
    const unused = [...english.keys()].filter((key) => !isUsedKey(key));
    assert.deepEqual(unused, []);
  });

  it("name each field as its dialog does, so that a person finds it", () => {
    for (const language of LANGUAGES) {
      const sentences = sentencesOf(language);
      for (const [short, field, label] of labelledFields(language)) {
        // Where a node with a table has no words of its own for a field, the build takes its label.
        const words = sentences.get(`fields.${field}`) ?? (short in TABLES ? label : "");
        assert.ok(words.includes(label), `${language} ${short}: ${field} is "${label}", not "${words}"`);
      }
    }
  });
});
