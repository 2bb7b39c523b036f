/** Every example, deployed as it is in a real Node-RED: it runs without an agent and each of its nodes answers. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePorts, onPorts } from "../support/ports";
import { type FlowItem, RealNodeRed } from "../support/real-node-red";

const FOLDER = join(__dirname, "../../examples");
const OUR_TYPES = Object.keys(
  (
    JSON.parse(readFileSync(join(__dirname, "../../package.json"), "utf8")) as {
      "node-red": { nodes: Record<string, string> };
    }
  )["node-red"].nodes,
);
const CORE_TYPES = [
  "tab",
  "group",
  "comment",
  "inject",
  "debug",
  "change",
  "switch",
  "rbe",
  "catch",
  "http request",
  "split",
  "join",
  "file",
];

/** Examples are clicked again while the simulator starts and the client registers. */
const ROUNDS = 500;
const ROUND = 500;
const LOOK = 50;

const examples = readdirSync(FOLDER)
  .filter((file) => file.endsWith(".json"))
  .map((file) => ({ name: file.replace(/\.json$/, ""), flow: readFlow(file) }));

describe("examples", () => {
  it("show each palette node of the package", () => {
    const shown = new Set(examples.flatMap(({ flow }) => flow.map((item) => item.type)));
    assert.deepEqual(
      OUR_TYPES.filter((type) => !shown.has(type)),
      [],
    );
  });

  for (const { name, flow } of examples) {
    it(`"${name}" has only core nodes and ours, a comment, a simulator, and both outputs wired`, () => {
      assert.deepEqual(
        flow.map((item) => item.type).filter((type) => ![...CORE_TYPES, ...OUR_TYPES].includes(type)),
        [],
      );
      assert.ok(flow.some((item) => item.type === "comment"));
      assert.ok(flow.some((item) => item.type === "teamviewer-iot-simulator"));
      for (const node of paletteNodes(flow)) {
        const wires = node.wires as string[][];
        assert.equal(wires.length, 2, `${node.type} ${node.id}`);
        assert.ok(
          wires.every((output) => output.length > 0),
          `${node.type} ${node.id}`,
        );
      }
    });
  }

  it("have IDs and clients of their own, so that any of them can be imported after any other", () => {
    const items = examples.flatMap(({ flow }) => flow);
    assert.deepEqual(repeated(items.map(({ id }) => id)), []);
    const agents = items.filter(({ type }) => type === "teamviewer-iot-agent");
    assert.deepEqual(repeated(agents.map(({ name }) => name)), []);
    assert.deepEqual(repeated(agents.map(({ clientName }) => clientName)), []);
  });

  describe("deployed", function () {
    this.timeout(ROUNDS * ROUND + 30_000);
    let nodeRed: RealNodeRed;
    before(async () => {
      nodeRed = await RealNodeRed.start();
    });
    after(() => nodeRed.stop());

    for (const { name, flow } of examples) {
      it(`"${name}": every node sends a response`, async () => {
        await untilAllAnswer(flow);
      });
    }

    it("two at once: their simulators are one, since they have the same folder and ports", async () => {
      const both = examples.filter(({ name }) => ["ping the agent", "push values"].includes(name));
      const flow = both.flatMap((example) => example.flow);
      await untilAllAnswer(flow);
    });

    async function untilAllAnswer(flow: readonly FlowItem[]): Promise<void> {
      const waiting = new Set(paletteNodes(flow).map((node) => node.id));
      const errors: unknown[] = [];
      const injects = flow.filter((item) => item.type === "inject");
      await nodeRed.sent();
      await nodeRed.deploy(onPorts(flow, await freePorts(2)));
      for (let round = 0; round < ROUNDS && waiting.size > 0; round++) {
        // What stops and starts the simulator is clicked once: the others need it to run.
        const clicked = round === 0 ? injects : injects.filter((inject) => !leadsToSimulator(inject, flow));
        for (const { id } of clicked) await nodeRed.inject(id);
        for (let look = 0; look < ROUND && waiting.size > 0; look += LOOK) {
          await pause(LOOK);
          for (const { id, type, output, error } of await nodeRed.sent()) {
            if (output === 0) waiting.delete(id);
            else if (OUR_TYPES.includes(type)) errors.push(error);
          }
        }
      }
      const silent = flow
        .filter((item) => waiting.has(item.id))
        .map((item) => `${item.type} "${String(item.name)}"`);
      assert.deepEqual(silent, [], `errors: ${JSON.stringify(errors, null, 1)}\n${nodeRed.log()}`);
    }
  });
});

function repeated(values: readonly unknown[]): unknown[] {
  return values.filter((value, index) => values.indexOf(value) !== index);
}

function readFlow(file: string): FlowItem[] {
  return JSON.parse(readFileSync(join(FOLDER, file), "utf8")) as FlowItem[];
}

function paletteNodes(flow: readonly FlowItem[]): FlowItem[] {
  return flow.filter((item) => OUR_TYPES.includes(item.type) && item.type !== "teamviewer-iot-agent");
}

function leadsToSimulator(inject: FlowItem, flow: readonly FlowItem[]): boolean {
  const targets = (inject.wires as string[][]).flat();
  return flow.some(({ id, type }) => type === "teamviewer-iot-simulator" && targets.includes(id));
}
