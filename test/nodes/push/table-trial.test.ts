/**
 * 200 registers by a spreadsheet, as somebody who has never seen the package has it: minutes of readings with windows,
 * dead-bands, heartbeats, deploys, a deleted sensor, another client; and the same in plain code.
 */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { agentNode, palette } from "../../support/flows";
import { useNodeRed, type Message } from "../../support/node-red";
import { germanCsv, PlainCode, POINTS, readings, REGISTERS } from "../../support/press-line";
import { useSimulator } from "../../support/simulator";

const SECOND = 1000;

interface Listed {
  sensorId: string;
  name: string;
  metrics: { metricId: string; name: string }[];
}

describe("A table of 200 registers", function () {
  const nodeRed = useNodeRed();
  const simulator = useSimulator();
  /** As `sensorId/metricId`, in the order in which they came. */
  const came: [key: string, value: unknown][] = [];
  const names = new Map<string, string>();
  const plain = new PlainCode();
  let now = 0;

  before(() =>
    simulator.current.on("request", ({ operation, payload, topic }) => {
      if (operation !== "pushValues") return;
      const { metrics } = JSON.parse(payload) as { metrics: { metricId: string; value: unknown }[] };
      for (const { metricId, value } of metrics) came.push([`${topic.split("/")[4]}/${metricId}`, value]);
    }),
  );

  const flow = (properties: Record<string, unknown> = {}) => [
    agentNode(simulator.current, { clientName: "line-4", autoRegister: true }),
    ...palette("push", { tableType: "file", table: "registers.csv", ...properties }),
    ...palette("sensor", { operation: "inventory" }),
    ...palette("sensor", { operation: "delete" }, "deleter"),
    ...palette("register"),
  ];
  const ask = async (node: string, message: object): Promise<Message> =>
    (await nodeRed.ask(node, message, `${node}.out`, `${node}.error`)).message;

  /** A second passes, and the registers are read. */
  async function read(registers: readonly (number | null)[], message: object = {}): Promise<Message> {
    now += SECOND;
    nodeRed.skip(SECOND);
    plain.read(now, registers, "report" in message);
    return ask("push", { payload: registers, ...message });
  }

  /** What the agent has now, by name. */
  async function learnNames(): Promise<Listed[]> {
    const sensors = (await ask("sensor", {})).payload as Listed[];
    for (const { sensorId, name, metrics } of sensors)
      for (const metric of metrics) names.set(`${sensorId}/${metric.metricId}`, `${name}/${metric.name}`);
    return sensors;
  }

  it("sends what plain code sends, value by value, whatever happens meanwhile", async () => {
    await writeFile(join(nodeRed.userDir, "registers.csv"), germanCsv(POINTS));
    await nodeRed.load(flow());
    await nodeRed.badge("sensor", "status.connected");
    assert.deepEqual(nodeRed.messages("push.error"), []);
    nodeRed.hold();
    const line = readings(4);
    const next = (): number[] => line.next().value as number[];
    const some = async (count: number): Promise<void> => {
      for (let step = 0; step < count; step++) await read(next());
    };

    await some(1);
    assert.equal((await learnNames()).length, 8);
    await some(45);
    // What is not there, or no number, is told by its row; the others go on.
    const holes = next().map((value, index) => (index % 50 === 7 ? null : value));
    const told = await read(holes);
    const rows = told.error?.rows as { row: number }[];
    // Below the title and the line that names the columns; cells with two lines count as lines.
    assert.equal(rows.length, REGISTERS / 50);
    await read(next(), { report: true });
    await some(20);

    await nodeRed.deploy(flow({ name: "deployed anew" }), "nodes");
    plain.deploy(now);
    await nodeRed.badge("push", "status.connected");
    await some(40);

    const gone = (await learnNames()).find(({ name }) => name === "Presse 3")!;
    await ask("deleter", { sensorId: gone.sensorId });
    plain.deleteSensor(now, gone.name);
    await some(1);
    await learnNames();
    await some(30);

    await ask("register", { replace: true });
    await nodeRed.badge("push", "status.connected");
    plain.otherClient(now);
    await some(1);
    await learnNames();
    await some(75);

    await nodeRed.until(() => (came.length >= plain.count ? true : undefined));
    await learnNames();
    const sent = new Map<string, unknown[]>();
    for (const [key, value] of came) {
      const name = names.get(key) ?? key;
      sent.set(name, [...(sent.get(name) ?? []), value]);
    }
    assert.equal(sent.size, REGISTERS);
    for (const [name, values] of plain.sent) assert.deepEqual(sent.get(name), values, name);
    assert.equal(came.length, plain.count);
    assert.ok(came.length < (REGISTERS * now) / SECOND / 2, `${came.length} values`);
  });
});
