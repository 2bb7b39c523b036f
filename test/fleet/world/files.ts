/** The files of docs/fleet, as a person copies them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../../../scripts/shared/project.mjs";

export const FLEET = join(projectRoot, "docs/fleet");

export const read = (file: string): string => readFileSync(join(FLEET, file), "utf8");

/** The variables of an EnvironmentFile of systemd. */
export function environmentOf(file: string): Record<string, string> {
  const lines = read(file).matchAll(/^(\w+)=(.*)$/gm);
  return Object.fromEntries(
    [...lines].map(([, name = "", value = ""]) => [name, value.replace(/^"(.*)"$/, "$1")]),
  );
}

/** What envsubst makes of a text. */
export function filledIn(text: string, variables: Record<string, string>): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => variables[name] ?? whole);
}
