/** The fleet's repository: where it is developed, and where the gateways pull from. */
import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const SOMEBODY = ["-c", "user.name=Fleet", "-c", "user.email=fleet@plant.example"];

export class Repository {
  private constructor(
    private readonly shared: string,
    private readonly work: string,
  ) {}

  /** `files`: the folder that it begins with. */
  static async make(directory: string, files: string): Promise<Repository> {
    const repository = new Repository(join(directory, "fleet.git"), join(directory, "work"));
    const { shared, work } = repository;
    await run("git", ["init", "--quiet", "--bare", "--initial-branch=main", shared]);
    await cp(files, work, { recursive: true });
    await run("git", ["-C", work, "init", "--quiet", "--initial-branch=main"]);
    await run("git", ["-C", work, "remote", "add", "origin", shared]);
    await repository.push("Our gateways");
    return repository;
  }

  /** What a gateway begins with. */
  async clone(checkout: string): Promise<void> {
    await run("git", ["clone", "--quiet", this.shared, checkout]);
    const { stdout: commit } = await run("git", ["-C", checkout, "rev-parse", "HEAD"]);
    await writeFile(join(checkout, ".deployed"), commit);
  }

  /** Changes a file, which may be new, for all gateways. */
  async change(file: string, change: (text: string) => string): Promise<void> {
    const path = join(this.work, file);
    await writeFile(path, change(await readFile(path, "utf8").catch(() => "")));
    await this.push(`Change ${file}`);
  }

  private async push(message: string): Promise<void> {
    const { work } = this;
    await run("git", ["-C", work, "add", "--all"]);
    await run("git", ["-C", work, ...SOMEBODY, "commit", "--quiet", "--message", message]);
    await run("git", ["-C", work, "push", "--quiet", "origin", "main"]);
  }
}
