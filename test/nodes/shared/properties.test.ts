/** The tables of the nodes: what is made of a row. What docs/nodes.md says of them, test/repository/ compares. */
import assert from "node:assert/strict";
import { defaultsOf, editorDefaults, versionOf, type Table } from "../../../nodes/shared/properties";
import { dialogMarkup, withDefaults } from "../../../scripts/shared/dialogs.mjs";
import { markupOf, TABLES } from "../../support/tables";

describe("The table of a node", () => {
  const table = {
    agent: { kind: "agent", value: "", icon: "globe" },
    place: { kind: "typed", value: "payload", type: "msg", sources: ["msg", "str"], icon: "tag" },
    mode: { kind: "choice", value: "one", choices: ["one", "two"], icon: "bolt", since: 3 },
  } as const satisfies Table;

  it("gives each property its default, and a typed field's type a property of its own", () => {
    assert.deepEqual(defaultsOf(table), { agent: "", place: "payload", placeType: "msg", mode: "one" });
  });

  it("has the version of its newest property", () => {
    assert.equal(versionOf(table), 3);
    assert.equal(versionOf({ agent: table.agent }), 1);
  });

  it("stands in the dialog's script as literals, which the Flow Library reads without running anything", () => {
    const script = 'RED.nodes.registerType("t", {\n  defaults: dialog.defaults,\n});\n';
    const lines = withDefaults(script, editorDefaults(table))
      .split("\n")
      .map((line) => line.trim());
    for (const line of [
      "version: { value: 3, ...dialog.defaults.version },",
      'agent: { value: "", type: "teamviewer-iot-agent", required: true, ...dialog.defaults.agent },',
      'placeType: { value: "msg", ...dialog.defaults.placeType },',
    ]) {
      assert.ok(lines.includes(line), line);
    }
    assert.throws(() => withDefaults("defaults: {}", editorDefaults(table)), /there is nothing like/);
  });

  it("has each of its rows once in the dialog, where the markup shares them out", () => {
    const { name, ...rest } = TABLES.agent!;
    assert.throws(() => dialogMarkup("nodes/agent/agent.html", rest), /a row too many: name/);
    assert.throws(
      () => dialogMarkup("nodes/agent/agent.html", { ...TABLES.agent, name, more: table.mode }),
      /no rows for more/,
    );
  });

  for (const [short, rows] of Object.entries(TABLES)) {
    it(`gives every row of ${short} but a list its place in the dialog`, () => {
      const markup = markupOf(short);
      const form = short === "agent" ? "node-config-input" : "node-input";
      for (const [name, { kind }] of Object.entries(rows)) {
        assert.equal(markup.includes(`id="${form}-${name}"`), kind !== "list", name);
      }
    });
  }
});
