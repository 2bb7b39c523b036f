// npm run dev: the demo's Node-RED with its simulated agent, built and started again whenever a source changes. Flows, the
// agent's state and the identity are kept in .tmp/dev between the starts; delete it to begin anew.
import { existsSync, mkdirSync, watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { agentEnvironment, demoFlow, demoSettings, languageOf } from "./shared/demo.mjs";
import { layUserDirectory, startNodeRed } from "./shared/node-red.mjs";
import { freePort } from "./shared/ports.mjs";
import { buildPackage, installPackages } from "./shared/prepare.mjs";
import { projectRoot } from "./shared/project.mjs";

const SOURCES = ["src", "nodes", "explorer", "locales", "icons"];
const PORT = 1880;
/** An editor writes several files, or one in several steps. */
const SETTLE_MS = 300;

const language = languageOf(undefined, process.env);
const home = join(projectRoot, ".tmp/dev");
const userDirectory = join(home, "node-red");
let running = [];
let ending = false;
let wake;

for (const source of SOURCES) watch(join(projectRoot, source), { recursive: true }, () => wake?.());
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    ending = true;
    wake?.();
  });
}

await installPackages();
layHome();
while (!ending) {
  const change = new Promise((resolve) => (wake = resolve));
  await start().catch((error) => console.error(error.message));
  await change;
  await wait(SETTLE_MS);
  await stop();
}
process.exit();

function layHome() {
  if (existsSync(userDirectory)) return;
  mkdirSync(userDirectory, { recursive: true });
  layUserDirectory(userDirectory, demoFlow(language));
}

async function start() {
  await buildPackage();
  const agent = { port: await freePort(), registrationPort: await freePort() };
  const nodeRed = await startNodeRed({
    userDirectory,
    port: PORT,
    env: agentEnvironment(agent),
    settings: demoSettings(language),
    echo: true,
  });
  running.push(nodeRed);
  console.log(`Node-RED is at ${nodeRed.ready}, the agent at port ${agent.port}. Waiting for changes …`);
}

async function stop() {
  const programs = running;
  running = [];
  await Promise.all(programs.map((program) => program.stop()));
}
