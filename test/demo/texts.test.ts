/** The demo's flow in each language: nothing missing, nothing left over, and a flow that works in each of them. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { compileFunction } from "node:vm";
import { demoFlow, demoParts, keysIn, languageOf, textsOf } from "../../scripts/shared/demo.mjs";
import { LANGUAGES } from "../../scripts/shared/languages.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";
import { planOf } from "../../src/points/plan";
import { readTable } from "../../src/points/read-table";
import { EVERYTHING } from "../../src/points/strategy";

/** Some words are the same in two languages. */
const MOST_ALIKE = 8;
/** What would end a text of HTML, JavaScript or JSON, or begin something in it; and a cell of the table. */
const UNSAFE = /["'`\\<>&{}\n]/;
const UNSAFE_IN_CELL = /[,;=*]/;
const NAMES = ["press", "mill", "packer", "temperature", "vibration", "pieces", "state"];
const CELLS = [...NAMES, "state.running", "state.stopped"];

const english = textsOf("en-US");
const placesIn = (text = "") => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort();

describe("the demo's texts", () => {
  it("are there in all languages of the product", () => {
    const files = readdirSync(join(projectRoot, "demo/texts"));
    assert.deepEqual(
      files.sort(),
      LANGUAGES.map((language) => `${language}.json`),
    );
  });

  it("are those that the flow and the script have places for, and no others", () => {
    const script = readFileSync(join(projectRoot, "scripts/demo.mjs"), "utf8");
    const said = [...script.matchAll(/say\("(\w+)"\)|"console\.(\w+)"/g)].map(
      ([, a, b]) => `console.${a ?? b}`,
    );
    const used = new Set([...demoParts().flatMap((node) => keysIn(JSON.stringify(node))), ...said]);
    assert.deepEqual(Object.keys(english).sort(), [...used].sort());
  });

  for (const language of LANGUAGES) {
    describe(`in ${language}`, () => {
      const texts = textsOf(language);

      it("are complete, with the same values in them", () => {
        assert.deepEqual(Object.keys(texts), Object.keys(english));
        for (const [key, text] of Object.entries(texts)) {
          assert.notEqual(text.trim(), "", key);
          assert.deepEqual(placesIn(text), placesIn(english[key]), key);
        }
      });

      it("are translated", function () {
        if (language === "en-US") return;
        const alike = Object.keys(texts).filter((key) => texts[key] === english[key]);
        assert.ok(alike.length <= MOST_ALIKE, alike.join(", "));
      });

      it("stand in the flow's markup and scripts without breaking them", () => {
        for (const [key, text] of Object.entries(texts)) {
          assert.doesNotMatch(text.replace(/\{\w+\}/g, ""), UNSAFE, key);
        }
        for (const key of CELLS) assert.doesNotMatch(texts[key] ?? "", UNSAFE_IN_CELL, key);
      });

      it("make a flow whose functions can be read and whose table has no problem", () => {
        const flow = demoFlow(language);
        for (const { func } of flow.filter(({ type }) => type === "function"))
          assert.doesNotThrow(() => compileFunction(func as string, ["msg", "context", "flow"]));
        const [push] = flow.filter(({ tableType }) => tableType === "rows");
        const table = readTable(push?.["rows"]);
        const { points, problems } = planOf(table, EVERYTHING);
        assert.deepEqual(problems, []);
        assert.equal(points.length, 12);
      });

      it("name machines and metrics differently", () => {
        assert.equal(new Set(NAMES.map((key) => texts[key])).size, NAMES.length);
        assert.notEqual(texts["state.running"], texts["state.stopped"]);
      });
    });
  }
});

describe("the demo's language", () => {
  it("is the one that is asked for", () => {
    assert.equal(languageOf("de", { LANG: "en_US.UTF-8" }), "de");
    assert.throws(() => languageOf("tlh", {}), { message: /--language tlh.*en-US/ });
  });

  it("is else that of the environment, and English where that is none of the demo's", () => {
    assert.equal(languageOf(undefined, { LANG: "de_AT.UTF-8" }), "de");
    assert.equal(languageOf(undefined, { LC_ALL: "en_GB", LANG: "de_DE" }), "en-US");
    assert.equal(languageOf(undefined, { LC_ALL: "", LC_MESSAGES: "de_DE@euro", LANG: "en_US" }), "de");
    assert.equal(languageOf(undefined, { LANG: "C.UTF-8" }), "en-US");
    assert.equal(languageOf(undefined, {}, "de-CH"), "de");
  });
});
