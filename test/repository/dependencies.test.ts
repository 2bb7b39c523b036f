/** What comes from others: each version fixed by its checksum, from the registry and nowhere else, with a licence that fits. */
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../scripts/shared/project.mjs";

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  license?: string;
  dev?: boolean;
  link?: boolean;
  /** It lies inside the package that needs it, whose checksum covers it. */
  inBundle?: boolean;
}

/** Whoever ships these with a product owes no more than to name them. */
const FREE: ReadonlySet<string> = new Set([
  "0BSD",
  "Apache-2.0",
  "BlueOak-1.0.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "ISC",
  "MIT",
]);
const VERSION = /^\d+\.\d+\.\d+(-[\w.]+)?$/;
/** A range, perhaps of a package under another name; no URL, no folder, no repository. */
const RANGE = /^(npm:(@[\w.-]+\/)?[\w.-]+@)?[\^~<>=\d.\s|x*-]+[\w.-]*$/;

const FOLDERS = [
  "",
  ...readdirSync(join(projectRoot, "test/runtimes")).map((name) => `test/runtimes/${name}`),
];
const read = (file: string): unknown => JSON.parse(readFileSync(join(projectRoot, file), "utf8"));
const locked = (folder: string): [path: string, locked: Locked][] =>
  Object.entries(
    (read(join(folder, "package-lock.json")) as { packages: Record<string, Locked> }).packages,
  ).filter(([path]) => path !== "");

describe("The dependencies", () => {
  for (const folder of FOLDERS) {
    const place = folder || "the project";

    it(`of ${place} come from the registry: no URL, no repository, no folder, no host`, () => {
      for (const [path, { version = "", resolved, link }] of locked(folder)) {
        assert.deepEqual({ resolved, link }, { resolved: undefined, link: undefined }, path);
        assert.match(version, VERSION, path);
      }
      const manifest = read(join(folder, "package.json")) as Record<
        string,
        Record<string, string> | undefined
      >;
      for (const kind of ["dependencies", "devDependencies", "optionalDependencies", "overrides"]) {
        for (const [name, range] of Object.entries(manifest[kind] ?? {})) assert.match(range, RANGE, name);
      }
    });

    it(`of ${place} are fixed by a checksum`, () => {
      for (const [path, { integrity, inBundle = false }] of locked(folder)) {
        assert.ok(inBundle || integrity?.startsWith("sha512-"), path);
      }
    });
  }

  it("that ship with the package, or are installed with it, have a licence that asks for no more than naming them", () => {
    const shipped = locked("").filter(([, { dev = false }]) => !dev);
    assert.ok(shipped.length > 2);
    const others = shipped.filter(([, { license = "none" }]) => !isFree(license));
    assert.deepEqual(
      others.map(([path, { license }]) => `${path}: ${license}`),
      [],
    );
  });
});

/** One of several, as the package leaves to choose, is enough. */
function isFree(license: string): boolean {
  return license
    .replace(/^\(|\)$/g, "")
    .split(" OR ")
    .some((name) => FREE.has(name));
}
