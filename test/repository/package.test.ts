/** What Node-RED, the Flow Library and npm ask of a package before anybody runs it. */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { LANGUAGES } from "../../scripts/shared/languages.mjs";
import { projectRoot } from "../../scripts/shared/project.mjs";

interface Manifest {
  license: string;
  keywords: string[];
  scripts: Record<string, string>;
  engines: { node: string };
  bin: Record<string, string>;
  dependencies: Record<string, string>;
  "node-red": { version: string; nodes: Record<string, string> };
}
interface FlowNode {
  type: string;
}

const MOST_DEPENDENCIES = 6;

const text = (path: string) => readFileSync(join(projectRoot, path), "utf8");
const isThere = (path: string) => existsSync(join(projectRoot, path));
const manifest = JSON.parse(text("package.json")) as Manifest;
const nodes = Object.entries(manifest["node-red"].nodes).map(([type, file]) => {
  return { type, file, short: type.replace("teamviewer-iot-", "") };
});

describe("the package", () => {
  it("is found by who looks for Node-RED nodes", () => {
    assert.ok(manifest.keywords.includes("node-red"));
  });

  it("has a licence, as a name and as a text", () => {
    assert.equal(manifest.license, "MIT");
    assert.match(text("LICENSE"), /^MIT License/);
  });

  it("runs on Node-RED 4 and 5, and on the oldest Node.js of Node-RED 5", () => {
    assert.equal(manifest["node-red"].version, ">=4.0.0");
    assert.equal(manifest.engines.node, ">=20");
  });

  it("has few dependencies, each with its reason in ARCHITECTURE.md", () => {
    const names = Object.keys(manifest.dependencies);
    assert.ok(names.length <= MOST_DEPENDENCIES, names.join(", "));
    const architecture = text("ARCHITECTURE.md");
    for (const name of names) assert.ok(architecture.includes(`\`${name}\``), name);
  });

  it("has scripts for every shell: programs, what follows on success, and `exec`, which Windows finds in a file", () => {
    for (const [name, command] of Object.entries(manifest.scripts))
      assert.match(command, /^(exec )?[\w ./:-]+( && [\w ./:-]+)*$/, name);
    assert.match(text("exec.cmd"), /\n@%\*\s*$/);
  });

  it("names every node that has a folder, each by the name of its folder", () => {
    const folders = readdirSync(join(projectRoot, "nodes")).filter((name) => name !== "shared");
    assert.deepEqual(nodes.map(({ short }) => short).sort(), folders.sort());
    for (const { file, short } of nodes) assert.equal(file, `dist/nodes/${short}/${short}.js`);
  });

  it("has an example flow for every node", () => {
    const examples = readdirSync(join(projectRoot, "examples")).filter((name) => name.endsWith(".json"));
    const types = examples.flatMap((name) =>
      (JSON.parse(text(`examples/${name}`)) as FlowNode[]).map(({ type }) => type),
    );
    for (const { type } of nodes) assert.ok(types.includes(type), type);
  });

  for (const { short } of nodes) {
    for (const language of LANGUAGES) {
      it(`has texts and help of ${short} in ${language}`, () => {
        assert.ok(isThere(`locales/${language}/${short}.json`), "texts");
        assert.match(text(`locales/${language}/${short}.html`), /data-help-name="teamviewer-iot-/);
      });
    }
  }
});
