/** A gateway: a checkout of the fleet's repository, a Mosquitto and a Node-RED, set up as docs/fleet.md says. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { name as packageName } from "../../../package.json";
import { startProgram } from "../../../scripts/shared/program.mjs";
import { projectRoot } from "../../../scripts/shared/project.mjs";
import { freePorts } from "../../support/ports";
import { environmentOf, filledIn, read } from "./files";
import type { Repository } from "./repository";

const run = promisify(execFile);
const NODE_RED = join(projectRoot, "node_modules/node-red/red.js");

type Program<Ready> = Awaited<ReturnType<typeof startProgram<Ready>>>;

export class Gateway {
  private constructor(
    readonly name: string,
    private readonly directory: string,
    private readonly env: Record<string, string>,
    private readonly mosquitto: Program<true>,
    private readonly nodeRed: Program<URL>,
  ) {}

  /** `env`: what is not as in docs/fleet/gateway/gateway.env. */
  static async start(repository: Repository, name: string, others: Record<string, string>): Promise<Gateway> {
    const directory = await mkdtemp(join(tmpdir(), `tviot-${name}-`));
    const checkout = join(directory, "fleet");
    await repository.clone(checkout);
    const [port = 0] = await freePorts(1);
    const env = {
      ...environmentOf("gateway/gateway.env"),
      GATEWAY_NAME: name,
      LOCAL_BROKER: `mqtt://localhost:${port}`,
      ...others,
    };
    const mosquitto = await startMosquitto(directory, port, env);
    try {
      return new Gateway(name, directory, env, mosquitto, await startNodeRed(checkout, env));
    } catch (error) {
      await mosquitto.kill();
      throw error;
    }
  }

  /** Of Node-RED: host and port. */
  get address(): string {
    return this.nodeRed.ready.host;
  }

  /** The address of its Mosquitto. */
  get broker(): string {
    return this.env.LOCAL_BROKER ?? "";
  }

  /** Runs what the timer runs. */
  async update(): Promise<void> {
    const env = { ...process.env, ...this.env, GATEWAY_URL: `https://${this.address}` };
    await run("sh", [join(this.directory, "fleet/update.sh")], { env });
  }

  log(): string {
    return this.nodeRed.output();
  }

  /** The private keys and certificates that it keeps. */
  async identities(): Promise<string[]> {
    const folder = join(this.directory, "fleet/teamviewer-iot");
    const files = await readdir(folder, { recursive: true });
    const kept = files.filter((file) => file.endsWith("identity.pem"));
    return Promise.all(kept.map((file) => readFile(join(folder, file), "utf8")));
  }

  /** What git would take for a change of the gateway's own. */
  async changes(): Promise<string> {
    const { stdout } = await run("git", ["-C", join(this.directory, "fleet"), "status", "--porcelain"]);
    return stdout;
  }

  async stop(): Promise<void> {
    await Promise.all([this.nodeRed.kill(), this.mosquitto.kill()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** As Debian's package has it: a file of its own, which includes ours. */
async function startMosquitto(
  directory: string,
  port: number,
  env: Record<string, string>,
): Promise<Program<true>> {
  const folder = join(directory, "mosquitto");
  await mkdir(join(folder, "conf.d"), { recursive: true });
  const ours = filledIn(read("gateway/mosquitto-fleet.conf"), env).replace(
    "listener 1883",
    `listener ${port}`,
  );
  await writeFile(join(folder, "conf.d/fleet.conf"), ours);
  const lines = ["user root", "persistence true", `persistence_location ${folder}/`];
  await writeFile(
    join(folder, "mosquitto.conf"),
    [...lines, `include_dir ${join(folder, "conf.d")}`, ""].join("\n"),
  );
  return startProgram(["mosquitto", "-c", join(folder, "mosquitto.conf")], {
    readyIn: (line) => (line.endsWith("running") ? (true as const) : undefined),
  });
}

/** What `npm ci` would install is this working tree. */
async function startNodeRed(checkout: string, env: Record<string, string>): Promise<Program<URL>> {
  const link = join(checkout, "node_modules", packageName);
  await mkdir(dirname(link), { recursive: true });
  await symlink(projectRoot, link, "junction");
  const address = ["--port", "0", "-D", "uiHost=127.0.0.1"];
  let url: URL | undefined;
  return startProgram([process.execPath, NODE_RED, "--userDir", checkout, ...address], {
    cwd: checkout,
    env: { ...env, LANG: "C" },
    readyIn: (line) => {
      const [found] = /https:\/\/[\d.:]+/.exec(line) ?? [];
      if (found !== undefined) url = new URL(found);
      return line.includes("Started flows") ? url : undefined;
    },
  });
}
