/** The code in the documents: what it is for reads it, and what it says comes out of it. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { Script } from "node:vm";
import { readValues } from "../../nodes/push/values";
import { codeOf } from "../../scripts/shared/site-code.mjs";
import { makeValues, planOf, type Point } from "../../src/points/plan";
import { readText } from "../../src/points/read-table";
import { EVERYTHING } from "../../src/points/strategy";
import { freePorts, onPorts } from "../support/ports";
import { type FlowItem, RealNodeRed } from "../support/real-node-red";
import { readYaml } from "../support/yaml";
import { commandProblem } from "./commands";
import { type Piece, WITH_CODE } from "./pieces";

type Expression = { evaluate: (message: unknown) => Promise<unknown> };
type Table = Record<string, { kind: string }>;

/** The expressions of Node-RED. */
const jsonata = createRequire(require.resolve("node-red"))("jsonata") as (text: string) => Expression;
const code = codeOf(require);

/** Lines of Node-RED's settings file are properties of an object; other code is an object, or of a function node. */
function asScript(text: string): string {
  if (/^\w+: /.test(text)) return `({${text}})`;
  return text.startsWith("{") ? `(${text})` : `(function (msg) {${text}})`;
}

const flowsOf = (pieces: readonly Piece[]): FlowItem[][] =>
  pieces.filter(({ kind }) => kind === "flow").map(({ text }) => JSON.parse(text) as FlowItem[]);

/** What the rows of a table make of values and their message, by sensor and metric; what is not there is left out. */
async function valuesBy(
  table: string,
  values: unknown,
  message: unknown,
): Promise<Record<string, Record<string, unknown>>> {
  const { points } = planOf(readText(table), EVERYTHING);
  const worked = new Map<Point, unknown>();
  for (const point of points)
    if (point.source.in === "expression")
      worked.set(point, await jsonata(point.source.text).evaluate(message));
  const { made, problems } = makeValues(points, values, message, { skips: true, worked });
  assert.deepEqual(problems, []);
  const bySensor: Record<string, Record<string, unknown>> = {};
  for (const { point, value } of made)
    (bySensor[String(point.sensor.name)] ??= {})[String(point.metric.name)] = value;
  return bySensor;
}

describe("The code in the documents", () => {
  for (const { document, pieces } of WITH_CODE) {
    if (pieces.length === 0) continue;

    it(`of ${document} can be read by what it is for`, () => {
      for (const { language, text } of pieces) {
        if (language === "json") JSON.parse(text);
        else if (language === "js") new Script(asScript(text));
        else if (language === "csv") assert.deepEqual(readText(text).problems, []);
        else if (language === "jsonata") jsonata(text);
        else if (language === "yaml") assert.equal(typeof readYaml(text), "object");
        else if (language === "dockerfile") assert.match(text, /^FROM \S+\n((RUN|COPY) .+\n)+$/);
        // Compared with the table of layers by its own test (layers.test.ts).
        else if (language === "mermaid") assert.match(text, /^flowchart|^graph/);
        // A drawing.
        else if (language === "text") assert.match(text, /[│─→]/);
        else {
          assert.ok(["sh", "console"].includes(language), `no other languages: "${language}"`);
          const lines = text.trim().split("\n");
          // Below the command of a console is what it prints.
          for (const line of language === "sh" ? lines : lines.slice(0, 1))
            assert.equal(commandProblem(line), undefined, line);
        }
      }
    });

    it(`of ${document} makes of each message what it says`, async () => {
      for (const [index, { language, text }] of pieces.entries()) {
        if (language !== "jsonata") continue;
        const before = pieces.slice(0, index).findLast(({ kind }) => kind === "msg");
        const after = pieces[index + 1];
        const result = await jsonata(text).evaluate(JSON.parse(before?.text ?? "{}"));
        assert.equal(after?.kind, "result", "each expression is followed by its result");
        assert.deepEqual(JSON.parse(JSON.stringify(result)), JSON.parse(after.text));
      }
    });

    it(`of ${document} is taken by the push node where it says that it is`, async () => {
      for (const [index, { kind, text }] of pieces.entries()) {
        if (kind === "push") {
          const given = JSON.parse(text) as object;
          const { metrics } = readValues(given, undefined, undefined);
          assert.deepEqual(metrics.map(({ metricId }) => metricId).sort(), Object.keys(given).sort());
        }
        if (kind === "table") {
          const [given, ...others] = pieces.slice(index + 1);
          const message = JSON.parse(given!.text) as { payload: unknown };
          // An expression may make the values; its result follows it.
          const result = others[0]!.language === "jsonata" ? others[1] : undefined;
          const values = result === undefined ? message.payload : (JSON.parse(result.text) as unknown);
          const made = others.find(({ kind }) => kind === "values")!;
          assert.deepEqual(await valuesBy(text, values, message), JSON.parse(made.text));
        }
      }
    });

    for (const flow of flowsOf(pieces)) {
      it(`of ${document} is a flow whose wires lead to its nodes, with properties that these have`, () => {
        const ids = new Set(flow.map(({ id }) => id));
        assert.equal(ids.size, flow.length);
        for (const item of flow) {
          for (const target of ((item.wires ?? []) as string[][]).flat()) assert.ok(ids.has(target), target);
          const table = code.tables[item.type.replace("teamviewer-iot-", "")] as Table | undefined;
          const allowed = [
            "id",
            "type",
            "z",
            "x",
            "y",
            "wires",
            "version",
            "name",
            "agent",
            ...keysOf(table),
          ];
          const others = Object.keys(item).filter((name) => !allowed.includes(name));
          if (item.type.startsWith("teamviewer-iot-")) assert.deepEqual(others, [], item.id);
        }
      });
    }
  }
});

/** A typed field has its type beside it. */
function keysOf(table: Table = {}): string[] {
  return Object.entries(table).flatMap(([name, { kind }]) =>
    kind === "typed" ? [name, `${name}Type`] : [name],
  );
}

describe("The flows in the documents, deployed", function () {
  let nodeRed: RealNodeRed;
  before(async () => {
    nodeRed = await RealNodeRed.start();
  });
  after(() => nodeRed.stop());

  for (const { document, pieces } of WITH_CODE) {
    // Others name an agent by the environment.
    const flows = flowsOf(pieces).filter((flow) =>
      flow.some(({ type }) => type === "teamviewer-iot-simulator"),
    );
    for (const flow of flows) {
      it(`that of ${document} brings values to an agent`, async () => {
        await nodeRed.deploy(onPorts(flow, await freePorts(2)));
        const injects = flow.filter(({ type }) => type === "inject");
        // They are clicked again while the simulator starts and the client registers.
        await nodeRed.until("the push node has an answer", async () => {
          for (const { id } of injects) await nodeRed.inject(id);
          const sent = await nodeRed.sent();
          return sent.some(({ type, output }) => type === "teamviewer-iot-push" && output === 0);
        });
      });
    }
  }
});

describe("What a document may tell people to type", () => {
  it("is a script, a command of the package or another one that is known, with options that it has", () => {
    const NPX = "npx -p @tviot/node-red-teamviewer-iot";
    for (const [line, problem] of [
      ["npm run demo -- --port 0   # anywhere", undefined],
      ["npm run demo -- --prot 0", "prot"],
      ["npm run demonstrate", "no such script"],
      [`${NPX} teamviewer-iot-identity swap --user-directory . a b`, undefined],
      [`${NPX} teamviewer-iot-identity exchange a b`, "no such action: exchange"],
      [`${NPX} teamviewer-iot-simulator --director ./x`, "director"],
      [`${NPX} teamviewer-iot-agent`, "no such command"],
      ["curl example.com | sh", "no command that is known here"],
    ] as const)
      assert.equal(commandProblem(line), problem, line);
  });
});
