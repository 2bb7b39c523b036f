#!/usr/bin/env node
/** The command `teamviewer-iot-simulator`. */
import { homedir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { inEnglish, IotError } from "../protocol/errors";
import { cleanText } from "../protocol/text";
import { FAULTS, readFault, startSimulator, type BrokerName, type Faults, type Simulator } from "./index";

const USAGE = `Usage: teamviewer-iot-simulator [options]

A simulated TeamViewer IoT Agent: both TLS ports, its own authority, the whole API.

  --directory DIR            where authority and state are kept (default: ~/.teamviewer-iot-simulator)
  --host HOST                address to listen on (default: localhost)
  --port PORT                for registered clients, 0 = any free port (default: 18884)
  --registration-port PORT   for registering, 0 = any free port (default: 18883)
  --broker BROKER            embedded or mosquitto (default: embedded)
  --fault NAME=VALUE         switches a fault on; can be given several times
  --help                     shows this text

When it accepts connections it says so to a person on standard error, and to a script in its one line on standard
output: ready {"port":…,"registrationPort":…,"ca":"…"}
Faults can be changed while it runs by writing them as JSON into DIR/faults.json. They are:

${Object.entries(FAULTS)
  .map(([name, { allowed, off }]) => `  ${name.padEnd(20)} ${inEnglish(allowed).allowed}; default ${off}`)
  .join("\n")}
`;

const BROKERS: readonly string[] = ["embedded", "mosquitto"] satisfies BrokerName[];

class UsageError extends Error {}

function readPort(name: string, text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--${name} is "${text}"; allowed is a port from 0 to 65535.`);
}

function readArguments(args: string[]) {
  const { values } = parseArgs({
    args,
    options: {
      directory: { type: "string", default: join(homedir(), ".teamviewer-iot-simulator") },
      host: { type: "string", default: "localhost" },
      port: { type: "string", default: "18884" },
      "registration-port": { type: "string", default: "18883" },
      broker: { type: "string", default: "embedded" },
      fault: { type: "string", multiple: true, default: [] },
      help: { type: "boolean", default: false },
    },
  });
  if (!BROKERS.includes(values.broker)) {
    throw new UsageError(`--broker is "${values.broker}"; allowed: ${BROKERS.join(", ")}.`);
  }
  return {
    help: values.help,
    directory: values.directory,
    host: values.host,
    port: readPort("port", values.port),
    registrationPort: readPort("registration-port", values["registration-port"]),
    broker: values.broker as BrokerName,
    faults: Object.assign({}, ...values.fault.map(readFault)) as Partial<Faults>,
  };
}

async function main(): Promise<void> {
  const { help, ...options } = readArguments(process.argv.slice(2));
  if (help) {
    process.stdout.write(USAGE);
    return;
  }
  // A signal that comes while it still starts ends it as soon as it has started.
  const ended = new Promise<void>((resolve) => {
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  const simulator = await startSimulator(options);
  simulator.on("problem", complain);
  const failed = new Promise<void>((resolve) => {
    simulator.on("ended", (error) => {
      complain(error);
      process.exitCode = 1;
      resolve();
    });
  });
  process.stderr.write(greeting(simulator));
  const { port, registrationPort, ca } = simulator;
  process.stdout.write(`ready ${JSON.stringify({ port, registrationPort, ca })}\n`);
  await Promise.race([ended, failed]);
  await simulator.stop();
}

/** What a person wants to know, and a first line to try in another terminal. */
function greeting({ host, port, registrationPort, ca, exposed }: Simulator): string {
  const reach = ["0.0.0.0", "::"].includes(host) ? "localhost" : host;
  const lines = [
    "A TeamViewer IoT Agent is simulated here; Ctrl-C ends it.",
    `  ${reach}:${port}  for registered clients`,
    `  ${reach}:${registrationPort}  for registering`,
    `  ${ca}  is its authority (CA)`,
    "To try it, watch the certificates that it hands out:",
    `  mosquitto_sub -h ${reach} -p ${registrationPort} --cafile ${quoted(ca)} -t '/certBack/#' -v`,
  ];
  if (exposed.length > 0) {
    const details = { addresses: exposed.join(", ") };
    lines.push(`Warning: ${new IotError("SimulatorFailed", { reason: "exposed", details }).message}`);
  }
  return `${lines.join("\n")}\n`;
}

/** A path for a shell. */
const quoted = (path: string) =>
  /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;

function complain(error: unknown): void {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${cleanText(message)}\n`);
}

main().catch((error: unknown) => {
  complain(error);
  process.exitCode = 1;
});
