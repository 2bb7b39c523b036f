/** Sentences and short reasons, in words that a test makes up: what is looked up, and what is put into the blanks. */
import assert from "node:assert/strict";
import { IotError } from "../../src/protocol/errors";
import { invalid } from "../../src/protocol/input";
import { sentenceOf, shortReasonOf, type LookUp } from "../../src/protocol/words";

/** A language with these texts. */
const language =
  (texts: Readonly<Record<string, string>>): LookUp =>
  (key, values) =>
    texts[key]?.replace(/__(\w+)__/g, (_, name: string) => String(values[name]));

describe("The sentence of an error", () => {
  it("has the sentence of its cause in it, where that has one", () => {
    const cause = new IotError("ConnectionRefused", { details: { host: "h", port: 1 } });
    const texts = {
      "errors.NotConnected": "Keine Verbindung. __why__",
      "errors.ConnectionRefused": "Nichts antwortet auf __host__.",
    };
    const error = new IotError("NotConnected", { cause });
    assert.equal(sentenceOf(error, language(texts)), "Keine Verbindung. Nichts antwortet auf h.");
    for (const other of [undefined, null, "text", new Error("English")]) {
      const told = sentenceOf(new IotError("NotConnected", { cause: other }), language(texts));
      assert.equal(told, "Keine Verbindung. undefined");
    }
  });

  it("is the English one where the language has none", () => {
    const error = new IotError("QueueExpired", { details: { seconds: 5 } });
    assert.equal(sentenceOf(error, language({})), error.message);
  });

  it("has a word for what is allowed, and the value as it is where that is no word of ours", () => {
    const texts = {
      "errors.InvalidInput.type": "__field__ muss __allowed__ sein, nicht __value__.",
      "errors.words.text": "ein Text",
      "errors.fields.sensor": "Sensor",
    };
    const error = invalid("type", "sensor[1].id", "words", { allowed: "words.text" });
    assert.equal(sentenceOf(error, language(texts)), 'Sensor: [1].id muss ein Text sein, nicht "words".');
  });
});

describe("The short reason of an error", () => {
  it("names the field of a setting or of a message, by the words for what its path begins with", () => {
    const texts = {
      "errors.shortReasons.missing": "__field__ fehlt",
      "errors.shortFields.values": "Werte",
      "errors.short.InvalidInput": "__field__ falsch",
    };
    assert.equal(shortReasonOf(invalid("missing", "values[3].metricId"), language(texts)), "Werte fehlt");
    // There are no words for this reason: then those for the error as such.
    assert.equal(shortReasonOf(invalid("empty", "values"), language(texts)), "Werte falsch");
    assert.equal(shortReasonOf(invalid("missing", "other"), language(texts)), "other fehlt");
  });

  it("has a reason's words only for settings and input: another error's reason means something else", () => {
    const texts = { "errors.shortReasons.sent": "falsch", "errors.short.Closed": "angehalten" };
    assert.equal(shortReasonOf(new IotError("Closed", { reason: "sent" }), language(texts)), "angehalten");
  });

  it("is the name where there are no words, and the number where it is an error of the agent", () => {
    const texts = { "errors.short.UnknownError": "Fehler __code__" };
    assert.equal(shortReasonOf(new IotError("QueueFull"), language(texts)), "QueueFull");
    const error = new IotError("OutOfRange", { code: 19, details: { code: 19 } });
    assert.equal(shortReasonOf(error, language(texts)), "Fehler 19");
  });
});
