/** JSON that is read in steps: the same as JSON that is read at once. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { readLargeSensorList, readSensorList } from "../../src/protocol/answers";
import type { IotError } from "../../src/protocol/errors";
import { parseJson } from "../../src/protocol/json";
import { parseLargeList, type Steps } from "../../src/protocol/large-json";

/** All steps, and how many there were. */
function takeAll<T>(steps: Steps<T>): { result: T; count: number } {
  for (let count = 1; ; count++) {
    const step = steps.next();
    if (step.done === true) return { result: step.value, count };
  }
}

function inSteps(text: string, stepBytes: number): unknown[] {
  const list: unknown[] = [];
  takeAll(parseLargeList(Buffer.from(text), (entry) => list.push(entry), stepBytes));
  return list;
}

const space = fc.constantFrom("", " ", "\n", "\t\r\n ");
const stepBytes = fc.integer({ min: 1, max: 100 });

/** JSON with space between anything. */
function written(value: unknown, gap: string): string {
  if (Array.isArray(value)) {
    return `[${gap}${value.map((part) => gap + written(part, gap) + gap).join()}]`;
  }
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const parts = Object.entries(value).map(
    ([key, part]) => `${gap}${JSON.stringify(key)}${gap}:${gap}${written(part, gap)}${gap}`,
  );
  return `{${gap}${parts.join()}}`;
}

describe("A list that is read in steps", () => {
  it("is what it is when it is read at once, whatever is in it and however small the steps (fault 53)", () => {
    const list = fc.array(fc.jsonValue({ maxDepth: 6, stringUnit: "binary" }));
    fc.assert(
      fc.property(list, space, stepBytes, (list, gap, bytes) => {
        const text = gap + written(list, gap) + gap;
        assert.deepEqual(inSteps(text, bytes), parseJson(text));
      }),
    );
  });

  it("is refused where it would be refused when read at once", () => {
    const list = fc
      .array(fc.jsonValue({ maxDepth: 3 }), { minLength: 1 })
      .map((list) => JSON.stringify(list));
    const change = fc.tuple(fc.nat(), fc.constantFrom(...'[]{}:,"\\ 0x'), fc.boolean());
    fc.assert(
      fc.property(
        list,
        fc.array(change, { minLength: 1, maxLength: 3 }),
        stepBytes,
        (list, changes, bytes) => {
          let text = list;
          for (const [where, character, replaces] of changes) {
            const at = where % (text.length + 1);
            text = text.slice(0, at) + character + text.slice(at + (replaces ? 1 : 0));
          }
          assert.deepEqual(
            outcome(() => inSteps(text, bytes)),
            outcome(() => parsedList(text)),
            text,
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("leaves out keys that reach prototypes, in parts of any size (fault 22)", () => {
    const text = '[{"a":1,"__proto__":{"polluted":true},"constructor":{"x":[]},"\\u005f_proto__":2}]';
    for (const bytes of [1, 20, 1000]) assert.deepEqual(inSteps(text, bytes), [{ a: 1 }]);
  });

  it("is refused where it nests without end, or has parts without number", () => {
    const deep = "[".repeat(100_000) + "]".repeat(100_000);
    assert.throws(() => inSteps(deep, 10), SyntaxError);
    assert.throws(() => inSteps(`[${"1,".repeat(250_001)}1]`, 10), SyntaxError);
  });
});

describe("A list of sensors that is read in steps", () => {
  const sensor = (index: number, metrics: number) => ({
    metrics: Array.from({ length: metrics }, (_, number) => ({
      link: `/m/${number}`,
      metricId: `m${number}`,
    })),
    name: `sensor "${index}"`,
    sensorId: `s${index}`,
    store: true,
  });

  it("is the list that it is when read at once, and rests between its sensors (fault 53)", () => {
    const text = JSON.stringify(Array.from({ length: 3000 }, (_, index) => sensor(index, 10)));
    const { result, count } = takeAll(readLargeSensorList(Buffer.from(text)));
    assert.deepEqual(result, JSON.parse(text));
    assert.ok(count >= 3000);
  });

  it("rests within a sensor of many metrics too (fault 53)", () => {
    const text = JSON.stringify([sensor(0, 20_000)]);
    const { result, count } = takeAll(readLargeSensorList(Buffer.from(text)));
    assert.deepEqual(result, JSON.parse(text));
    assert.ok(count >= 20_000);
  });

  it("ends where sensors or metrics are so many that they would need far more memory than their text (fault 73)", () => {
    const metrics = `[${'{"metricId":"a"},'.repeat(3000)}{"metricId":"b"}]`;
    const short = '{"sensorId":"s","name":"n"}';
    for (const entry of [short, `{"sensorId":"s","name":"n","metrics":${metrics}}`]) {
      const text = `[${new Array(entry === short ? 260_000 : 90).fill(entry).join()}]`;
      assert.throws(() => takeAll(readLargeSensorList(Buffer.from(text))), /describe/);
    }
  });

  for (const [what, text] of [
    ["an object", '{"a":1}'],
    ["a list of something else", '[{"sensorId":"s","name":"n"},{"sensorId":1}]'],
    ["cut off", '[{"sensorId":"s","name":"n"}'],
    ["empty", ""],
  ] as const) {
    it(`is a BadReply when it is ${what}`, () => {
      const isBadReply = (error: IotError) => error.name === "BadReply";
      assert.throws(() => takeAll(readLargeSensorList(Buffer.from(text))), isBadReply);
      assert.throws(() => readSensorList(text), isBadReply);
    });
  }
});

function parsedList(text: string): unknown {
  const value = parseJson(text);
  if (!Array.isArray(value)) throw new SyntaxError("not an array");
  return value;
}

function outcome(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return (error as Error).name;
  }
}
