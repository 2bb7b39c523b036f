/** Messages that cannot be changed (fault 69) or cloned (fault 70) are told of in a running Node-RED: once, and always. */
import assert from "node:assert/strict";
import type { Message } from "../support/node-red";
import { agentNode, palette, uncaught } from "../support/flows";
import { useNodeRed } from "../support/node-red";
import { useSimulator } from "../support/simulator";

const KINDS = ["ping", "register", "push", "client", "sensor", "metric"] as const;

function nested(levels: number): object {
  let value: object = {};
  for (let level = 0; level < levels; level++) value = { value };
  return value;
}
const failing = (): never => {
  throw new Error("a getter that throws");
};
const revoked = Proxy.revocable({}, {});
revoked.revoke();

class WithGetter {
  payload = "x";
  get error(): string {
    return "mine";
  }
}

const HOSTILE: readonly (readonly [title: string, make: () => object])[] = [
  [
    "whose error is a getter",
    () => Object.defineProperty({ payload: "x" }, "error", { get: () => 1, enumerable: true }),
  ],
  [
    "whose error is a getter that throws",
    () => Object.defineProperty({ payload: "x" }, "error", { get: failing, enumerable: true }),
  ],
  [
    "whose error is a setter that swallows",
    () => ({
      payload: "x",
      get error() {
        return 1;
      },
      set error(_: unknown) {},
    }),
  ],
  ["of a class that has an error", () => new WithGetter()],
  [
    "with a getter that throws",
    () => Object.defineProperty({ payload: "x" }, "topic", { get: failing, enumerable: true }),
  ],
  [
    "with a getter that throws inside",
    () => ({ payload: { x: Object.defineProperty({}, "y", { get: failing, enumerable: true }) } }),
  ],
  ["of 20,000 levels", () => ({ payload: nested(20_000) })],
  ["with a revoked Proxy in it", () => ({ payload: "x", more: revoked.proxy })],
  [
    "that is a Proxy which refuses to be read",
    () => new Proxy({}, { get: (_, name) => (name === "_msgid" ? "1" : failing()) }),
  ],
  [
    "that is a Proxy which refuses to be looked through",
    () => new Proxy({ payload: "x" }, { ownKeys: failing }),
  ],
  ["that is frozen", () => Object.freeze({ payload: "x" })],
  ["without a prototype", () => Object.assign(Object.create(null) as object, { payload: "x" })],
];

describe("A message that can hardly be told of", () => {
  const nodeRed = useNodeRed();
  const nowhere = { port: 1, registrationPort: 1, ca: "missing.crt" };
  const CATCH = [
    { id: "catch node", z: "flow", type: "catch", scope: null, wires: [["caught"]] },
    { id: "caught", z: "flow", type: "helper" },
  ];
  const input = (kind: string, message: object): void => void nodeRed.node(kind).emit("input", message);
  const ours = (id: string): Message[] =>
    nodeRed.messages(id).filter(({ error }) => (error?.source as { id?: string })?.id !== "agent");

  it("is heard of by a Catch node, once, whatever it is and whichever node it came to (faults 69, 70)", async () => {
    await nodeRed.load([agentNode(nowhere), ...KINDS.flatMap((kind) => uncaught(kind)), ...CATCH]);
    for (const [title, make] of HOSTILE) {
      for (const kind of KINDS) {
        const before = ours("caught").length;
        input(kind, make());
        await nodeRed.until(() => ours("caught")[before]);
        await new Promise(setImmediate);
        assert.equal(ours("caught").length, before + 1, `${kind}: a message ${title}`);
        assert.equal(typeof ours("caught")[before]?.error?.message, "string");
      }
    }
  });

  for (const wires of [["push.error"], ["push.error", "second"]]) {
    it(`comes out of output 2 to ${wires.length}, once each, with its error (faults 69, 70)`, async () => {
      const [push, ...helpers] = palette("push");
      await nodeRed.load([
        agentNode(nowhere),
        { ...push!, wires: [["push.out"], wires] },
        ...helpers,
        { id: "second", z: "flow", type: "helper" },
        ...CATCH,
      ]);
      for (const [title, make] of HOSTILE) {
        const counts = (): number[] => ["push.error", "second"].map((id) => nodeRed.messages(id).length);
        const [first = 0, second = 0] = counts();
        input("push", make());
        await nodeRed.until(
          () => (counts()[0]! > first && counts()[1]! >= second + wires.length - 1) || undefined,
        );
        await new Promise(setImmediate);
        assert.deepEqual(counts(), [first + 1, second + wires.length - 1], `a message ${title}`);
        assert.equal(nodeRed.messages("push.error")[first]?.error?.source, "client", title);
      }
      assert.equal(ours("caught").length, 0);
    });
  }

  it("takes with it what of it can be told", async () => {
    await nodeRed.load([agentNode(nowhere), ...uncaught("push"), ...CATCH]);
    const res = { end: "the response" };
    input("push", { payload: nested(20_000), topic: "t", res, req: res });
    const caught = await nodeRed.until(() => ours("caught")[0]);
    assert.deepEqual([caught.topic, caught.res, caught.req], ["t", res, res]);
  });
});

describe("An answer to a message that can hardly be told of", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  it("comes out of output 1, as an answer: what the agent did is not told as a failure (faults 69, 70)", async () => {
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12", autoRegister: true }),
      ...palette("ping", { request: "hello", requestType: "str" }),
    ]);
    // What cannot be read at all is refused before anything is asked.
    for (const [title, make] of HOSTILE.filter(([title]) => !title.includes("refuses to be read"))) {
      const before = nodeRed.messages("ping.out").length;
      nodeRed.node("ping").emit("input", make());
      const answer = await nodeRed.until(
        () => nodeRed.messages("ping.out")[before] ?? nodeRed.messages("ping.error")[0],
      );
      assert.equal(answer.payload, "hello", title);
    }
  });
});
