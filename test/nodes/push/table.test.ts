/** A push node with a table, or with a say in when it reports: what the agent gets of it, and what the flow is told. */
import assert from "node:assert/strict";
import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { identityDirectory } from "../../../nodes/shared/paths";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed, type Message } from "../../support/node-red";
import { generator } from "../../support/press-line";
import { useSimulator } from "../../support/simulator";

interface Push {
  sensorId: string;
  values: Record<string, unknown>;
  timestamp: number | undefined;
}

const SECOND = 1000;
const REGISTERS = 200;

describe("A push node", () => {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();
  const pushes: Push[] = [];
  const operations: string[] = [];

  before(() =>
    simulator.current.on("request", ({ operation, payload, topic }) => {
      if (operation !== undefined && operation !== "ping") operations.push(operation);
      if (operation !== "pushValues") return;
      const { metrics, timestamp } = JSON.parse(payload) as {
        metrics: { metricId: string; value: unknown }[];
        timestamp?: number;
      };
      const values = Object.fromEntries(metrics.map(({ metricId, value }) => [metricId, value]));
      pushes.push({ sensorId: topic.split("/")[4]!, values, timestamp });
    }),
  );

  const flow = (properties: Record<string, unknown>) => [
    agentNode(simulator.current, { clientName: "press-12", autoRegister: true }),
    ...palette("push", properties),
    ...palette("sensor", { operation: "delete" }),
  ];
  async function load(properties: Record<string, unknown>): Promise<void> {
    await nodeRed.load(flow(properties));
    await nodeRed.badge("sensor", "status.connected");
    pushes.length = operations.length = 0;
  }
  const ask = async (message: object): Promise<{ from: string; message: Message }> =>
    nodeRed.ask("push", message, "push.out", "push.error");
  const rowsOf = ({ error }: Message): [number, string][] =>
    (error?.rows as { row: number; column: string }[]).map(({ row, column }) => [row, column]);
  const someRows = (rows: string[], columns = "source,sensorId,metricId"): Record<string, unknown> => ({
    tableType: "rows",
    rows: [columns, ...rows],
  });
  const counts = async (): Promise<Record<string, unknown>> => {
    const { message } = await ask({ action: "status" });
    return (message.payload as { reports: Record<string, unknown> }).reports;
  };

  describe("with a table", () => {
    it("makes sure of sensors and metrics by name once, with their units, and remembers them over a restart", async () => {
      const table = someRows(
        ["[0],Boiler,temperature,°C,0.1", "[1],Boiler,state,string,", "[2],Pump,pressure,bar,0.01"],
        "source,sensor,metric,unit,scale",
      );
      await load(table);
      const { from, message } = await ask({ payload: [215, "on", 150] });
      assert.equal(from, "push.out");
      assert.deepEqual(operations, [
        "listSensors",
        "createSensor",
        "createSensor",
        "listSensors",
        "createMetrics",
        "createMetrics",
        "pushValues",
        "pushValues",
      ]);
      const { sent, pushes: told } = message.payload as { sent: number; pushes: { metricIds: string[] }[] };
      assert.equal(sent, 3);
      assert.deepEqual(
        pushes.map(({ values }) => Object.values(values)),
        [[21.5, "on"], [1.5]],
      );
      assert.deepEqual(
        told.map(({ metricIds }) => metricIds),
        pushes.map(({ values }) => Object.keys(values)),
      );

      await nodeRed.unload();
      await load(table);
      await ask({ payload: [216, "off", 151] });
      assert.deepEqual(operations, ["pushValues", "pushValues"]);
      assert.deepEqual(Object.values(pushes[0]!.values), [21.6, "off"]);
    });

    it("makes sure of them anew when the sensor was deleted", async () => {
      await load(someRows(["a,Mill,speed,integer"], "source,sensor,metric,unit"));
      const before = await ask({ payload: { a: 1 } });
      await nodeRed.ask("sensor", { sensorId: before.message.sensorId }, "sensor.out");
      const after = await ask({ payload: { a: 1 } });
      assert.equal(after.from, "push.out");
      assert.notEqual(after.message.sensorId, before.message.sensorId);
    });

    it("tells what a row cannot make by its row, and sends the others", async () => {
      await load(
        someRows(["a,s,m1,double", "b,s,m2,bool", "c,s,m3,integer"], "source,sensorId,metricId,unit"),
      );
      const { from, message } = await ask({ payload: { a: 1, b: "maybe" }, mine: 1 });
      assert.equal(from, "push.error");
      assert.deepEqual(message.payload, { a: 1, b: "maybe" });
      assert.deepEqual(rowsOf(message), [
        [2, "source"],
        [3, "source"],
      ]);
      assert.equal(message.error?.name, "InvalidInput");
      assert.deepEqual(message.error?.delivered, ["s/m1"]);
      assert.deepEqual(pushes[0]?.values, { m1: 1 });
    });

    it("sends what is there, where the node says that others may be missing", async () => {
      await load({ ...someRows(["a,s,m1", "b,s,m2"]), incomplete: "skip" });
      assert.equal((await ask({ payload: { b: 2 } })).from, "push.out");
      assert.deepEqual(pushes[0]?.values, { m2: 2 });
      const { message } = await ask({ payload: {} });
      assert.deepEqual(message.payload, { sent: 0, held: 0, pushes: [] });
    });

    it("sends nothing where the node says all or nothing", async () => {
      await load({ ...someRows(["a,s,m1", "b,s,m2"]), incomplete: "refuse" });
      assert.equal((await ask({ payload: { a: 1 } })).from, "push.error");
      assert.equal((await ask({ payload: { a: 1, b: 2 } })).from, "push.out");
      assert.equal(pushes.length, 1);
    });

    it("tells rows that are wrong when it starts, and uses the others", async () => {
      await nodeRed.load(flow(someRows(["a,s,m1,", "b,s,m2,x"], "source,sensorId,metricId,scale")));
      const [told] = await nodeRed.until(() =>
        nodeRed.messages("push.error").length > 0 ? nodeRed.messages("push.error") : undefined,
      );
      assert.deepEqual(rowsOf(told!), [[2, "scale"]]);
      await nodeRed.ask("push", { payload: { a: 1, b: 2 } }, "push.out");
    });

    it("uses the node's sensor for rows that name none, and expressions of the message", async () => {
      await load({
        ...someRows(["jsonata: payload.a + payload.b,m1", "jsonata: $no(,m2"], "source,metricId"),
        sensor: "own",
      });
      const { message } = await ask({ payload: { a: 1, b: 2 } });
      assert.deepEqual(rowsOf(message), [[2, "source"]]);
      assert.deepEqual(pushes[0], { ...pushes[0]!, sensorId: "own", values: { m1: 3 } });
    });

    it("tells a name without a unit that the agent does not have, and sends the others", async () => {
      await load(someRows(["a,Oven,heat,double", "b,Oven,nothing,"], "source,sensor,metric,unit"));
      const { message } = await ask({ payload: { a: 1, b: 2 } });
      assert.deepEqual(rowsOf(message), [[2, "metric"]]);
      assert.equal(pushes.length, 1);
    });

    it("makes sure of 2,000 names, tells on its badge how far it is, and keeps the IDs for their owner only", async () => {
      const rows = Array.from(
        { length: 2000 },
        (_, index) => `[${index}],hall${index % 20},p${index},double`,
      );
      await load(someRows(rows, "source,sensor,metric,unit"));
      // Making the metrics lasts longer than it takes until a badge tells of it.
      const slow = ({ operation }: { operation?: string }): void => {
        if (operation === "createMetrics") simulator.current.setFaults({ delay: SECOND });
      };
      simulator.current.on("request", slow);
      const answer = ask({ payload: Array.from({ length: 2000 }, (_, index) => index) });
      await nodeRed.until(() => nodeRed.statuses("push").find(({ text = "" }) => text.includes("steps")));
      simulator.current.off("request", slow);
      simulator.current.setFaults({ delay: 0 });
      const { from, message } = await answer;
      assert.equal(from, "push.out");
      assert.equal((message.payload as { sent: number }).sent, 2000);
      assert.equal(pushes.length, 20);
      const folder = identityDirectory(nodeRed.userDir, "agent");
      assert.equal((await stat(join(folder, "names.json"))).mode & 0o777, 0o600);
      const asked = operations.length;
      await ask({ payload: Array.from({ length: 2000 }, (_, index) => -index) });
      assert.deepEqual([...new Set(operations.slice(asked))], ["pushValues"]);
    });

    it("takes its table from a message, a file that may be replaced, or an environment variable", async () => {
      await load({ tableType: "msg", table: "table" });
      assert.equal((await ask({ payload: { a: 1 } })).message.error?.name, "InvalidInput");
      await ask({ payload: { a: 1 }, table: [{ source: "a", sensorId: "s", metricId: "by-message" }] });
      await ask({ payload: { a: 2 } });
      assert.deepEqual(
        pushes.map(({ values }) => values),
        [{ "by-message": 1 }, { "by-message": 2 }],
      );
      await nodeRed.unload();

      process.env.TVIOT_TABLE = "source;sensorId;metricId\na;s;by-variable\n";
      await load({ tableType: "env", table: "TVIOT_TABLE" });
      await ask({ payload: { a: 1 } });
      delete process.env.TVIOT_TABLE;
      assert.deepEqual(pushes[0]?.values, { "by-variable": 1 });
      await nodeRed.unload();

      const file = join(nodeRed.userDir, "table.csv");
      await load({ tableType: "file", table: "table.csv" });
      const missing = await ask({ payload: { a: 1 } });
      assert.match(String(missing.message.error?.message), /ENOENT|file/);
      await writeFile(file, "\ufeffQuelle;Sensor-ID;Metrik-ID\r\na;s;by-file\r\n");
      assert.equal((await ask({ payload: { a: 1 } })).from, "push.out");
      assert.deepEqual(pushes[0]?.values, { "by-file": 1 });
    });

    it("reads 200 registers as plain code does, with a dead-band each: what was sent is the same (seeded)", async () => {
      const rows = Array.from(
        { length: REGISTERS },
        (_, index) => `[${index}],line${index % 8},r${index},0.1,-40,1,${(index % 5) / 10 + 0.1}`,
      );
      await load(someRows(rows, "source,sensorId,metricId,scale,offset,decimals,report"));
      const random = generator(7);
      const registers = Array.from({ length: REGISTERS }, () => Math.floor(random() * 1000));
      const sent: Record<string, number> = {};
      const expected: Record<string, number>[] = [];
      for (let round = 0; round < 40; round++) {
        for (const [index, value] of registers.entries())
          registers[index] = value + Math.floor(random() * 7) - 3;
        const now: Record<string, number> = {};
        for (const [index, register] of registers.entries()) {
          const tenths = register - 400;
          const last = sent[`r${index}`];
          if (last !== undefined && Math.abs(tenths - last) <= (index % 5) + 1) continue;
          sent[`r${index}`] = tenths;
          now[`line${index % 8}/r${index}`] = tenths / 10;
        }
        expected.push(now);
        pushes.length = 0;
        const { from, message } = await ask({ payload: [...registers] });
        assert.equal(from, "push.out");
        const got = Object.fromEntries(
          pushes.flatMap(({ sensorId, values }) =>
            Object.entries(values).map(([id, value]) => [`${sensorId}/${id}`, value]),
          ),
        );
        assert.deepEqual(got, now);
        assert.equal((message.payload as { sent: number }).sent, Object.keys(now).length);
      }
      const { suppressed, received } = (await counts()) as {
        suppressed: { deadband: number };
        received: number;
      };
      const all = expected.reduce((sum, now) => sum + Object.keys(now).length, 0);
      assert.equal(received, REGISTERS * 40);
      assert.equal(suppressed.deadband, REGISTERS * 40 - all);
    });
  });

  describe("with a say in when it reports", () => {
    const values = (): unknown[] => pushes.map(({ values }) => values.t);

    it("sends what has changed, the first after a deploy, and what a message forces; and counts the others", async () => {
      await load({ sensor: "s", report: "change" });
      for (const t of [1, 1, 2]) await ask({ payload: { t } });
      await ask({ payload: { t: 2 }, report: true });
      assert.deepEqual(values(), [1, 2, 2]);
      assert.deepEqual(await counts(), {
        received: 4,
        sent: 3,
        suppressed: { change: 1, deadband: 0, atMost: 0, deleted: 0 },
        waiting: 0,
        repeated: 0,
      });
      await nodeRed.deploy(flow({ sensor: "s", report: "change", metric: "x" }), "nodes");
      await nodeRed.badge("push", "status.connected");
      await ask({ payload: { t: 2 } });
      assert.deepEqual(values(), [1, 2, 2, 2]);
    });

    it("sends a value again that the agent did not take", async () => {
      await load({ sensor: "s", report: "change" });
      simulator.current.setFaults({ answerWith: 1 });
      assert.equal((await ask({ payload: { t: 5 } })).from, "push.error");
      simulator.current.setFaults({ answerWith: 0 });
      assert.equal((await ask({ payload: { t: 5 } })).from, "push.out");
      assert.equal((await ask({ payload: { t: 5 } })).message.payload === undefined, false);
      assert.deepEqual(values(), [5, 5]);
    });

    it("sends the latest value when the time is over, and a heartbeat", async () => {
      await load({ sensor: "s", atMost: "10", atLeast: "60" });
      for (const t of [1, 2, 3]) await ask({ payload: { t } });
      assert.deepEqual(values(), [1]);
      nodeRed.skip(10 * SECOND);
      await nodeRed.until(() => (pushes.length === 2 ? true : undefined));
      nodeRed.skip(61 * SECOND);
      await nodeRed.until(() => (pushes.length >= 3 ? true : undefined));
      assert.deepEqual(values().slice(0, 3), [1, 3, 3]);
      assert.ok(pushes[2]!.timestamp! - pushes[1]!.timestamp! >= 50 * SECOND);
    });

    it("keeps what waits over a deploy and over a restart, and sends it then, once, with its time", async () => {
      const properties = { sensor: "s", atMost: "600", window: "max" };
      await load(properties);
      await ask({ payload: { t: 1 } });
      await ask({ payload: { t: 2 }, timestamp: 1_700_000_000_000 });
      await nodeRed.deploy(flow({ ...properties, metric: "x" }), "nodes");
      await nodeRed.until(() => (pushes.length === 2 ? true : undefined));
      assert.deepEqual(pushes[1], { sensorId: "s", values: { t: 2 }, timestamp: 1_700_000_000_000 });
      await nodeRed.badge("push", "status.connected");
      await ask({ payload: { t: 3 } });
      await ask({ payload: { t: 4 } });
      await nodeRed.unload();

      await nodeRed.load(flow(properties));
      await nodeRed.until(() => (pushes.length === 4 ? true : undefined));
      assert.deepEqual(values(), [1, 2, 3, 4]);
    });

    it("sends what waits when it is deleted", async () => {
      await load({ sensor: "s", atMost: "600" });
      await ask({ payload: { t: 1 } });
      await ask({ payload: { t: 2 } });
      await nodeRed.deploy(
        flow({}).filter(({ id }) => !id.startsWith("push")),
        "nodes",
      );
      await nodeRed.until(() => (pushes.length === 2 ? true : undefined));
      assert.deepEqual(values(), [1, 2]);
    });

    it("sends values of a sensor that come within a moment as one push, and each message hears of its end", async () => {
      await load({ sensor: "s", together: "200" });
      const ended: unknown[] = [];
      for (const payload of [{ a: 1 }, { b: 2 }, { c: 3 }])
        nodeRed.receive("push", { payload }, (error) => ended.push(error));
      nodeRed.skip(200);
      await nodeRed.until(() => (ended.length === 3 ? true : undefined));
      assert.deepEqual(
        pushes.map(({ values }) => values),
        [{ a: 1, b: 2, c: 3 }],
      );
      assert.deepEqual(ended, [undefined, undefined, undefined]);
    });

    it("stores what it reports, and reports again what was refused later", async () => {
      await load({ sensor: "s", delivery: "store", report: "change" });
      simulator.current.setFaults({ answerWith: 16 });
      assert.equal((await ask({ payload: { t: 1 } })).from, "push.out");
      await nodeRed.until(() => nodeRed.messages("push.error")[0]);
      simulator.current.setFaults({ answerWith: 0 });
      pushes.length = 0;
      await ask({ payload: { t: 1 } });
      await nodeRed.until(() => (pushes.length === 1 ? true : undefined));
    });

    it("tells what it sent late and the agent did not take, as a message of its own, and sends the next value then", async () => {
      await load({ sensor: "s", atMost: "10" });
      await ask({ payload: { t: 1 } });
      await ask({ payload: { t: 2 }, timestamp: 1_700_000_000_000 });
      simulator.current.setFaults({ answerWith: 16 });
      nodeRed.skip(10 * SECOND);
      const told = await nodeRed.until(() => nodeRed.messages("push.error")[0]);
      simulator.current.setFaults({ answerWith: 0 });
      assert.deepEqual(
        [told.payload, told.sensorId, told.metricIds, told.timestamp, told.error?.code],
        [{ t: 2 }, "s", ["t"], 1_700_000_000_000, 16],
      );
      await ask({ payload: { t: 2 } });
      assert.deepEqual(values(), [1, 2, 2]);
    });

    it("beats no heart while there is no connection, and at once when there is one", async () => {
      await load({ sensor: "s", atLeast: "60" });
      await ask({ payload: { t: 1 } });
      await ask({ action: "disconnect" });
      nodeRed.skip(300 * SECOND);
      assert.deepEqual(values(), [1]);
      await ask({ action: "connect" });
      await nodeRed.badge("sensor", "status.connected");
      nodeRed.skip(2 * SECOND);
      await nodeRed.until(() => (pushes.length > 1 ? true : undefined));
      assert.deepEqual(nodeRed.messages("push.error"), []);
    });

    it("says which setting cannot be", async () => {
      await load({ sensor: "s", atMost: "60", atLeast: "10" });
      const { message } = await ask({ payload: { t: 1 } });
      assert.match(String(message.error?.message), /At most every/);
    });
  });
});
