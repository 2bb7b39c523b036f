// The simulated agent as a program of its own, as a person would start it.
import { join } from "node:path";
import { projectRoot } from "./project.mjs";
import { readyLine, startProgram } from "./program.mjs";

/**
 * @param {{ directory: string, port?: number, registrationPort?: number }} options ports 0: any
 * @returns {Promise<import("./program.mjs").Running<{ port: number, registrationPort: number, ca: string }>>}
 */
export function startAgent({ directory, port = 0, registrationPort = 0 }) {
  const options = { directory, port, "registration-port": registrationPort };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return startProgram([process.execPath, join(projectRoot, "dist/src/simulator/cli.js"), ...args], {
    readyIn: readyLine,
  });
}

/**
 * How the flow of the demo, which names its agent by environment variables, finds this one.
 * @param {{ port: number, registrationPort: number, ca: string }} agent
 */
export function agentEnvironment({ port, registrationPort, ca }) {
  return { AGENT_PORT: String(port), AGENT_REGISTRATION_PORT: String(registrationPort), AGENT_CA: ca };
}
