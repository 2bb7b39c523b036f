/** What a document may tell people to type: scripts, commands and options that there are. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { bin, name, scripts } from "../../package.json";
import { projectRoot } from "../../scripts/shared/project.mjs";

type Scripts = Record<string, string>;

/** Programs that are not ours, whose lines are tried elsewhere or are no more than a file copied. */
const OTHERS = /^(npm (install|test)\b|tar |node node-red|openssl |mosquitto_(sub|pub) |echo )/;

/** What is wrong with a line of a shell. */
export function commandProblem(line: string): string | undefined {
  const command = line.replace(/\s+#.*$/, "").trim();
  const [, script, given = ""] = /^npm run ([\w:-]+)(?: -- (.*))?$/.exec(command) ?? [];
  if (script !== undefined) return scriptProblem(script, given);
  const [, program, args = ""] = new RegExp(`^npx -p ${name} ([\\w-]+)(.*)$`).exec(command) ?? [];
  if (program !== undefined) return programProblem(program, args);
  if (
    command.startsWith("npm install ") &&
    !/ (--prefix node-red node-red@\d|--offline \.\/|@tviot\/)/.test(command)
  )
    return "installs something else";
  return OTHERS.test(command) ? undefined : "no command that is known here";
}

function scriptProblem(script: string, given: string): string | undefined {
  const command = (scripts as Scripts)[script];
  if (command === undefined) return "no such script";
  const [file] = /scripts\/[\w-]+\.mjs/.exec(command) ?? [];
  return file === undefined ? undefined : unknownOption(given, readFileSync(join(projectRoot, file), "utf8"));
}

function programProblem(program: string, args: string): string | undefined {
  const file = (bin as Scripts)[program]?.replace(/^dist\/(.*)\.js$/, "$1.ts");
  if (file === undefined || !existsSync(join(projectRoot, file))) return "no such command";
  const source = readFileSync(join(projectRoot, file), "utf8");
  const [, verb] = /^ ([a-z]+)\b/.exec(args) ?? [];
  if (verb !== undefined && !source.includes(`${program} ${verb}`)) return `no such action: ${verb}`;
  return unknownOption(args, source);
}

/** An option is declared by its name, in quotes where that has a dash. */
function unknownOption(args: string, source: string): string | undefined {
  const options = [...args.matchAll(/--([\w-]+)/g)].map(([, option]) => option!);
  return options.find((option) => !new RegExp(`(^|[\\s{"'])${option}["']?: |--${option} `, "m").test(source));
}
