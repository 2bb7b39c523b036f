/** The main job: register, ping, push, see live data — in Node-RED, with the simulator. */
import assert from "node:assert/strict";
import { agentNode, palette } from "../support/flows";
import { useNodeRed } from "../support/node-red";
import { useSimulator } from "../support/simulator";

describe("A flow with an agent", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  it("registers, pings, pushes and receives its own live data", async () => {
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12" }),
      ...palette("register"),
      ...palette("ping"),
      ...palette("push", { sensor: "weather" }),
      ...palette("livedata", { sensor: "weather" }),
      ...palette("livedata", { output: "metric" }, "series"),
    ]);
    await nodeRed.badge("ping", "status.notRegistered");

    const registered = await nodeRed.ask("register", { topic: "kept" }, "register.out", "register.error");
    assert.equal(registered.from, "register.out");
    const identity = registered.message.payload as Record<string, string>;
    assert.match(identity.clientId ?? "", /^[0-9a-f]{32}$/);
    assert.equal(identity.name, "press-12");
    assert.equal(registered.message.clientId, identity.clientId);
    assert.equal(registered.message.topic, "kept");
    assert.ok(Date.parse(identity.validTo ?? "") > Date.parse(identity.validFrom ?? ""));

    const pinged = await nodeRed.ask("ping", { payload: "hello" }, "ping.out", "ping.error");
    assert.deepEqual([pinged.from, pinged.message.payload], ["ping.out", "hello"]);

    // The connection for live data may need a moment more: what is pushed before is not repeated.
    let time = 1_590_394_246_545;
    while (nodeRed.messages("livedata.out").length === 0 || nodeRed.messages("series.out").length < 2) {
      const pushed = await nodeRed.ask(
        "push",
        { payload: { temp: 21.5, humidity: 40 }, timestamp: new Date(time++) },
        "push.out",
        "push.error",
      );
      assert.deepEqual([pushed.from, pushed.message.payload], ["push.out", "Sensor was updated."]);
      assert.equal(pushed.message.sensorId, "weather");
      assert.deepEqual(pushed.message.metricIds, ["temp", "humidity"]);
    }

    const { timestamp, _msgid, ...live } = nodeRed.messages("livedata.out")[0]!;
    assert.ok(typeof timestamp === "number" && timestamp >= 1_590_394_246_545 && timestamp < time);
    assert.equal(typeof _msgid, "string");
    assert.deepEqual(live, {
      payload: { temp: 21.5, humidity: 40 },
      topic: "weather",
      sensorId: "weather",
      metricIds: ["temp", "humidity"],
    });
    const [temp, humidity] = nodeRed.messages("series.out");
    assert.deepEqual([temp?.payload, temp?.topic, temp?.metricId], [21.5, "weather/temp", "temp"]);
    assert.deepEqual(
      [humidity?.payload, humidity?.topic, humidity?.sensorId],
      [40, "weather/humidity", "weather"],
    );
  });

  it("keeps its identity over a restart", async () => {
    const flow = [agentNode(simulator.current, { clientName: "press-12" }), ...palette("ping")];
    await nodeRed.load(flow);
    const { from } = await nodeRed.ask("ping", { payload: "again" }, "ping.out", "ping.error");
    assert.equal(from, "ping.out");
    assert.equal(simulator.current.counts.clients, 1);
  });

  it("does not register over an identity that exists, unless it is asked to", async () => {
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12", autoRegister: true }),
      ...palette("register"),
    ]);
    await nodeRed.badge("register", "status.connected");
    const refused = await nodeRed.ask("register", {}, "register.out", "register.error");
    assert.equal(refused.message.error?.name, "AlreadyRegistered");
    assert.equal(simulator.current.counts.clients, 1);

    const replaced = await nodeRed.ask("register", { replace: true }, "register.out", "register.error");
    assert.equal(replaced.from, "register.out");
    assert.equal(simulator.current.counts.clients, 2);
    await nodeRed.badge("register", "status.connected");
  });

  it("registers by itself when there is no identity and the agent node says so", async () => {
    const id = "another agent";
    await nodeRed.load([
      { ...agentNode(simulator.current, { clientName: "press-13", autoRegister: true }), id },
      ...palette("ping", { agent: id }),
    ]);
    await nodeRed.badge("ping", "status.connected");
    const { from } = await nodeRed.ask("ping", {}, "ping.out", "ping.error");
    assert.equal(from, "ping.out");
  });
});
