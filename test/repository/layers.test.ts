/** That the house keeps its shape: the rule that the linter applies to each import. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ESLint } from "eslint";
import { importProblem, LAYERS, placeProblem } from "../../scripts/shared/import-layers.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";

const ALLOWED: readonly [file: string, imported: string][] = [
  ["src/protocol/errors.ts", "../../locales/en-US/errors.json"],
  ["src/protocol/errors.ts", "./operations"],
  ["src/transport/session.ts", "mqtt"],
  ["src/identity/enrolment.ts", "../transport/session"],
  ["src/outbox/store.ts", "../files/private-file"],
  ["src/client/agent-client.ts", "node:events"],
  ["src/outbox/sensor-queues.ts", "../collections/fifo"],
  ["src/simulator/state-file.ts", "../time/turns"],
  ["src/simulator/embedded-broker.ts", "aedes"],
  ["src/simulator/mosquitto-broker.ts", "mqtt"],
  ["nodes/ping/ping.ts", "../../src/client/agent-client"],
  ["nodes/ping/ping.ts", "node-red"],
  ["nodes/ping/ping.editor.ts", "../shared/editor/dialog"],
  ["nodes/ping/ping.editor.ts", "./properties"],
  ["nodes/ping/ping.ts", "./properties"],
];

const FORBIDDEN: readonly [file: string, imported: string][] = [
  ["src/protocol/errors.ts", "../client/agent-client"],
  ["src/protocol/errors.ts", "mqtt"],
  ["src/transport/session.ts", "../identity/identity"],
  ["src/transport/session.ts", "node-red"],
  ["src/outbox/store.ts", "classic-level"],
  ["src/identity/enrolment.ts", "../client/agent-client"],
  ["src/identity/enrolment.ts", "mqtt"],
  ["src/outbox/outbox.ts", "../client/agent-client"],
  ["src/client/agent-client.ts", "mqtt"],
  ["src/client/agent-client.ts", "../outbox/outbox"],
  ["src/files/private-file.ts", "../protocol/limits"],
  ["src/client/agent-client.ts", "../simulator"],
  ["src/client/agent-client.ts", "../simulator/model"],
  ["src/client/agent-client.ts", "../../nodes/agent/agent"],
  ["src/time/timers.ts", "../protocol/errors"],
  ["src/simulator/model.ts", "../client/agent-client"],
  ["src/simulator/model.ts", "../identity/certificate"],
  ["src/simulator/embedded-broker.ts", "mqtt"],
  ["nodes/ping/ping.ts", "mqtt"],
  ["nodes/ping/ping.ts", "../../src/transport/session"],
  ["nodes/ping/ping.editor.ts", "../shared/fields"],
  ["nodes/ping/properties.ts", "../shared/fields"],
  ["nodes/ping/ping.editor.ts", "../../src/client/agent-client"],
  ["nodes/shared/editor/validators.ts", "node:fs"],
];

/** Parts of a folder, and texts: too small for the picture. */
const WITHOUT_ARROWS: ReadonlySet<string> = new Set(["texts", "properties", "editor", "locales"]);

describe("the layers of the house", () => {
  for (const [file, imported] of ALLOWED) {
    it(`let ${file} import ${imported}`, () => {
      assert.equal(importProblem(file, imported), undefined);
    });
  }

  for (const [file, imported] of FORBIDDEN) {
    it(`do not let ${file} import ${imported}`, () => {
      assert.match(importProblem(file, imported) ?? "", /must not import|no Node modules/);
    });
  }

  it("have a place for every file of src/ and nodes/, and leave all others alone", () => {
    assert.match(placeProblem("src/attic/box.ts") ?? "", /in no layer/);
    assert.match(importProblem("src/attic/box.ts", "node:fs") ?? "", /in no layer/);
    assert.match(placeProblem("src/box.ts") ?? "", /in no layer/);
    assert.equal(placeProblem("src/client/connection.ts"), undefined);
    assert.equal(placeProblem("nodes/ping/ping.ts"), undefined);
    assert.equal(placeProblem("test/client/connection.test.ts"), undefined);
  });

  it("are drawn in ARCHITECTURE.md with the very arrows of the table", () => {
    const picture = /```mermaid\n([\s\S]*?)```/.exec(
      readFileSync(join(projectRoot, "ARCHITECTURE.md"), "utf8"),
    )?.[1];
    const drawn = [...(picture ?? "").matchAll(/^ {2}(\w+)(?:\[.*\])? --> (\w+)$/gm)].map(
      ([, from, to]) => `${from} --> ${to}`,
    );
    const folders = LAYERS.filter(({ name }) => !WITHOUT_ARROWS.has(name));
    const allowed = folders.flatMap(({ name, layers }) =>
      layers.filter((layer) => !WITHOUT_ARROWS.has(layer)).map((layer) => `${name} --> ${layer}`),
    );
    assert.deepEqual([...drawn].sort(), [...new Set(allowed)].sort());
  });

  it("are what the linter of this project watches over, in every way to import", async () => {
    const source = [
      'import { connect } from "mqtt";',
      'export * from "../client/agent-client";',
      'export const lazy = import("node-red");',
      "export const used = connect;",
    ].join("\n");
    const linter = new ESLint({
      cwd: projectRoot,
      // Without the types of the project, which come from the files as they are on the disk.
      overrideConfig: { languageOptions: { parserOptions: { project: null } } },
      ruleFilter: ({ ruleId }) => ruleId === "house/import-layers",
    });
    const [result] = await linter.lintText(source, { filePath: join(projectRoot, "src/protocol/topics.ts") });
    const lines = result?.messages
      .filter(({ ruleId }) => ruleId === "house/import-layers")
      .map((m) => m.line);
    assert.deepEqual(lines, [1, 2, 3]);
  });
});
