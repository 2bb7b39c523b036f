/** Lines of the store's files: damage costs the line that it hit (fault 32). */
import assert from "node:assert/strict";
import { readLines, seal } from "../../src/outbox/lines";

const VALUES = [{ n: 1 }, { n: "two ü" }, { n: 3 }];
const LINES = VALUES.map(seal);
const read = (text: string) => [...readLines(Buffer.from(text))];

describe("The lines of a file of the store", () => {
  it("are what was written, each with its place in bytes", () => {
    const lines = read(`\n${LINES.join("\n")}\n`);
    assert.deepEqual(
      lines.map(({ value }) => value),
      VALUES,
    );
    const starts = [1, 1 + LINES[0]!.length + 1, 1 + LINES[0]!.length + 1 + Buffer.byteLength(LINES[1]!) + 1];
    assert.deepEqual(
      lines.map(({ at }) => at),
      starts,
    );
  });

  it("are found all, each with its place, where a line feed between them was damaged (fault 32)", () => {
    const text = LINES.join("#");
    const [damaged, ...whole] = read(text);
    assert.deepEqual([damaged?.value, damaged?.at], [undefined, 0]);
    assert.deepEqual(
      whole.map(({ value, text }) => [value, text]),
      VALUES.map((value, index) => [value, LINES[index]]),
    );
    for (const { at, text } of whole)
      assert.equal(
        Buffer.from(LINES.join("#"))
          .subarray(at, at + Buffer.byteLength(text))
          .toString(),
        text,
      );
  });

  it("are found but for the one that was damaged, also behind a line feed that was (fault 32)", () => {
    const [one = "", two = "", three = ""] = LINES;
    const found = read(`${one}\n${two.replace("two", "owt")}#${three}\n${one}`).filter(({ value }) => value);
    assert.deepEqual(
      found.map(({ value }) => value),
      [{ n: 1 }, { n: 3 }, { n: 1 }],
    );
  });
});
