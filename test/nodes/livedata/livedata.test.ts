import assert from "node:assert/strict";
import { Gathering } from "../../../nodes/livedata/gathering";
import { perMetric, perPush } from "../../../nodes/livedata/livedata";
import type { Message } from "../../../nodes/shared/node-red";
import { FakeClock } from "../../support/agent/fake-clock";
import { agentNode, palette, uncaught } from "../../support/flows";
import { useNodeRed } from "../../support/node-red";

describe("A live data node", () => {
  const nodeRed = useNodeRed();
  const nowhere = { port: 1, registrationPort: 1, ca: "missing.crt" };
  const data = {
    sensorId: "oven",
    timestamp: 5,
    metrics: [
      { metricId: "temp", value: 21.5 },
      { metricId: "on", value: true },
    ],
  };

  it("makes one message of a push", () => {
    assert.deepEqual(perPush(data), {
      payload: { temp: 21.5, on: true },
      topic: "oven",
      sensorId: "oven",
      metricIds: ["temp", "on"],
      timestamp: 5,
    });
  });

  it("has a metric like any other in one that is called __proto__", () => {
    const { payload } = perPush({ sensorId: "oven", metrics: [{ metricId: "__proto__", value: 5 }] });
    assert.deepEqual(Object.entries(payload as object), [["__proto__", 5]]);
  });

  it("makes one message of a metric", () => {
    assert.deepEqual(perMetric(data), [
      { payload: 21.5, topic: "oven/temp", sensorId: "oven", metricId: "temp", timestamp: 5 },
      { payload: true, topic: "oven/on", sensorId: "oven", metricId: "on", timestamp: 5 },
    ]);
  });

  it("makes up no timestamp", () => {
    assert.equal("timestamp" in perPush({ sensorId: "oven", metrics: [] }), false);
  });

  it("makes one array of all that comes at once, a row for each value", () => {
    const clock = new FakeClock();
    const sent: Message[] = [];
    const gathering = new Gathering(clock, (message) => sent.push(message));
    gathering.add(data);
    gathering.add({ sensorId: "door", metrics: [{ metricId: "open", value: false }] });
    assert.deepEqual(sent, []);
    clock.advance(0);
    const rows = [
      { sensorId: "oven", metricId: "temp", value: 21.5, timestamp: 5 },
      { sensorId: "oven", metricId: "on", value: true, timestamp: 5 },
      { sensorId: "door", metricId: "open", value: false },
    ];
    assert.deepEqual(sent, [{ payload: rows }]);
    gathering.add({ sensorId: "door", metrics: [{ metricId: "open", value: true }] });
    clock.advance(0);
    assert.deepEqual(sent[1], { payload: [{ sensorId: "door", metricId: "open", value: true }] });
    gathering.add(data);
    gathering.close();
    clock.advance(0);
    assert.equal(sent.length, 2);
  });

  it("tells of a sensor that cannot be, on output 2 and in its badge", async () => {
    await nodeRed.load([agentNode(nowhere), ...palette("livedata", { sensor: "a/b" })]);
    const message = await nodeRed.until(() => nodeRed.messages("livedata.error")[0]);
    assert.equal(message.error?.name, "InvalidInput");
    await nodeRed.badge("livedata", "InvalidInput");
  });

  it("tells the Catch nodes of a variable that is not set", async () => {
    await nodeRed.load([
      agentNode(nowhere),
      ...uncaught("livedata", { sensor: "TVIOT_NOT_SET", sensorType: "env" }),
      { id: "catch node", z: "flow", type: "catch", scope: ["livedata"], wires: [["caught"]] },
      { id: "caught", z: "flow", type: "helper" },
    ]);
    const message = await nodeRed.until(() =>
      nodeRed.messages("caught").find(({ error }) => (error?.source as { id: string }).id === "livedata"),
    );
    assert.match(String(message.error?.message), /TVIOT_NOT_SET/);
  });
});
