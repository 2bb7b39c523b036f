/** A real Mosquitto with TLS and client certificates, which is what the agent's broker is. */
import { spawn, type ChildProcess } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { freePort } from "../ports";
import type { Authority, Issued } from "./authority";

export class Mosquitto {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly configuration: string,
  ) {}

  static async start(authority: Authority, lines: string[] = [], issued?: Issued): Promise<Mosquitto> {
    const server = issued ?? (await authority.issue("localhost", { names: "DNS:localhost" }));
    const port = await freePort();
    const configuration = join(authority.directory, `mosquitto-${port}.conf`);
    const text = [
      "user root",
      `listener ${port} localhost`,
      "allow_anonymous true",
      `cafile ${authority.certificateFile}`,
      `certfile ${server.certificateFile}`,
      `keyfile ${server.keyFile}`,
      "require_certificate true",
      ...lines,
    ];
    await writeFile(configuration, text.join("\n"));
    const broker = new Mosquitto(port, configuration);
    await broker.start();
    return broker;
  }

  async start(): Promise<void> {
    this.child = spawn("mosquitto", ["-c", this.configuration], { stdio: "ignore" });
    while (!(await accepts(this.port))) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "localhost", port });
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
