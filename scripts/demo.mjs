// npm run demo: a real Node-RED with the flow of demo/ in it, which has a simulated agent, until Ctrl-C. Both keep what they
// need in one temporary folder, which goes when they end.
//   --port N  --agent-port N  --agent-registration-port N     where they listen; 0: any free port
//   --language de     of the flow, its dashboard and Node-RED; else the one of the environment (LANG)
import { mkdtempSync, mkdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { agentEnvironment, agentOf, demoFlow, demoSettings, languageOf, textsOf } from "./shared/demo.mjs";
import { layUserDirectory, startNodeRed } from "./shared/node-red.mjs";
import { freePort } from "./shared/ports.mjs";
import { prepare } from "./shared/prepare.mjs";

const PORTS = { port: 1880, "agent-port": 18884, "agent-registration-port": 18883 };
const LOOK_MS = 200;
const HIGHEST_PORT = 65_535;
const DASHBOARD_PAGE = "dashboard/line";

const asked = new Promise((resolve) => {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => resolve(undefined));
});
const running = [];
const directory = mkdtempSync(join(tmpdir(), "teamviewer-iot-demo-"));
try {
  await demonstrate();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await Promise.all(running.map(({ stop }) => stop()));
  rmSync(directory, { recursive: true, force: true });
}

async function demonstrate() {
  const { values } = parseArgs({ options: optionsOf([...Object.keys(PORTS), "language"]) });
  const language = languageOf(values.language, process.env);
  const ports = await findPorts(values);
  await prepare();

  const userDirectory = join(directory, "node-red");
  mkdirSync(userDirectory);
  layUserDirectory(userDirectory, demoFlow(language));
  const agent = agentOf(ports, userDirectory);
  const nodeRed = await keep(
    startNodeRed({
      userDirectory,
      port: ports.port,
      env: agentEnvironment(agent),
      settings: demoSettings(language),
    }),
  );

  const texts = textsOf(language);
  const dashboard = nodeRed.ready + DASHBOARD_PAGE;
  await Promise.race([served(dashboard), asked, complain("Node-RED", nodeRed)]);
  announce({ editor: nodeRed.ready, dashboard, agent }, texts);
  await Promise.race([asked, complain("Node-RED", nodeRed)]);
  console.log(texts["console.ending"]);
}

/** Whatever has started is ended, also when Ctrl-C comes before all have. */
async function keep(starting) {
  const started = await Promise.race([starting, asked]);
  if (started !== undefined) {
    running.push(started);
    return started;
  }
  running.push(await starting);
  throw new Error("Ended before it was ready.");
}

function announce(addresses, texts) {
  const { editor, dashboard, agent } = addresses;
  const say = (key) => texts[`console.${key}`];
  console.log(`
${say("running")}

  ${say("dashboard")}: ${dashboard}
  ${say("editor")}: ${editor}
  ${say("agent")}: localhost:${agent.port}, ${say("registration").replace("{port}", agent.registrationPort)}
  ${agent.ca}

${say("next")}
${say("end")}
`);
  console.log(`ready ${JSON.stringify(addresses)}`);
}

/** The dashboard comes with the flows, which start after the editor answers. */
async function served(address) {
  while (!(await fetch(address)).ok) await wait(LOOK_MS);
}

/** Resolves never: that a program ends is an error here. */
async function complain(name, program) {
  await program.ended;
  throw new Error(`${name} has ended by itself:\n${program.output()}`);
}

/** The ports that were asked for, all of them free; for 0 any that is. */
async function findPorts(values) {
  const found = {};
  for (const [option, usual] of Object.entries(PORTS)) {
    const port = Number(values[option] ?? usual);
    if (!Number.isInteger(port) || port < 0 || port > HIGHEST_PORT)
      throw new Error(`--${option} ${values[option]}: a port is a number from 0 (any) to ${HIGHEST_PORT}.`);
    found[option] = await freePort(port).catch(({ code, message }) => {
      throw new Error(code === "EADDRINUSE" ? inUse(option, port) : message);
    });
  }
  return found;
}

function inUse(option, port) {
  return `Port ${port} is in use. End what uses it, or choose another: npm run demo -- --${option} 0`;
}

function optionsOf(names) {
  return Object.fromEntries(names.map((name) => [name, { type: "string" }]));
}
