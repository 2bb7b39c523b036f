/** Fault 40: whatever is deployed, edited or removed, there is one connection afterwards and every message has ended. */
import assert from "node:assert/strict";
import { agentNode, palette, uncaught } from "../support/flows";
import { useNodeRed, type Deploy, type Flow } from "../support/node-red";
import { useSimulator } from "../support/simulator";

describe("A deploy", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  const flow = (properties: Record<string, unknown> = {}, ping: Record<string, unknown> = {}): Flow => [
    agentNode(simulator.current, {
      clientName: "press-12",
      autoRegister: true,
      requestTimeout: "9",
      ...properties,
    }),
    ...palette("ping", ping),
    ...palette("push", { sensor: "oven" }),
  ];
  const ended = (name: string): number =>
    nodeRed.messages(`${name}.out`).length + nodeRed.messages(`${name}.error`).length;

  afterEach(() => simulator.current.setFaults({ delay: 0, lose: 0 }));

  for (const type of ["full", "flows", "nodes"] as const satisfies readonly Deploy[]) {
    it(`of kind ${type} tells how each of 50 requests in flight ended, once, and connects again (fault 40)`, async () => {
      await nodeRed.load(flow());
      await nodeRed.badge("ping", "status.connected");
      for (let round = 0; round < 3; round++) {
        simulator.current.setFaults({ lose: 1 });
        const before = [ended("ping"), ended("push")];
        const endings: unknown[] = [];
        for (let index = 0; index < 25; index++) {
          nodeRed.receive("ping", { payload: `ping ${index}` }, (error) => endings.push(error));
          nodeRed.receive("push", { payload: { temp: index } }, (error) => endings.push(error));
        }
        assert.deepEqual([ended("ping"), ended("push")], before);
        await nodeRed.deploy(flow({ requestTimeout: String(8 - round) }), type);
        simulator.current.setFaults({ lose: 0 });
        const told = await nodeRed.until(() => {
          const errors = [...nodeRed.messages("ping.error"), ...nodeRed.messages("push.error")];
          return errors.length >= 50 * (round + 1) ? errors : undefined;
        });
        assert.equal(endings.length, 50);
        assert.deepEqual([...new Set(told.map(({ error }) => error?.name))], ["Closed"]);
        await nodeRed.badge("ping", "status.connected");
        const { from } = await nodeRed.ask("ping", { payload: "after" }, "ping.out", "ping.error");
        assert.equal(from, "ping.out");
        assert.deepEqual([ended("ping"), ended("push")], [before[0]! + 26, before[1]! + 25]);
      }
    });

    it(`of kind ${type} hands a request in flight to the Catch nodes where nothing is wired to its errors`, async () => {
      const caught = (timeout: string): Flow => [
        flow({ requestTimeout: timeout })[0]!,
        ...uncaught("push", { sensor: "oven" }),
        { id: "catcher", z: "flow", type: "catch", wires: [["caught"]] },
        { id: "caught", z: "flow", type: "helper" },
      ];
      await nodeRed.load(caught("9"));
      await nodeRed.badge("push", "status.connected");
      simulator.current.setFaults({ lose: 1 });
      nodeRed.send("push", { payload: { temp: 1 }, mine: 1 });
      await nodeRed.deploy(caught("8"), type);
      const [message] = await nodeRed.until(() =>
        nodeRed.messages("caught").length > 0 ? nodeRed.messages("caught") : undefined,
      );
      const { mine, error } = message as { mine?: number } & (typeof message & object);
      assert.deepEqual([mine, error?.code], [1, "Closed"]);
      await nodeRed.badge("push", "status.connected");
      assert.equal(nodeRed.messages("caught").length, 1);
    });
  }

  it("sends nothing before the agent has got past what was sent before it: a late answer is nobody's then", async () => {
    await nodeRed.load(flow());
    await nodeRed.badge("push", "status.connected");
    const operations: (string | undefined)[] = [];
    simulator.current.on("request", ({ operation }) => operations.push(operation));
    simulator.current.setFaults({ delay: 1000 });
    nodeRed.send("push", { payload: { temp: 1 } });
    await nodeRed.until(() => operations.includes("pushValues") || undefined);
    operations.length = 0;
    await nodeRed.deploy(flow({ requestTimeout: "8" }), "full");
    const { from } = await nodeRed.ask("push", { payload: { temp: 2 }, second: true }, "push.out");
    assert.equal(from, "push.out");
    assert.deepEqual([...new Set(operations)], ["ping", "pushValues"]);
  });

  it("ends what a node was serving that it removes, too", async () => {
    await nodeRed.load(flow());
    await nodeRed.badge("push", "status.connected");
    simulator.current.setFaults({ lose: 1 });
    const endings: unknown[] = [];
    nodeRed.receive("push", { payload: { temp: 1 } }, (error) => endings.push(error));
    const rest = flow().filter(({ id }) => id !== "push");
    await nodeRed.deploy(rest, "nodes");
    const [error] = await nodeRed.until(() =>
      nodeRed.messages("push.error").length > 0 ? nodeRed.messages("push.error") : undefined,
    );
    assert.equal(error?.error?.name, "Closed");
    assert.equal(endings.length, 1);
  });

  it("is not meant by flows that are stopped and started anew: they begin afresh", async () => {
    await nodeRed.load(flow());
    await nodeRed.badge("push", "status.connected");
    simulator.current.setFaults({ lose: 1 });
    nodeRed.send("push", { payload: { temp: 1 } });
    await nodeRed.unload();
    simulator.current.setFaults({ lose: 0 });
    await nodeRed.load(flow());
    const { from } = await nodeRed.ask("push", { payload: { temp: 2 } }, "push.out", "push.error");
    assert.equal(from, "push.out");
    assert.equal(nodeRed.messages("push.error").length, 0);
  });

  it("that changes only a palette node keeps working, over and over", async () => {
    await nodeRed.load(flow());
    for (let round = 0; round < 10; round++) {
      await nodeRed.deploy(flow({}, { name: `round ${round}` }), "nodes");
      const { from } = await nodeRed.ask("ping", { payload: `round ${round}` }, "ping.out", "ping.error");
      assert.equal(from, "ping.out");
    }
  });

  it("that removes the last node of an agent ends its connection; one that brings it back makes it again", async () => {
    await nodeRed.load(flow());
    await nodeRed.badge("ping", "status.connected");
    const [agent] = flow();
    await nodeRed.deploy([agent!], "nodes");
    const { agent: shared } = nodeRed.node("agent") as unknown as {
      agent: { view(): { state: { name: string } } };
    };
    await nodeRed.until(() => shared.view().state.name === "idle" || undefined);
    await nodeRed.deploy(flow(), "nodes");
    const { from } = await nodeRed.ask("ping", { payload: "back" }, "ping.out", "ping.error");
    assert.equal(from, "ping.out");
  });

  it("leaves nothing of a connection that was being made", async () => {
    for (let round = 0; round < 5; round++) {
      await nodeRed.load(flow());
      await nodeRed.unload();
    }
    await nodeRed.load(flow());
    await nodeRed.badge("ping", "status.connected");
  });
});
