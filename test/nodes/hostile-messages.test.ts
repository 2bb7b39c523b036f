/** Fault 41: whatever a message is made of, it ends once, and Node-RED goes on. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { NodeMessage } from "node-red";
import { agentNode, palette } from "../support/flows";
import { useNodeRed } from "../support/node-red";
import { useSimulator } from "../support/simulator";

const NODES: readonly (readonly [kind: string, operations: readonly string[]])[] = [
  ["ping", [""]],
  ["register", [""]],
  ["push", ["confirm", "store"]],
  ["client", ["update", "delete"]],
  ["sensor", ["create", "update", "delete", "ensure"]],
  ["metric", ["create", "describe", "update", "delete", "ensure"]],
  ["simulator", [""]],
];

const cyclic: Record<string, unknown> = {};
cyclic.self = cyclic;
const throwing = {
  get temp(): never {
    throw new Error("a getter that throws");
  },
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();
const HOSTILE: readonly unknown[] = [
  cyclic,
  10n,
  NaN,
  Infinity,
  Symbol("symbol"),
  Buffer.from("buffer"),
  new Map([["temp", 1]]),
  new Date(NaN),
  throwing,
  [throwing],
  { metrics: [throwing] },
  { name: throwing },
  revoked.proxy,
  new Proxy({}, { ownKeys: () => ["a"], get: () => revoked.proxy }),
  () => 1,
  null,
  undefined,
  [],
  {},
  [[]],
  "x".repeat(300_000),
  "x".repeat(5 * 1024 * 1024),
  Object.fromEntries(Array.from({ length: 10_000 }, (_, count) => [`metric ${count}`, count])),
  "\u0000",
  "\ud800",
  JSON.parse('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}'),
];

describe("A hostile message", function () {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();
  const cases = NODES.flatMap(([kind, operations]) =>
    operations.map((operation) => [kind, operation, `n-${kind}-${operation}`] as const),
  );

  beforeEach(async () => {
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12", autoRegister: true, requestTimeout: "5" }),
      ...cases.flatMap(([kind, operation, id]) =>
        palette(
          kind,
          { operation, delivery: operation, port: "0", registrationPort: "0", host: "localhost" },
          id,
        ),
      ),
    ]);
    await nodeRed.badge("n-ping-", "status.connected");
  });

  /** Sends one message straight into a node, and gives how it ended when it has. */
  function ending(id: string, message: NodeMessage): Promise<{ outputs: number[]; dones: unknown[] }> {
    const node = nodeRed.node(id) as unknown as {
      _inputCallback(
        message: NodeMessage,
        send: (messages: unknown[]) => void,
        done: (error?: unknown) => void,
      ): void;
    };
    const outputs: number[] = [];
    const dones: unknown[] = [];
    return new Promise((resolve) => {
      node._inputCallback(
        message,
        (messages) => outputs.push(messages.findIndex((sent) => sent !== null && sent !== undefined)),
        (error) => {
          dones.push(error);
          // A second end would come within the same turn.
          setImmediate(() => resolve({ outputs, dones }));
        },
      );
    });
  }

  function assertEndedOnce({ outputs, dones }: { outputs: number[]; dones: unknown[] }): void {
    assert.equal(dones.length, 1, "one done");
    assert.ok(outputs.length <= 1, "one output");
    assert.equal(outputs.length === 1, dones[0] === undefined, "either an output or an error");
  }

  for (const [kind, operation, id] of cases) {
    it(`ends once in ${kind} ${operation} (fault 41)`, async () => {
      for (const value of HOSTILE) {
        for (const message of [
          { payload: value },
          {
            payload: value,
            sensorId: value,
            metricId: value,
            metricIds: value,
            timestamp: value,
            confirm: value,
          },
          { payload: 1, sensorId: "oven", metricId: value, action: value, replace: value },
          { payload: { metrics: [{ metricId: "a", value }] }, sensorId: "oven", metricId: "a" },
        ]) {
          assertEndedOnce(await ending(id, message));
        }
      }
      await fc.assert(
        fc.asyncProperty(
          fc.record(
            {
              payload: anything(),
              sensorId: anything(),
              metricId: anything(),
              metricIds: anything(),
              timestamp: anything(),
            },
            { requiredKeys: [] },
          ),
          async (message) => assertEndedOnce(await ending(id, message as NodeMessage)),
        ),
        { numRuns: 100 },
      );
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    });
  }

  it("may itself be frozen, a Proxy, or refuse what is written to it", async () => {
    const messages: readonly object[] = [
      Object.freeze({ payload: "frozen", _msgid: "1" }),
      revoked.proxy,
      new Proxy({ payload: "x" }, { set: () => false }),
      Object.create(null) as object,
      throwing,
      {
        get payload(): never {
          throw new Error("a getter that throws");
        },
      },
    ];
    for (const [, , id] of cases) {
      for (const message of messages) assertEndedOnce(await ending(id, message as NodeMessage));
    }
  });

  it("is not changed, except for the properties that the node documents", async () => {
    const value = { name: "x", temp: NaN, nested: { list: [1, 2] } };
    const message = { payload: value, topic: "t", req: { url: "/" }, sensorId: "oven" };
    const before = structuredClone(value);
    const { outputs } = await ending("n-push-confirm", message);
    assert.deepEqual(outputs, [1]);
    assert.equal(message.payload, value);
    assert.deepEqual(value, before);
    assert.deepEqual(Object.keys(message), ["payload", "topic", "req", "sensorId", "error"]);
    assert.match(String((message as unknown as { error: { message: string } }).error.message), /temp/);
  });
});

function anything(): fc.Arbitrary<unknown> {
  return fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withNullPrototype: true,
    withObjectString: true,
    withTypedArray: true,
    withSparseArray: true,
  });
}
