import assert from "node:assert/strict";
import type { Message } from "../../../nodes/shared/node-red";
import type { NodeAPI } from "node-red";
import { fieldReader } from "../../../nodes/shared/fields";
import { IotError } from "../../../src/protocol/errors";
import { useNodeRed } from "../../support/node-red";

describe("A typed field", () => {
  const nodeRed = useNodeRed();

  async function resolve(value: string, type: string, message: Message | undefined): Promise<unknown> {
    await nodeRed.load([{ id: "probe", z: "flow", type: "helper" }]);
    const RED = { util: nodeRed.util } as unknown as NodeAPI;
    return fieldReader(RED, nodeRed.node("probe"), { name: "sensor", value, type })(message);
  }

  before(() => {
    process.env.TVIOT_SET = "from the environment";
  });
  after(() => {
    delete process.env.TVIOT_SET;
  });

  const RESOLVED: readonly (readonly [
    title: string,
    value: string,
    type: string,
    message: Message | undefined,
    as: unknown,
  ])[] = [
    ["a fixed text", "oven", "str", {}, "oven"],
    ["a number", "5", "num", {}, 5],
    ["a number that is empty", "", "num", {}, undefined],
    ["a number that JavaScript would round (fault 71)", "9007199254740993", "num", {}, 9007199254740993n],
    ["JSON with such a number (fault 71)", '{"n":9007199254740993}', "json", {}, { n: 9007199254740993n }],
    ["a boolean", "true", "bool", {}, true],
    ["JSON", "[1]", "json", {}, [1]],
    ["a property of the message", "payload.sensor", "msg", { payload: { sensor: "oven" } }, "oven"],
    ["a property that the message lacks", "payload.a.b", "msg", { payload: 5 }, undefined],
    ["a property where there is no message", "payload", "msg", undefined, undefined],
    ["a JSONata expression", "payload & '-1'", "jsonata", { payload: "oven" }, "oven-1"],
    ["a variable of the environment", "TVIOT_SET", "env", {}, "from the environment"],
    ["context that is empty", "nothing", "flow", {}, undefined],
    ["an empty text", "", "str", {}, undefined],
  ];
  for (const [title, value, type, message, as] of RESOLVED) {
    it(`can be ${title}`, async () => assert.deepEqual(await resolve(value, type, message), as));
  }

  it("is there at once where Node-RED has nothing to work out, and in each message anew", async () => {
    await nodeRed.load([{ id: "probe", z: "flow", type: "helper" }]);
    const RED = { util: nodeRed.util } as unknown as NodeAPI;
    const read = (value: string, type: string): ReturnType<typeof fieldReader> =>
      fieldReader(RED, nodeRed.node("probe"), { name: "sensor", value, type });
    assert.deepEqual([read("oven", "str")({}), read("5", "num")({})], ["oven", 5]);
    for (const path of ["payload.sensor", "msg.payload.sensor"]) {
      const sensor = read(path, "msg");
      const messages = [{ payload: { sensor: "a" } }, { payload: { sensor: "b" } }, { payload: null }, {}];
      assert.deepEqual(messages.map(sensor), ["a", "b", undefined, undefined], path);
    }
    assert.equal(await read("payload['a b']", "msg")({ payload: { "a b": 1 } }), 1);
  });

  it("can be the time of now", async () => {
    const before = Date.now();
    const now = await resolve("", "date", {});
    assert.ok(typeof now === "number" && now >= before);
  });

  const throwing: Message = {
    payload: {
      get sensor(): never {
        throw new RangeError("no sensor today");
      },
    },
  };
  const FAILED: readonly (readonly [
    title: string,
    value: string,
    type: string,
    message: Message,
    reason: string,
    told: RegExp,
  ])[] = [
    ["a variable that is not set", "${TVIOT_UNSET}", "str", {}, "environment", /"TVIOT_UNSET"/],
    ["a variable that is not set, by its name", "TVIOT_UNSET", "env", {}, "environment", /"TVIOT_UNSET"/],
    ["a number that is none", "five", "num", {}, "type", /"five"/],
    ["JSON that is none", "{", "json", {}, "expression", /JSON/],
    ["JSONata that cannot be read", "payload[", "jsonata", {}, "expression", /expression/],
    [
      "JSONata without end",
      "($f := function() { $f() }; $f())",
      "jsonata",
      {},
      "slow",
      /took longer than 0\.4 s/,
    ],
    [
      "JSONata that takes too long",
      "$sum([1..1000].($x := $; $sum([1..1000].($x * $))))",
      "jsonata",
      {},
      "slow",
      /stopped/,
    ],
    [
      "JSONata without bottom",
      "($f := function($n) { 1 + $f($n + 1) }; $f(1))",
      "jsonata",
      {},
      "deep",
      /calls itself too often/,
    ],
    ["JSONata that fails", "$number('x')", "jsonata", {}, "expression", /number/],
    ["a getter that throws", "payload.sensor", "msg", throwing, "expression", /no sensor today/],
  ];
  for (const [title, value, type, message, reason, told] of FAILED) {
    it(`is named when it is ${title}`, async () => {
      await assert.rejects(
        resolve(value, type, message),
        (error) =>
          error instanceof IotError &&
          error.textKey === `InvalidInput.${reason}` &&
          error.details.field === "sensor" &&
          told.test(error.message) &&
          !/__/.test(error.message),
      );
    });
  }
});
