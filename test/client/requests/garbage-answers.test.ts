/** Answers that are garbage (fault 22): each request that gets one ends once, as what it is, and the next is answered. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { Correlator } from "../../../src/client/requests/correlator";
import { ROUTES, type RequestName } from "../../../src/client/requests/routes";
import type { IotError } from "../../../src/protocol/errors";
import { OPERATIONS } from "../../../src/protocol/operations";
import { FakeClock } from "../../support/agent/fake-clock";
import { isProbe } from "../../support/agent/probe";

const T = 1000;
const MEGABYTE = 1024 * 1024;

/** Operations whose answer is more than a text, with an answer that is right. */
const ASKED: Readonly<Partial<Record<RequestName, readonly [parameters: object, answer: object]>>> = {
  ping: [{ request: "x" }, { answer: "x" }],
  createSensor: [{ name: "oven" }, { name: "oven", sensorId: "0123" }],
  listSensors: [{}, [{ name: "oven", sensorId: "0123", metrics: [{ metricId: "m", link: "l" }] }]],
  createMetrics: [
    { sensorId: "s", metrics: [{ matchingId: "1", name: "temp", valueUnit: "SI.Temperature.CELSIUS" }] },
    [{ matchingId: "1", metricId: "0123" }],
  ],
  describeMetric: [
    { sensorId: "s", metricId: "m" },
    { metricId: "m", name: "temp", value: 1, lastUpdated: 1 },
  ],
};
const NAMES = Object.keys(ASKED) as RequestName[];
const askedFor = (name: RequestName) => ASKED[name] ?? [{}, {}];
const right = (name: RequestName) => Buffer.from(JSON.stringify(askedFor(name)[1]));

/** Nothing of these can be read as an answer. */
const unreadable = fc.constantFrom(...NAMES).chain((name) =>
  fc.tuple(
    fc.constant(name),
    fc.oneof(
      // Not UTF-8, from its first byte on.
      fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.concat([Buffer.from([0xff]), bytes])),
      fc.nat(right(name).length - 1).map((length) => right(name).subarray(0, length)),
      fc.constant(Buffer.alloc(MEGABYTE, " ")),
      // A list may be as long as that.
      fc.constant(
        Buffer.concat([
          right(name),
          Buffer.alloc(MEGABYTE, " "),
          Buffer.from(name === "listSensors" ? "]" : ""),
        ]),
      ),
      fc.integer({ min: 1000, max: 100_000 }).map((depth) => Buffer.from("[".repeat(depth))),
      fc
        .integer({ min: 1000, max: 30_000 })
        .map((depth) => Buffer.from("[".repeat(depth) + "]".repeat(depth))),
      fc
        .constantFrom("null", "true", "5", '"text"', "NaN", "undefined", "<html>")
        .map((text) => Buffer.from(text)),
      fc.constantFrom("__proto__", "constructor", "prototype").map((key) => {
        const inner = JSON.stringify({ polluted: true, answer: "x", name: "oven" });
        return Buffer.from(`{"${key}":${inner}}`);
      }),
    ),
  ),
);

/** JSON of the answer's form, in which anything may be anything. */
const wrongTypes = fc.constantFrom(...NAMES).chain((name) => {
  const twisted = (value: unknown): fc.Arbitrary<unknown> =>
    fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      typeof value !== "object" || value === null
        ? fc.constant(value)
        : Array.isArray(value)
          ? fc.tuple(...value.map(twisted))
          : fc.record(Object.fromEntries(Object.entries(value).map(([key, part]) => [key, twisted(part)]))),
    );
  return fc.tuple(
    fc.constant(name),
    twisted(askedFor(name)[1]).map((value) => Buffer.from(JSON.stringify(value) ?? "")),
  );
});

/** Asks, lets the garbage come as the answer or as the error, and gives how it ended; then asks again. */
async function ending(name: RequestName, garbage: Buffer, as: "answers" | "errors"): Promise<string[]> {
  const clock = new FakeClock();
  const queue = { count: 10, bytes: 1e6, age: 0, whenFull: "reject" as const };
  const correlator = new Correlator({ inFlight: 8, requestTimeout: T, queue }, clock);
  // What is asked for is answered below.
  correlator.open("c", (topic, payload) => {
    if (!isProbe(payload)) return;
    correlator.receive(`${topic}/info/inbox`, Buffer.from(payload.replace("request", "answer")));
  });
  clock.settle();
  const ended: string[] = [];
  const ask = () =>
    correlator.submit(name, askedFor(name)[0] as never).then(
      () => ended.push("ok"),
      (error: IotError) => ended.push(error.name),
    );
  const topic = (kind: "answers" | "errors") =>
    (OPERATIONS[name][kind][0] ?? "")
      .replace(":version", "v1.0")
      .replace(":clientId", "c")
      .replace(":sensorId", "s")
      .replace(":metricId", "m");
  const first = ask();
  clock.settle();
  correlator.receive(topic(as), garbage);
  clock.advance(T);
  await first;
  clock.advance(20 * T);
  const second = ask();
  clock.settle();
  correlator.receive(topic("answers"), right(name));
  clock.advance(T);
  await second;
  correlator.stop();
  assert.equal(clock.pending, 0);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  return ended;
}

describe("An answer that is garbage", function () {
  it("is known to all operations whose answer is more than a text", () => {
    const texts = Object.keys(ROUTES).filter((name) => {
      try {
        return OPERATIONS[name as RequestName].read("garbage") === "garbage";
      } catch {
        return false;
      }
    });
    assert.deepEqual([...texts, ...NAMES].sort(), Object.keys(ROUTES).sort());
  });

  it("ends its request as BadReply, a thousand times, and the next is answered (fault 22)", async () => {
    await fc.assert(
      fc.asyncProperty(unreadable, async ([name, garbage]) => {
        assert.deepEqual(await ending(name, garbage, "answers"), ["BadReply", "ok"]);
      }),
      { numRuns: 1000 },
    );
  });

  it("ends its request once where a part of it has the wrong type, and the next is answered (fault 22)", async () => {
    await fc.assert(
      fc.asyncProperty(wrongTypes, async ([name, garbage]) => {
        const [first, ...rest] = await ending(name, garbage, "answers");
        // What can be read and repeats the request is its answer; what repeats another is nobody's.
        assert.ok(["ok", "BadReply", "ReplyTimeout"].includes(first ?? ""), first);
        assert.deepEqual(rest, ["ok"]);
      }),
      { numRuns: 1000 },
    );
  });

  it("as an error is an error all the same, and never a success (fault 22)", async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(unreadable, wrongTypes), async ([name, garbage]) => {
        const [first, ...rest] = await ending(name, garbage, "errors");
        assert.notEqual(first, "ok");
        assert.deepEqual(rest, ["ok"]);
      }),
      { numRuns: 500 },
    );
  });
});
