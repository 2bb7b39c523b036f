// A real Node-RED as a program of its own, in a folder of its own, that asks nothing of the internet.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "./project.mjs";
import { startProgram } from "./program.mjs";

const PACKAGE = "@tviot/node-red-teamviewer-iot";

/** Nothing that asks a question at the first start, and nothing that calls home. */
const SETTINGS = {
  uiHost: "127.0.0.1",
  flowFile: "flows.json",
  credentialSecret: "only for trying things",
  lang: "en-US",
  telemetry: { enabled: false, updateNotification: false },
  externalModules: { palette: { allowInstall: false } },
  editorTheme: { tours: false, palette: { catalogues: [] }, projects: { enabled: false } },
};

/** The Node-RED of the development dependencies, with the Node.js that runs this. */
const OWN = [process.execPath, join(projectRoot, "node_modules/node-red/red.js")];

/**
 * Makes a user folder whose Node-RED has this working tree as an installed package.
 * @param {string} userDirectory
 * @param {object[]} flow
 */
export function layUserDirectory(userDirectory, flow) {
  const link = join(userDirectory, "node_modules", PACKAGE);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(projectRoot, link, "junction");
  writeFileSync(join(userDirectory, "package.json"), JSON.stringify({ dependencies: { [PACKAGE]: "*" } }));
  writeFileSync(join(userDirectory, "flows.json"), JSON.stringify(flow));
}

/**
 * Starts Node-RED and resolves when its editor answers; `ready` is the editor's address.
 * @param {{ userDirectory: string, port?: number, command?: string[], env?: Record<string, string>, echo?: boolean, settings?: string, readyIn?: (line: string) => string | undefined }}
 * options command: another Node.js and Node-RED; port 0: any; settings: more lines of the settings file; readyIn: for
 * one that has no editor
 */
export async function startNodeRed({
  userDirectory,
  port = 0,
  command = OWN,
  env,
  echo,
  settings: more = "",
  readyIn = (line) => /http:\/\/127\.0\.0\.1:\d+\//.exec(line)?.[0],
}) {
  const settings = join(userDirectory, "settings.js");
  writeFileSync(settings, `module.exports = ${JSON.stringify(SETTINGS, null, 2)};\n${more}\n`);
  return startProgram(
    [...command, "--settings", settings, "--userDir", userDirectory, "--port", String(port)],
    {
      readyIn,
      cwd: userDirectory,
      env,
      echo,
    },
  );
}
