/** Who imports whom goes one way, inside a layer too: no file needs itself to be understood. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join, posix, sep } from "node:path";
import ts from "typescript";
import { projectRoot } from "../../scripts/shared/project.mjs";

type Imports = ReadonlyMap<string, readonly string[]>;

/** Each source with the sources that it imports, types too. */
function readImports(): Imports {
  const files = ["src", "nodes", "explorer"].flatMap((folder) =>
    readdirSync(join(projectRoot, folder), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => posix.join(folder, ...file.split(sep))),
  );
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(projectRoot, file), "utf8"));
      const named = importedFiles
        .filter(({ fileName }) => fileName.startsWith("."))
        .map(({ fileName }) => posix.join(posix.dirname(file), fileName).replace(/\.js$/, ""));
      return [file, named.map((path) => `${path}.ts`).filter((path) => files.includes(path))];
    }),
  );
}

/** The first way from a file back to itself. */
function findCircle(imports: Imports): string[] | undefined {
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): string[] | undefined => {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const imported of imports.get(file) ?? []) {
      const circle = walk(imported, [...way, file]);
      if (circle !== undefined) return circle;
    }
    done.add(file);
    return undefined;
  };
  for (const file of imports.keys()) {
    const circle = walk(file, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

describe("The imports of the sources", () => {
  it("make no circle, not even of types", () => {
    const imports = readImports();
    assert.ok([...imports.values()].flat().length > 200);
    assert.deepEqual(findCircle(imports), undefined);
  });

  it("would be found to make one", () => {
    const circle = new Map([
      ["a", ["b", "c"]],
      ["b", []],
      ["c", ["d"]],
      ["d", ["b", "c"]],
    ]);
    assert.deepEqual(findCircle(circle), ["c", "d", "c"]);
  });
});
