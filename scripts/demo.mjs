// npm run demo: a simulated agent and a real Node-RED with the flow of demo/ in it, until Ctrl-C. Both keep what they
// need in one temporary folder, which goes when they end.
//   --port N  --agent-port N  --agent-registration-port N     where they listen; 0: any free port
import { mkdtempSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { agentEnvironment, startAgent } from "./shared/agent.mjs";
import { layUserDirectory, startNodeRed } from "./shared/node-red.mjs";
import { prepare } from "./shared/prepare.mjs";
import { projectRoot } from "./shared/project.mjs";

const OPTIONS = { port: 1880, "agent-port": 18884, "agent-registration-port": 18883 };
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
  const ports = readPorts();
  for (const [option, port] of Object.entries(ports)) await checkFree(option, port);
  await prepare();

  const agent = await keep(
    startAgent({
      directory: join(directory, "agent"),
      port: ports["agent-port"],
      registrationPort: ports["agent-registration-port"],
    }),
  );
  const userDirectory = join(directory, "node-red");
  mkdirSync(userDirectory);
  layUserDirectory(userDirectory, JSON.parse(readFileSync(join(projectRoot, "demo/flow.json"), "utf8")));
  const env = agentEnvironment(agent.ready);
  const nodeRed = await keep(startNodeRed({ userDirectory, port: ports.port, env }));

  announce({ editor: nodeRed.ready, dashboard: nodeRed.ready + DASHBOARD_PAGE, agent: agent.ready });
  await Promise.race([asked, complain("The agent", agent), complain("Node-RED", nodeRed)]);
  console.log("Ending …");
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

function announce(addresses) {
  const { editor, dashboard, agent } = addresses;
  console.log(`
A factory line is running: three machines push their values to a simulated agent.

  The line     ${dashboard}
  Its flow     ${editor}
  The agent    localhost:${agent.port}, registration on ${agent.registrationPort}, authority in
               ${agent.ca}

Ctrl-C ends it and leaves nothing behind.
`);
  console.log(`ready ${JSON.stringify(addresses)}`);
}

/** Resolves never: that a program ends is an error here. */
async function complain(name, program) {
  await program.ended;
  throw new Error(`${name} has ended by itself:\n${program.output()}`);
}

function readPorts() {
  const options = Object.fromEntries(Object.keys(OPTIONS).map((name) => [name, { type: "string" }]));
  const { values } = parseArgs({ options });
  return Object.fromEntries(
    Object.entries(OPTIONS).map(([name, usual]) => {
      const port = Number(values[name] ?? usual);
      if (Number.isInteger(port) && port >= 0 && port <= HIGHEST_PORT) return [name, port];
      throw new Error(`--${name} ${values[name]}: a port is a number from 0 (any) to ${HIGHEST_PORT}.`);
    }),
  );
}

function checkFree(option, port) {
  const sentence = `Port ${port} is in use. End what uses it, or choose another: npm run demo -- --${option} 0`;
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", ({ code, message }) => reject(new Error(code === "EADDRINUSE" ? sentence : message)));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(undefined)));
  });
}
