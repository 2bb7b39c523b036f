// How long each test file took when it ran last: of this working tree (.tmp, which git ignores), else of the table that
// is committed. They only say what runs beside what; a wrong one costs time and nothing else.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "./project.mjs";

const COMMITTED = join(projectRoot, "test/durations.json");
const OWN = join(projectRoot, ".tmp/durations.json");

/** @returns {Record<string, number>} seconds by file */
export function readDurations() {
  return { ...committedDurations(), ...read(OWN) };
}

/** The same for everybody, however busy a machine was. */
export function committedDurations() {
  return read(COMMITTED);
}

/** @param {Readonly<Record<string, number>>} durations of the files that ran */
export function keepDurations(durations) {
  const rounded = Object.entries({ ...read(OWN), ...durations }).map(([file, seconds]) => [
    file,
    Math.ceil(seconds),
  ]);
  mkdirSync(join(projectRoot, ".tmp"), { recursive: true });
  writeFileSync(OWN, `${JSON.stringify(Object.fromEntries(rounded.sort()), null, 2)}\n`);
}

function read(file) {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return {}; // Nobody has measured, or something broke it: it is written anew.
  }
}
