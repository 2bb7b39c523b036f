/** The function nodes of the demo: registers, history, alarms. */
import assert from "node:assert/strict";
import { compileFunction } from "node:vm";
import { demoFlow } from "../../scripts/shared/demo.mjs";

type Point = [time: number, value: unknown];
interface Machine {
  name: string;
  metrics: Record<string, Point[]>;
}
interface Message {
  payload?: unknown;
  [name: string]: unknown;
}

const sources = demoFlow("en-US").flatMap(({ func }) => (typeof func === "string" ? [func] : []));

/** A function node with its context, and that of its flow; `words` say which one. */
function functionNode(words: string, names: object = {}) {
  const source = sources.find((text) => text.includes(words)) ?? assert.fail(words);
  const run = compileFunction(source, ["msg", "context", "flow"]) as (...args: unknown[]) => unknown;
  const [context, flow] = [new Map<string, unknown>(), new Map<string, unknown>([["names", names]])];
  return { flow, run: (msg: Message) => run(msg, context, flow) };
}

describe("the demo's registers", () => {
  it("are twelve whole numbers a second, of which one is none when a wire breaks", () => {
    const { run } = functionNode("twelve registers");
    const read = () => (run({ topic: "" }) as { payload: unknown[] }).payload;
    const first = read();
    assert.equal(first.length, 12);
    assert.ok(first.every(Number.isInteger));
    assert.equal(run({ topic: "break" }), null);
    assert.equal(read().filter(Number.isInteger).length, 11);
    assert.ok(read().every(Number.isInteger));
  });

  it("overheat the press until it is too hot, and cool down", () => {
    const { run } = functionNode("twelve registers");
    const degrees = Array.from({ length: 180 }, () => {
      const { payload } = run({ topic: "" }) as { payload: number[] };
      return payload[0]! / 10 - 40;
    });
    assert.ok(Math.max(...degrees.slice(0, 30)) > 80);
    assert.ok(Math.max(...degrees.slice(60, 180)) < 75);
  });
});

describe("the demo's history", () => {
  const names = { a1: { name: "Press", metrics: { t: "temperature" } } };
  const now = Date.now();
  const value = (seconds: number, t: number) => ({
    sensorId: "a1",
    timestamp: now + 1000 * seconds,
    payload: { t },
  });
  const shown = (run: (msg: Message) => unknown) => {
    const [temperature, , machines] = run({ topic: "" }) as { payload: unknown }[];
    return { points: temperature!.payload as { x: number; y: number }[], machines: machines!.payload };
  };

  it("is in the order of the timestamps, whatever comes first", () => {
    const { run } = functionNode("order of its timestamps", names);
    for (const [seconds, t] of [
      [0, 60],
      [9, 69],
      [3, 63],
      [6, 66],
    ] as const)
      run(value(seconds, t));
    const { points, machines } = shown(run);
    assert.deepEqual(points.map(({ y }) => y).slice(0, 4), [60, 63, 66, 69]);
    assert.deepEqual((machines as Machine[])[0]?.metrics["temperature"]?.at(-1), [now + 9000, 69]);
  });

  it("counts a push once, and tells how often one came again", () => {
    const { run, flow } = functionNode("order of its timestamps", names);
    for (const seconds of [0, 1, 1]) run(value(seconds, 60));
    assert.deepEqual(flow.get("arrived"), { arrived: 2, repeated: 1 });
    assert.equal(shown(run).points.length, 3);
  });

  it("forgets what is old but the last value, and asks for names that it does not know", () => {
    const { run } = functionNode("order of its timestamps", {});
    assert.deepEqual(run(value(-900, 50)), [null, null, null, { payload: "" }]);
    assert.equal(run(value(-800, 51)), null);
    assert.equal(run({ topic: "" }), null);
  });
});

describe("the demo's alarms", () => {
  const { run } = functionNode("An alarm begins");
  const alarmsOf = (values: number[]) => {
    const temperature = values.map((degrees, index): Point => [index, degrees]);
    return (run({ payload: [{ name: "Press", metrics: { temperature } }] }) as Message).payload;
  };

  it("begin above the upper limit and end below the lower one", () => {
    assert.deepEqual(alarmsOf([79, 81, 90, 76, 79, 74, 70]), [
      { name: "Press", from: 1, highest: 90, to: 5 },
    ]);
  });

  it("are the newest first, and have no end while they last", () => {
    assert.deepEqual(alarmsOf([85, 70, 84]), [
      { name: "Press", from: 2, highest: 84 },
      { name: "Press", from: 0, highest: 85, to: 1 },
    ]);
  });
});
