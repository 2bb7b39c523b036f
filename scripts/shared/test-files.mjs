// The files of tests, as paths from the project's root.
import { readdirSync } from "node:fs";
import { join, sep } from "node:path";
import { projectRoot } from "./project.mjs";

/** Proves at the end of all of them that the test of each fault has run. */
export const CATALOGUE = "test/faults/catalogue.test.ts";

/** @param {RegExp} [pattern] */
export function testFiles(pattern = /./) {
  return readdirSync(join(projectRoot, "test"), { recursive: true, encoding: "utf8" })
    .map((file) => `test/${file.split(sep).join("/")}`)
    .filter((file) => file.endsWith(".test.ts") && pattern.test(file))
    .sort();
}
