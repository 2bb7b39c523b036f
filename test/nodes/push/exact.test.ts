/** What is pushed is what the agent gets: all digits, and the time that was chosen, or none. */
import assert from "node:assert/strict";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed } from "../../support/node-red";
import { useSimulator } from "../../support/simulator";

describe("What a push node sends", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();
  const BIG = "9007199254740993";
  const requests: string[] = [];

  before(() =>
    simulator.current.on("request", ({ operation, payload }) => {
      if (operation === "pushValues") requests.push(String(payload));
    }),
  );

  async function load(properties: Record<string, unknown>): Promise<void> {
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12", autoRegister: true }),
      ...palette("push", { sensor: "exact", ...properties }),
      ...palette("push", { sensor: "exact", delivery: "store", ...properties }, "storing"),
    ]);
    await nodeRed.badge("push", "status.connected");
    requests.length = 0;
  }
  const request = (): Promise<string> => nodeRed.until(() => requests.shift());

  for (const node of ["push", "storing"]) {
    it(`has all digits of a number, ${node === "push" ? "confirmed" : "stored"} (fault 71)`, async () => {
      await load({});
      for (const payload of [
        `{"n": ${BIG}}`,
        { n: BigInt(BIG) },
        `{"metrics":[{"metricId":"n","value":${BIG}}]}`,
      ]) {
        nodeRed.send(node, { payload });
        assert.match(await request(), new RegExp(`^{"metrics":\\[{"value":${BIG},"metricId":"n"}\\]`));
      }
    });
  }

  it("has no time where none was chosen, also where the values have one", async () => {
    await load({ timestampType: "none" });
    for (const payload of [
      { t: 1 },
      { metrics: [{ metricId: "t", value: 2 }], timestamp: 1_590_394_246_545 },
    ]) {
      const { from } = await nodeRed.ask("push", { payload }, "push.out", "push.error");
      assert.equal(from, "push.out");
      assert.doesNotMatch(await request(), /timestamp/);
    }
    const { message } = await nodeRed.ask("storing", { payload: { t: 1 } }, "storing.out", "storing.error");
    assert.match(String(message.error?.message), /^(?:.* is set to none|.*noTime)/);
  });

  it("has any time where the node says that it is meant (fault 72)", async () => {
    await load({ anyTime: true });
    nodeRed.send("push", { payload: { t: 1 }, timestamp: 1_590_394_246 });
    assert.match(await request(), /"timestamp":1590394246}/);
  });

  it("is refused where the time is outside of 1990 to 2100 (fault 72)", async () => {
    await load({});
    const refused = await nodeRed.ask(
      "push",
      { payload: { t: 1 }, timestamp: 1_590_394_246 },
      "push.out",
      "push.error",
    );
    assert.equal(refused.message.error?.name, "InvalidInput");
  });
});
