/** The texts of dialogs, badges and help: none is missing, none is left over, and all languages say the same things. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { readHelp } from "../../scripts/shared/help.mjs";
import { ENGLISH, LANGUAGES, TRANSLATIONS } from "../../scripts/shared/languages.mjs";
import { markupOf, TABLES } from "../support/tables";
import { catalogue, fixedParts, isForgotten } from "./texts";

const ROOT = join(__dirname, "../..");
const SHORTS = readdirSync(join(ROOT, "locales", ENGLISH))
  .filter((file) => file.endsWith(".json") && file !== "errors.json")
  .map((file) => file.replace(/\.json$/, ""));
/** A plugin: it has no help, and a folder of its own. */
const EXPLORER = "explorer";
const folderOf = (short: string): string => (short === EXPLORER ? EXPLORER : `nodes/${short}`);
const SHARED = "@tviot/node-red-teamviewer-iot/teamviewer-iot-agent:";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** All sources below a folder as one text. */
function sources(folder: string, ending: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(ending))
    .map((file) => read(join(folder, file)))
    .join("\n");
}

/** The parts of a help that are read as one, without the markup inside. */
function passages(help: string): string[] {
  return [...help.matchAll(/<(p|dd|li|h3)\b[^>]*>([^]*?)(?=<\/\1>|<dl\b)/g)].map(([, , text = ""]) =>
    text.replace(/\s+/g, " ").trim(),
  );
}

/** `data-i18n="key"`, `data-i18n="[placeholder]key"`, and those of the shared catalogue with its prefix. */
function keysInMarkup(markup: string): string[] {
  return [...markup.matchAll(/data-i18n="(?:\[\w+\])?([^"]+)"/g)].map(([, key]) => key ?? "");
}

/** `"status.waiting"`, and `` `units.${…}` `` as a pattern. */
function isNamedIn(code: string, key: string): boolean {
  if (code.includes(`"${key}"`)) return true;
  const literals = [...code.matchAll(/`(?:\$\{SHARED\})?([\w.]+\.)\$\{[^`]*\}`/g)].map(
    ([, prefix]) => prefix ?? "",
  );
  const prefix = literals.find((literal) => key.startsWith(literal));
  if (prefix === undefined) return false;
  // What fills the blank is a word of the sources: an operation, a unit, the name of an error.
  return new RegExp(`\\b${key.slice(prefix.length).replaceAll(".", "\\.")}\\b`).test(words);
}

const words =
  sources("explorer", ".ts") +
  sources("nodes", ".ts") +
  sources("nodes", ".html") +
  sources("src/client", ".ts") +
  sources("src/points", ".ts") +
  sources("src/protocol", ".ts");
/** What fills sentences stands where the browser reads it, too. */
const nodeSources = sources("nodes", ".ts") + read("src/protocol/words.ts");
const nodeMarkup = SHORTS.map((short) => markupOf(short, folderOf(short))).join("\n");

/**
 * What is no typography of a language: other quotes, other spaces, a question without its beginning, half-width signs beside
 * full-width letters, a long vowel that Node-RED writes short.
 */
const MISPRINTS: Readonly<Record<string, RegExp>> = {
  de: /“[^„“”]*”|\p{L}'\p{L}/gu,
  es: /"[^"¿?¡!]*\p{L}[?!]|[“”]|\d (?:[%°]|\d{3}).{9}/gu,
  fr: /.{9} [:;!?»].{9}|« .{9}|\p{L}'\p{L}|[“”]|\d (?:[%°]|\d{3}).{9}/gu,
  ja: /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}ー](?:[,!?()]| …)|[。、？] \S|[“”]|(?:サーバ|ユーザ|センサ|ブローカ|フォルダ|レータ|カウンタ)ー/gu,
  "zh-CN": /\p{sc=Han}[,!?()]|[，。：；？] \S| …|[「」您]/gu,
};

describe("The catalogues of texts", () => {
  for (const language of LANGUAGES) {
    it(`are there in ${language} for every node, and for nothing else`, () => {
      const files = readdirSync(join(ROOT, "locales", language)).sort();
      assert.deepEqual(
        files,
        [
          ...SHORTS.map((short) => `${short}.json`),
          ...SHORTS.filter((short) => short !== EXPLORER).map((short) => `${short}.html`),
          ...["errors.json", "parts"],
        ].sort(),
      );
    });
  }

  for (const short of SHORTS) {
    const english = catalogue(ENGLISH, short);
    const translations = TRANSLATIONS.map((language) => [language, catalogue(language, short)] as const);
    const markup = markupOf(short, folderOf(short));
    // The agent's catalogue is shared by all.
    const code = short === "agent" ? nodeSources : sources(folderOf(short), ".ts");

    it(`of ${short} have the same keys in every language`, () => {
      for (const [language, texts] of translations)
        assert.deepEqual([...texts.keys()], [...english.keys()], language);
    });

    it(`of ${short} have the same blanks and names in every language, and no empty text`, () => {
      for (const [key, text] of english) {
        assert.notEqual(text.trim(), "", key);
        for (const [language, texts] of translations) {
          const translation = texts.get(key) ?? "";
          assert.notEqual(translation.trim(), "", `${language} ${key}`);
          assert.deepEqual(fixedParts(translation), fixedParts(text), `${language} ${key}`);
        }
      }
    });

    it(`of ${short} have no text in another language that was left in English`, () => {
      const forgotten = translations.flatMap(([language, texts]) =>
        [...texts]
          .filter(([key, text]) => text === english.get(key) && isForgotten(language, text))
          .map(([key, text]) => `${language} ${key}: ${text}`),
      );
      assert.deepEqual(forgotten, []);
    });

    it(`of ${short} have each key that the dialog names`, () => {
      const named = keysInMarkup(markup).filter((key) => !key.includes(":"));
      assert.deepEqual(
        named.filter((key) => !english.has(key)),
        [],
      );
    });

    it(`of ${short} have each key that the code names`, () => {
      const named = [
        ...sources(folderOf(short), ".ts").matchAll(/(?:\b_|\btext|\bword)\("([a-z]\w*\.[\w.]+)"/g),
      ].map(([, key]) => key ?? "");
      const shared = catalogue(ENGLISH, "agent");
      assert.deepEqual(
        named.filter((key) => !english.has(key) && !shared.has(key)),
        [],
      );
    });

    it(`of ${short} have no key that nobody uses`, () => {
      const inMarkup = new Set([
        ...keysInMarkup(markup),
        ...keysInMarkup(nodeMarkup).map((key) => key.replace(SHARED, "")),
      ]);
      assert.deepEqual(
        [...english.keys()].filter(
          // Details of a choice stand in the help.
          (key) => !inMarkup.has(key.replace(/^details\./, "operation.")) && !isNamedIn(code, key),
        ),
        [],
      );
    });

    it(`of ${short} hold all words of the dialog: its markup has none`, () => {
      const template = /<script type="text\/html"[^>]*>([\s\S]*)<\/script>/.exec(markup)?.[1] ?? "";
      assert.equal(template.replace(/<[^>]*>/g, "").trim(), "");
      const attributes = [...template.matchAll(/\b(?:placeholder|title|aria-label|value)="([^"]*)"/g)].map(
        ([, text]) => text ?? "",
      );
      // Values of lists, ports, file names and PEM headings are the same in every language.
      assert.deepEqual(
        attributes.filter((text) => !/^(?:[\w.]+|-----BEGIN [A-Z ]+-----)$/.test(text)),
        [],
      );
    });

    if (short === EXPLORER) continue;
    const help = (language: string): string => readHelp(language, short, TABLES[short]);

    it(`of ${short} have help with the same parts in every language`, () => {
      const parts = (text: string): string[] =>
        text.match(/<\/?(?:p|h3|dl|dt|dd|ol|ul|li)\b(?: class="[^"]*")?/g) ?? [];
      for (const language of LANGUAGES) {
        assert.match(help(language), new RegExp(`data-help-name="teamviewer-iot-${short}"`));
        assert.deepEqual(parts(help(language)), parts(help(ENGLISH)), language);
        assert.deepEqual(fixedParts(help(language)), fixedParts(help(ENGLISH)), language);
      }
    });

    it(`of ${short} have no part of the help in another language that was left in English`, () => {
      const said = new Set(passages(help(ENGLISH)));
      const forgotten = TRANSLATIONS.flatMap((language) =>
        passages(help(language))
          .filter((passage) => said.has(passage) && isForgotten(language, passage))
          .map((passage) => `${language}: ${passage}`),
      );
      assert.deepEqual(forgotten, []);
    });
  }

  for (const short of ["client", "sensor", "metric"]) {
    it(`of ${short} tell each operation in the list, on the node, under the list, at the output and in the help`, () => {
      const list = /<select id="node-input-operation">([\s\S]*?)<\/select>/.exec(markupOf(short))?.[1] ?? "";
      const operations = [...list.matchAll(/value="(\w+)"/g)].map(([, operation]) => operation ?? "");
      assert.ok(operations.length > 1);
      const texts = catalogue(ENGLISH, short);
      for (const operation of operations) {
        const inHelp = texts.has("details.create") ? ["details"] : [];
        for (const place of ["operation", "label.of", "hint", "output", ...inHelp]) {
          assert.ok(texts.has(`${place}.${operation}`), `${place}.${operation}`);
        }
      }
    });
  }

  it("quote what stands in a dialog as that dialog says it, so that a person finds it", () => {
    const allOf = (language: string): Map<string, string> =>
      new Map(
        [...SHORTS, "errors"].flatMap((name) => [
          ...[...catalogue(language, name)].map(([key, text]): [string, string] => [`${name}:${key}`, text]),
          [`${name}.html`, name in TABLES ? readHelp(language, name, TABLES[name]) : ""],
        ]),
      );
    const quoted = (text: string): string[] =>
      [...text.replaceAll(/\s+/g, " ").matchAll(/[“„«「"]\s?([^“”„«»「」"]{1,60}?)\s?[“”»」"]/g)].map(
        ([, words = ""]) => words,
      );
    const english = allOf(ENGLISH);
    for (const language of TRANSLATIONS) {
      const texts = allOf(language);
      for (const [key, text] of english) {
        // Fields have their own test, and their quotes where a language wants them.
        if (/^errors:\w*[fF]ields\./.test(key)) continue;
        const said = quoted(texts.get(key) ?? "");
        for (const words of quoted(text)) {
          const labels = [...english.keys()].filter((label) => english.get(label) === words);
          const isFound = labels.some((label) =>
            said.some((quote) => texts.get(label)?.replaceAll(/\s/g, " ").startsWith(quote)),
          );
          assert.ok(labels.length === 0 || isFound, `${language} ${key}: “${words}”`);
        }
      }
    }
  });

  for (const [language, wrong] of Object.entries(MISPRINTS)) {
    it(`are set in ${language} as its printers do`, () => {
      const files = readdirSync(join(ROOT, "locales", language), { recursive: true, encoding: "utf8" });
      const texts = files
        .filter((file) => /\.(json|html)$/.test(file))
        .map((file) => read(`locales/${language}/${file}`));
      const found = [...texts, read(`demo/texts/${language}.json`)].flatMap(
        (text) => text.match(wrong) ?? [],
      );
      assert.deepEqual(found, []);
    });
  }

  it("have a glossary for every language but English", () => {
    assert.deepEqual(
      readdirSync(join(ROOT, "docs/glossary")).sort(),
      TRANSLATIONS.map((language) => `${language}.md`),
    );
  });

  it("decline the agent in German as Duden does: des Agenten, dem Agenten, den Agenten", () => {
    const texts = readdirSync(join(ROOT, "locales/de"), { recursive: true, encoding: "utf8" })
      .filter((file) => /\.(json|html)$/.test(file))
      .map((file) => read(`locales/de/${file}`).replaceAll(/\s+/g, " "))
      .join(" ");
    // Not the product's name, and not a node of ours.
    const undeclined = texts
      .replaceAll("TeamViewer IoT Agent", "")
      .match(/\bAgents\b|\b(?:beim|im|vom|zum|\w*e[mns]) Agent\b(?!-).{0,20}/gi);
    assert.deepEqual(undeclined, null);
  });

  it("know every shared key that the dialogs and the code name", () => {
    const shared = catalogue(ENGLISH, "agent");
    const inMarkup = keysInMarkup(nodeMarkup)
      .filter((key) => key.startsWith(SHARED))
      .map((key) => key.replace(SHARED, ""));
    const inCode = [...nodeSources.matchAll(/`\$\{SHARED\}([\w.]+)`/g)].map(([, key]) => key ?? "");
    const validations = [...nodeSources.matchAll(/\bsentence\("(\w+)"/g)].map(
      ([, key]) => `validation.${key}`,
    );
    assert.deepEqual(
      [...inMarkup, ...inCode, ...validations].filter((key) => !shared.has(key)),
      [],
    );
  });
});
