/** Sensors, metrics and the client itself, created, found, changed and deleted from the palette. */
import assert from "node:assert/strict";
import { agentNode, palette } from "../support/flows";
import { useNodeRed, type Message } from "../support/node-red";
import { useSimulator } from "../support/simulator";
import { TABLES } from "../support/tables";

describe("Sensor, metric and client nodes", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();

  beforeEach(async () => {
    const operations = (kind: string) => {
      const row = TABLES[kind]?.operation;
      const choices = row?.kind === "choice" ? row.choices : [];
      return choices.flatMap((operation) => palette(kind, { operation }, `${kind}-${operation}`));
    };
    await nodeRed.load([
      agentNode(simulator.current, { clientName: "press-12", autoRegister: true, requestTimeout: "3" }),
      ...["sensor", "metric", "client"].flatMap(operations),
      ...palette("push", { sensor: "sensorId", sensorType: "msg" }),
    ]);
    await nodeRed.badge("push", "status.connected");
  });

  async function ok(node: string, message: object): Promise<Message> {
    const { from, message: answer } = await nodeRed.ask(node, message, `${node}.out`, `${node}.error`);
    assert.equal(from, `${node}.out`, JSON.stringify(answer.error));
    return answer;
  }
  async function failure(node: string, message: object): Promise<Message> {
    const { from, message: answer } = await nodeRed.ask(node, message, `${node}.out`, `${node}.error`);
    assert.equal(from, `${node}.error`);
    return answer;
  }
  async function both(node: string, ...messages: object[]): Promise<void> {
    const before = nodeRed.messages(`${node}.out`).length;
    for (const message of messages) nodeRed.send(node, message);
    await nodeRed.until(() => nodeRed.messages(`${node}.out`).length === before + 2 || undefined);
  }

  it("create sensor, create metrics and push are three nodes in a row, with nothing between", async () => {
    const sensor = await ok("sensor-create", { payload: "Oven", topic: "kept" });
    const { sensorId } = sensor.payload as { sensorId: string };
    assert.equal(sensor.sensorId, sensorId);

    const metrics = await ok("metric-create", {
      ...sensor,
      payload: [
        { name: "Temperature", valueUnit: "SI.Temperature.CELSIUS" },
        { name: "Parts", valueType: "integer", valueAnnotation: "parts", matchingId: "mine" },
      ],
    });
    const created = metrics.payload as { matchingId: string; metricId: string; name: string }[];
    assert.deepEqual(
      created.map(({ name }) => name),
      ["Temperature", "Parts"],
    );
    assert.equal(created[1]?.matchingId, "mine");
    assert.deepEqual(
      metrics.metricIds,
      created.map(({ metricId }) => metricId),
    );
    assert.equal("metricId" in metrics, false);

    const values = created.map(({ metricId }, index) => ({ metricId, value: 20 + index }));
    const pushed = await ok("push", { ...metrics, payload: values });
    assert.equal(pushed.payload, "Sensor was updated.");
    assert.equal(pushed.topic, "kept");

    const described = await ok("metric-describe", { sensorId, metricId: created[0]?.metricId });
    assert.equal((described.payload as { value: number }).value, 20);
  });

  it("one metric is on the message by itself, and a value of its own is pushed to it", async () => {
    const sensor = await ok("sensor-create", { payload: { name: "Press" } });
    const metric = await ok("metric-create", {
      ...sensor,
      payload: { name: "Strokes", valueType: "integer", valueAnnotation: "strokes" },
    });
    assert.equal(metric.metricId, (metric.metricIds as string[])[0]);
    await ok("push", { ...metric, payload: 7 });
    const described = await ok("metric-describe", { ...metric, payload: undefined });
    assert.equal((described.payload as { value: number }).value, 7);
    assert.equal((described.payload as { valueAnnotation: string }).valueAnnotation, "strokes");
  });

  it("updates and deletes sensors and metrics, one or several", async () => {
    const { sensorId } = await ok("sensor-create", { payload: "Saw" });
    await ok("sensor-update", { sensorId, payload: "Band saw" });
    const { metricIds } = await ok("metric-create", {
      sensorId,
      payload: { metrics: ["a", "b", "c"].map((name) => ({ name, valueUnit: "SI.Power.WATT" })) },
    });
    const [a, b, c] = metricIds as string[];
    await ok("metric-update", { sensorId, metricId: a, payload: "renamed" });
    await ok("metric-update", { sensorId, payload: [{ metricId: b, name: "b2" }] });
    const list = (await ok("sensor-list", {})).payload as {
      sensorId: string;
      name: string;
      metrics: object[];
    }[];
    assert.equal(list.find((sensor) => sensor.sensorId === sensorId)?.name, "Band saw");
    const both = await ok("metric-describe", { sensorId, metricIds: [a, b] });
    assert.deepEqual(
      (both.payload as { name: string }[]).map(({ name }) => name),
      ["renamed", "b2"],
    );
    await ok("metric-delete", { sensorId, metricId: a });
    await ok("metric-delete", { sensorId, metricIds: [b, c] });
    await ok("sensor-delete", { sensorId });
    assert.equal((await failure("sensor-update", { sensorId, payload: "x" })).error?.name, "UnknownSensorId");
  });

  it("a list of sensors that is deleted in part says which part", async () => {
    const { sensorId } = await ok("sensor-create", { payload: "Short-lived" });
    const { error, payload } = await failure("sensor-delete", {
      sensorId: [sensorId, "unknown"],
      payload: "kept",
    });
    assert.equal(error?.name, "UnknownSensorId");
    assert.deepEqual(error?.sensors, ["unknown"]);
    assert.deepEqual(error?.delivered, [sensorId]);
    assert.equal(payload, "kept");
  });

  it("ensure creates what is missing and changes nothing that is there, also when two messages come at once", async () => {
    const definitions = [
      { name: "Speed", valueUnit: "SI.Velocity.METERS_PER_SECOND" },
      { name: "State", valueType: "string", valueAnnotation: "state" },
    ];
    await both("sensor-ensure", { payload: ["Conveyor", "Gate"] }, { payload: "Conveyor" });
    const first = await ok("sensor-ensure", { payload: "Conveyor" });
    const second = await ok("sensor-ensure", { payload: "Conveyor" });
    assert.equal(second.sensorId, first.sensorId);
    assert.equal((second.payload as { created: boolean }).created, false);

    const { sensorId } = first;
    await both("metric-ensure", { sensorId, payload: definitions[0] }, { sensorId, payload: definitions });
    const metrics = await ok("metric-ensure", { sensorId: first.sensorId, payload: definitions });
    const again = await ok("metric-ensure", { sensorId: first.sensorId, payload: definitions });
    assert.deepEqual(again.metricIds, metrics.metricIds);
    assert.ok((again.payload as { created: boolean }[]).every(({ created }) => !created));

    const tree = (await ok("sensor-inventory", {})).payload as {
      name: string;
      metrics: { name: string }[];
    }[];
    const conveyors = tree.filter(({ name }) => name === "Conveyor");
    assert.equal(conveyors.length, 1);
    assert.deepEqual(conveyors[0]?.metrics.map(({ name }) => name).sort(), ["Speed", "State"]);
    assert.equal(tree.filter(({ name }) => name === "Gate").length, 1);
  });

  it("a push that fails in part says which metrics failed and which did not (fault 21)", async () => {
    const { sensorId } = await ok("sensor-create", { payload: "Mixed" });
    const { metricIds } = await ok("metric-create", {
      sensorId,
      payload: [
        { name: "number", valueUnit: "SI.Power.WATT" },
        { name: "flag", valueType: "bool", valueAnnotation: "on" },
      ],
    });
    const [number, flag] = metricIds as string[];
    const { error } = await failure("push", { sensorId, payload: { [number!]: 1, [flag!]: "not a flag" } });
    assert.equal(error?.name, "PushValuesFailed");
    assert.equal(error?.code, 27);
    assert.equal(error?.source, "agent");
    assert.equal(error?.operation, "pushValues");
    assert.deepEqual(error?.metrics, [flag]);
    assert.deepEqual(error?.delivered, [number]);
  });

  it("metrics that are changed or deleted in part say which failed and which did not", async () => {
    const { sensorId } = await ok("sensor-create", { payload: "Parts" });
    const definitions = ["a", "b"].map((name) => ({ name, valueUnit: "SI.Power.WATT" }));
    const [a, b] = (await ok("metric-create", { sensorId, payload: definitions })).metricIds as string[];
    const payload = [
      { metricId: a, name: "A" },
      { metricId: "missing", name: "B" },
    ];
    const changed = await failure("metric-update", { sensorId, payload });
    assert.deepEqual(
      [changed.error?.code, changed.error?.metrics, changed.error?.delivered],
      [24, ["missing"], [a]],
    );
    const deleted = await failure("metric-delete", { sensorId, metricId: [b, "missing", a] });
    assert.deepEqual(
      [deleted.error?.code, deleted.error?.metrics, deleted.error?.delivered],
      [23, ["missing"], [b, a]],
    );
  });

  for (const operation of ["create", "ensure"]) {
    it(`${operation} of metrics that fails in part says which by their names`, async () => {
      const { sensorId } = await ok("sensor-create", { payload: `Names ${operation}` });
      const { error } = await failure(`metric-${operation}`, {
        sensorId,
        payload: [
          { name: "good", valueUnit: "SI.Power.WATT" },
          { name: "bad", valueUnit: "SI.Power.NONE", matchingId: "mine" },
        ],
      });
      assert.deepEqual(
        [error?.code, error?.metrics, error?.matchingIds, error?.delivered],
        [26, ["bad"], ["mine"], ["good"]],
      );
    });
  }

  it("the client is renamed, and deleted only when that is confirmed; then it is not registered any more", async () => {
    await ok("client-update", { payload: { name: "press-14" } });
    const refused = await failure("client-delete", { payload: "anything" });
    assert.equal(refused.error?.name, "InvalidInput");

    const clients = simulator.current.counts.clients;
    const deleted = await ok("client-delete", { confirm: "delete" });
    assert.match(deleted.clientId as string, /^[0-9a-f]{32}$/);
    assert.equal(simulator.current.counts.clients, clients - 1);
    await nodeRed.badge("push", "status.notRegistered");
    assert.equal((await failure("sensor-list", {})).error?.name, "NotRegistered");
  });
});
