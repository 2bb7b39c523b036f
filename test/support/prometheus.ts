/** A real Prometheus that scrapes one address, and its promtool. */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freePort } from "./ports";
import { until } from "./waits";

/** What `promtool check metrics` has to say of a text; nothing is good. */
export function complaints(text: string): string {
  const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
    input: text,
    encoding: "utf8",
  });
  return status === 0 ? "" : `${stdout}${stderr}`;
}

export class Prometheus {
  private constructor(
    private readonly folder: string,
    private readonly child: ChildProcess,
    private readonly url: string,
  ) {}

  /** `token`: what it shows to whom it asks. */
  static async start(target: URL, token: string): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), "tviot-prometheus-"));
    const configuration = {
      global: { scrape_interval: "1s" },
      scrape_configs: [
        {
          job_name: "node-red",
          metrics_path: target.pathname,
          authorization: { credentials: token },
          static_configs: [{ targets: [target.host] }],
        },
      ],
    };
    // JSON is YAML.
    await writeFile(join(folder, "prometheus.yml"), JSON.stringify(configuration));
    return Prometheus.startWith(join(folder, "prometheus.yml"));
  }

  /** `configuration`: its file, whose folder is its own. */
  static async startWith(configuration: string): Promise<Prometheus> {
    const folder = dirname(configuration);
    const port = await freePort();
    const child = spawn(
      "prometheus",
      [
        `--config.file=${configuration}`,
        `--storage.tsdb.path=${join(folder, "data")}`,
        `--web.listen-address=127.0.0.1:${port}`,
      ],
      { stdio: "ignore" },
    );
    return new Prometheus(folder, child, `http://127.0.0.1:${port}`);
  }

  /** The one number that an expression has, as soon as it has one. */
  async value(expression: string): Promise<number> {
    const address = `${this.url}/api/v1/query?query=${encodeURIComponent(expression)}`;
    const [, text] = await until(expression, async () => {
      const response = await fetch(address).catch(() => undefined);
      const answer = (await response?.json().catch(() => undefined)) as Answer | undefined;
      return answer?.data?.result[0]?.value;
    });
    return Number(text);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, "exit");
    this.child.kill();
    await ended;
    await rm(this.folder, { recursive: true, force: true });
  }
}

interface Answer {
  data?: { result: { value: [time: number, text: string] }[] };
}
